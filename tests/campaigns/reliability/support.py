"""Workers as people start them, on a database and in a folder of their own of the suite's kind."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.campaigns.kill.run import Child, Place, Team
from tests.campaigns.kill.test_kill import START, server, sql

__all__ = ["Place", "Staff", "counted", "server", "sql", "staffed", "started"]

#: ``serve`` kills what hasn't ended by then; Docker does after ten.
PATIENCE = 15.0


class Staff(Team):
    """A mail server, and real workers of ``manage.py`` that send to it."""

    def hire(self, *options: str, program: str = "manage.py", **env: str) -> Child:
        """``env``: of this worker alone; without a broker in it, its broker is in its own memory."""
        self.hired += 1
        told = replace(self.place, env=self.place.env | {"CELERY_BROKER_URL": "memory://"} | env)
        worker = Child(told, f"worker-{self.hired}", program, "worker", *options)
        self.workers.append(worker)
        return worker

    def let_go(self, worker: Child) -> float:
        """How long it took to end by itself after SIGTERM."""
        began = time.monotonic()
        assert worker.end(within=PATIENCE) == 0, worker.complained.read_text()
        self.workers.remove(worker)
        return time.monotonic() - began

    def stop(self) -> None:
        """All have been at work, and so are ready for it."""
        for worker in list(self.workers):
            self.let_go(worker)


@contextmanager
def staffed(place: Place, hold: Path | None = None, delay: float = 0.0) -> Iterator[Staff]:
    with Staff(place, hold=hold, delay=delay) as staff:
        yield staff


def started(place: Place, staff: Staff, people: int) -> None:
    """A campaign of two e-mails to so many, which nothing holds back."""
    place.run("-c", START.format(people=people, port=staff.port))


def counted(place: Place) -> dict[str, int]:
    """E-mails by state."""
    return dict(sql(place, "SELECT state, count(*) FROM campaigns_message GROUP BY state"))


def held(place: Place) -> int:
    """Leases of e-mails that somebody has, or that somebody has left behind."""
    return int(
        sql(place, "SELECT count(*) FROM campaigns_enrolment WHERE lease <> '' OR leased_until IS NOT NULL")[0][0]
    )


def twice(staff: Staff) -> list[tuple[str, str]]:
    """Whoever got a step more than once."""
    steps = Counter((each.recipient, each.subject) for each in staff.received())
    return [step for step, times in steps.items() if times > 1]
