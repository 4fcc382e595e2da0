"""A new SQLite database, migrated once for all the tests that start processes of their own: migrating takes seconds."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.running import ROOT

NAME = "fluenzr.sqlite3"
OURS = ("contacts", "campaigns", "fluenzr_site")


def migrated(var: Path) -> None:
    """What ``manage.py migrate`` makes of an empty data directory."""
    var.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_template(), var / NAME)


def _template() -> Path:
    """Of these migrations; workers that make it at the same time make the same, and the last one's stays."""
    migrations = sorted(path for folder in OURS for path in (ROOT / folder).glob("**/migrations/*.py"))
    known = hashlib.sha256(b"".join(path.read_bytes() for path in migrations))
    template = Path(tempfile.gettempdir()) / f"fluenzr-{os.getuid()}-{known.hexdigest()[:16]}.sqlite3"
    if not template.exists():
        with tempfile.TemporaryDirectory(prefix="fluenzr-premade-") as folder:
            inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
            command = [sys.executable, "manage.py", "migrate", "-v0"]
            subprocess.run(command, cwd=ROOT, env=inherited | {"FLUENZR_VAR": folder}, check=True)
            connection = sqlite3.connect(Path(folder) / NAME)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            made = template.with_suffix(f".{os.getpid()}")
            shutil.copyfile(Path(folder) / NAME, made)
            os.replace(made, template)
    return template
