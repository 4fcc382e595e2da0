"""Processes that stand still, as on a machine that sleeps."""

import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.support.waiting import wait_for


def stand_still(process: "subprocess.Popen[bytes]", database: Path) -> None:
    """Stop it while it writes nothing: SQLite has one lock for all who write, and a sleeper would keep it."""

    def stopped() -> bool:
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: _state(process) == "T", "it stands still")
        if _is_free(database):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    wait_for(stopped, "it stands still between two changes")


def _state(process: "subprocess.Popen[bytes]") -> str:
    # After the name, which is in brackets and may hold anything.
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def _is_free(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as session:
        try:
            session.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        session.execute("ROLLBACK")
        return True
