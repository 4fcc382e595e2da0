"""A broker that forgets everything, is gone for a while, and delivers each task three times: the database knows."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from tests.campaigns.kill.test_kill import LONG_AGO
from tests.campaigns.reliability.support import Place, Staff, counted, held, sql, staffed, started, twice
from tests.support.waiting import free_port, wait_for

PEOPLE = 60
#: Until what is due is found again.
SOON = 60.0
THRICE = str(Path(__file__).with_name("thrice.py"))
FAR_AWAY = "2100-01-01 00:00:00+00:00"
HALF = f"SELECT id FROM campaigns_enrolment ORDER BY id LIMIT {PEOPLE // 2}"
#: Of this test alone, on the server that it shares with others.
DATABASE = 9


@pytest.fixture
def shared() -> Iterator[str]:
    url = urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{DATABASE}").geturl()
    with Redis.from_url(url) as redis:
        redis.flushdb()
        yield url
        redis.flushdb()


def workers(staff: Staff, broker: str) -> None:
    """One has the clock, which tells everything thrice, the other has none."""
    staff.hire(program=THRICE, CELERY_BROKER_URL=broker)
    staff.hire("--no-beat", CELERY_BROKER_URL=broker)


def is_over(place: Place, staff: Staff) -> None:
    """All is sent once, and every worker ends as it is told to."""
    done = {"sent": 2 * PEOPLE}
    wait_for(lambda: counted(place) == done, "all is sent", seconds=SOON)
    staff.stop()
    assert held(place) == 0
    assert twice(staff) == [] and len(staff.received()) == 2 * PEOPLE
    for what in ("campaigns_activity WHERE type = 'sent'", "events_event WHERE type = 'email.sent'"):
        assert sql(place, f"SELECT count(*) FROM {what}") == [(2 * PEOPLE,)]
    assert sql(place, "SELECT sum(sent) FROM campaigns_tally") == [(2 * PEOPLE,)]


@pytest.mark.services
@pytest.mark.processes
def test_a_broker_that_forgets_everything(place: Place, shared: str):
    with staffed(place, delay=0.1) as staff, Redis.from_url(shared) as redis:
        started(place, staff, PEOPLE)
        workers(staff, shared)
        for some in (5, 40, 80):
            wait_for(lambda some=some: len(staff.received()) >= some, f"{some} are sent")
            redis.flushdb()
        is_over(place, staff)


# ------------------------------------------------------------------------------------- a server of our own


class Broker:
    """A Redis server that can be stopped and started; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        command = ["redis-server", *options, "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self._answers, "the broker is there")

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as redis:
                return bool(redis.ping())
        except OSError:
            return False
        except Exception as error:
            # Its ConnectionError is no OSError.
            return "onnect" not in str(error)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def broker_of_our_own(folder: Path) -> Iterator[Broker]:
    broker = Broker(folder)
    try:
        yield broker
    finally:
        broker.stop()


@pytest.mark.processes
@pytest.mark.once
@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs a Redis server that it may stop")
def test_a_broker_that_is_gone_for_a_while(place: Place, tmp_path: Path):
    with broker_of_our_own(tmp_path) as broker, staffed(place, delay=0.1) as staff:
        started(place, staff, PEOPLE)
        sql(place, f"UPDATE campaigns_enrolment SET due_at = '{FAR_AWAY}' WHERE id IN ({HALF})")
        workers(staff, broker.url)
        wait_for(lambda: len(staff.received()) >= 5, "some are sent")
        broker.stop()
        # What is at work ends, and then nobody is woken.
        wait_for(lambda: counted(place) == {"sent": PEOPLE}, "half is sent")
        sql(place, f"UPDATE campaigns_enrolment SET due_at = '{LONG_AGO}' WHERE due_at = '{FAR_AWAY}'")
        broker.start()
        wait_for(lambda: len(staff.received()) > PEOPLE, "what fell due meanwhile is found", seconds=SOON)
        is_over(place, staff)
