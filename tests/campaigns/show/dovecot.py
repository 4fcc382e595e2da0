"""Dovecot as an IMAP server of the tests' own: configuration, mailboxes and log are in a temporary folder."""

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.waiting import free_port, wait_for

HOST: Final = "127.0.0.1"
_CONFIGURATION: Final = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  {no_chroot}
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {no_chroot}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Where it listens, and the passwords of its mailboxes by their names."""

    port: int
    folder: Path
    passwords: Mapping[str, str]

    def deliver(self, user: str, *messages: bytes) -> None:
        """Put messages into the inbox, in this order, unread."""
        with imaplib.IMAP4(HOST, self.port, timeout=30) as imap:
            imap.login(user, self.passwords[user])
            for message in messages:
                kind, said = imap.append("INBOX", "", "", message)
                assert kind == "OK", said

    def unread(self, user: str) -> int:
        """How many messages of the inbox nobody has looked at."""
        with imaplib.IMAP4(HOST, self.port, timeout=30) as imap:
            imap.login(user, self.passwords[user])
            imap.select("INBOX", readonly=True)
            return len(imap.search(None, "UNSEEN")[1][0].split())


@contextmanager
def dovecot(passwords: Mapping[str, str]) -> Iterator[Dovecot]:
    """Dovecot with these mailboxes. Fails where it isn't installed."""
    program = _program()
    # Not under pytest's own folder, which only its owner may enter: Dovecot's processes are other users'.
    with tempfile.TemporaryDirectory(prefix="fluenzr-dovecot-") as name:
        running = Dovecot(free_port(), Path(name), passwords)
        _write(running)
        process = subprocess.Popen([program, "-F", "-c", f"{name}/dovecot.conf"], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: process.poll() is not None or _listens(running.port), "Dovecot listens")
            assert process.poll() is None, f"Dovecot ended: {_log(running)}"
            yield running
        finally:
            process.terminate()
            process.wait(30)


def _program() -> str:
    # Debian keeps it where only administrators look.
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "Dovecot is missing: install the package dovecot-imapd"
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("2.3."), f"Its configuration is written for Dovecot 2.3, and this is {version}"
    return found


def _write(running: Dovecot) -> None:
    folder = running.folder
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    lines = [f"{user}:{password}" for user, password in running.passwords.items()]
    (folder / "users").write_text("\n".join([*lines, ""]))
    (folder / "dovecot.conf").write_text(_CONFIGURATION.format(folder=folder, port=running.port, **_users(folder)))


def _users(folder: Path) -> dict[str, object]:
    """As root its processes are the users that the package made, and mail is nobody's; else all are ours."""
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
        ids = {"uid": nobody.pw_uid, "gid": nobody.pw_gid}
        return {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull", "no_chroot": "", **ids}
    me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    ids = {"uid": os.getuid(), "gid": os.getgid()}
    return {"internal": me, "internal_group": group, "login": me, "no_chroot": "chroot =", **ids}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _log(running: Dovecot) -> str:
    log = running.folder / "dovecot.log"
    return log.read_text()[-2000:] if log.exists() else "it wrote no log"
