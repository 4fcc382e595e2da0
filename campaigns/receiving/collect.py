"""Reads the mailboxes that are due, and makes of each message what it means, once.

What a message changes and how far the folder has been read are written together: a connection that drops, or a
worker that is killed, loses nothing and counts nothing twice.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from campaigns.changes import account_settings, accounts, incoming
from campaigns.models import EmailAccount, MailFolder
from campaigns.receiving import folders
from campaigns.receiving.mailbox import FolderUnavailable, Mailbox, MailboxAuthenticationFailed, MailboxError
from fluenzr_site.core import clock, leases, outbound
from fluenzr_site.core.database import retried
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

log = logging.getLogger("fluenzr.receiving")

EVERY: Final = timedelta(seconds=60)
AFTER_FAILURE: Final = timedelta(minutes=5)
AFTER_REFUSAL: Final = timedelta(minutes=30)
LEASE_SECONDS: Final = 600
AT_A_TIME: Final = 100
MOST_BYTES: Final = 2 * 2**20


def read_due(now: datetime | None = None, *, sandbox: Workspace | None = None) -> bool:
    """Read on in the folder that has been due longest, or in those of a sandbox alone; whether there was one."""
    now = now or clock.now()
    rows = MailFolder.objects.select_related("account__workspace")
    rows = rows.filter(account__workspace=sandbox) if sandbox else rows.filter(account__workspace__is_sandbox=False)
    folder = leases.claim(rows, seconds=LEASE_SECONDS, now=now)
    if folder is None:
        return False
    due_at: datetime | None
    try:
        due_at, error = now + _read(folder, now), ""
        account_settings.was_read(folder.account, now)
    except (MailboxAuthenticationFailed, CannotDecrypt) as refused:
        due_at, error = now + AFTER_REFUSAL, str(refused)
    except FolderUnavailable as gone:
        # There is always an inbox. Another folder is read again once it is listed again.
        due_at, error = (now + AFTER_FAILURE if folder.role == MailFolder.Role.INBOX else None), str(gone)
    except MailboxError as failed:
        due_at, error = now + AFTER_FAILURE, str(failed)
        if outbound.has_hung_up():
            # Which says nothing about the server: whoever comes next reads on.
            due_at, error = now, folder.last_error
    except leases.LeaseLost:
        log.warning("Folder %s was taken over by another worker", folder.pk)
        return True
    leases.release(folder, due_at=due_at, last_error=error[:500])
    return True


def _read(folder: MailFolder, now: datetime) -> timedelta:
    """Read up to AT_A_TIME messages; when to look again. Raises MailboxError, FolderUnavailable or LeaseLost."""
    with Mailbox(accounts.imap_server(folder.account)) as mailbox:
        state = mailbox.select(folder.name)
        if folder.uid_validity is None:
            # What was there before the account came isn't ours to judge.
            leases.hold(folder, seconds=LEASE_SECONDS, uid_validity=state.uidvalidity, last_uid=state.uidnext - 1)
        elif folder.uid_validity != state.uidvalidity:
            # Numbers mean other messages now: all are looked at again, and known by their Message-IDs.
            leases.hold(folder, seconds=LEASE_SECONDS, uid_validity=state.uidvalidity, last_uid=0)
        uids = mailbox.uids_after(folder.last_uid, AT_A_TIME)
        for uid, raw in mailbox.fetch(uids, MOST_BYTES):
            _take(folder.account, folder, uid, raw)
        if uids:
            # Those that were gone when they were fetched are behind us too.
            leases.hold(folder, seconds=LEASE_SECONDS, last_uid=max(uids))
        if folders.are_due(folder.account, now):
            _look(mailbox, folder.account, now)
        return timedelta() if len(uids) == AT_A_TIME else EVERY


def _look(mailbox: Mailbox, account: EmailAccount, now: datetime) -> None:
    """That folders can't be listed keeps none from being read."""
    try:
        folders.look(mailbox, account, now)
    except MailboxError as failed:
        log.warning("The folders of %s can't be listed: %s", account.pk, failed)


@retried
def _take(account: EmailAccount, folder: MailFolder, uid: int, raw: bytes) -> None:
    with change(account.workspace, Actor("account", account.pk)) as unit:
        incoming.take(unit, account, folder, uid, raw)
        leases.hold(folder, seconds=LEASE_SECONDS, last_uid=uid)
