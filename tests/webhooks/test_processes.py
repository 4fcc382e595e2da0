"""Workers as real processes: killed, stopped, stalled, without a broker. Nothing is lost, and every id arrives."""

import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fluenzr_site.webhooks.deliver import WIDEST
from tests.campaigns.reliability.test_broker import THRICE, broker_of_our_own
from tests.support.frozen import stand_still
from tests.webhooks.receiver import Call, Receiver, Say, receiving
from tests.webhooks.site import EXPIRE, LEASES, LOG, WAITING, Site, eventually

pytestmark = [pytest.mark.processes, pytest.mark.once]

EVENTS, KILLS = 600, 6
# What was under way, or not yet written, when a worker was killed: a batch at most.
UNWRITTEN = 216
#: ``serve`` kills what hasn't ended by then; Docker does after ten.
PATIENCE = 15
FREE = "[('', None)]"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Iterator[Site]:
    site = Site(tmp_path)
    site.begin(receiver.url())
    yield site
    site.close()


def slow(_: Call) -> Say:
    time.sleep(0.02)
    return 200


def heard(receiver: Receiver) -> set[str]:
    return {call.id for call in receiver.calls}


def test_killed_workers_lose_nothing_and_send_again_under_the_same_id(site: Site, receiver: Receiver):
    receiver.answers["/hook"] = slow
    ids = site.happen(EVENTS)
    chance = random.Random(7)  # noqa: S311
    for _ in range(KILLS):
        before, worker = len(receiver.calls), site.worker()
        eventually(lambda before=before: len(receiver.calls) > before)
        time.sleep(chance.uniform(0.05, 0.3))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        # Whose lease is over at once, instead of half a minute later.
        site.shell(EXPIRE)
    worker = site.worker()
    eventually(lambda: heard(receiver) == ids)
    eventually(lambda: site.pending == 0)
    worker.terminate()
    worker.wait(PATIENCE)
    assert heard(receiver) == ids
    assert len(receiver.calls) <= EVENTS + KILLS * UNWRITTEN
    assert site.shell(LEASES) == FREE


def test_one_that_stood_still_past_its_lease_changes_nothing(site: Site, receiver: Receiver):
    receiver.answers["/hook"] = slow
    ids = site.happen(EVENTS)
    stale = site.worker()
    eventually(lambda: len(receiver.calls) > 50)
    stand_still(stale, site.database)
    site.shell(EXPIRE)
    site.worker()
    eventually(lambda: site.pending == 0)
    calls, log = len(receiver.calls), sorted(site.shell(LOG).split())
    stale.send_signal(signal.SIGCONT)
    # Time to write, and to ask again what there is.
    time.sleep(3)
    assert sorted(site.shell(LOG).split()) == log == ["delivered:200"] * EVENTS
    assert heard(receiver) == ids and calls <= EVENTS + UNWRITTEN
    # Nor does it go on with what it had read ahead: only what it had begun as it was stopped may still go out.
    assert len(receiver.calls) - calls <= WIDEST
    stale.terminate()
    stale.wait(PATIENCE)


def test_work_that_takes_a_second_ends_before_the_worker_does(site: Site, receiver: Receiver):
    asked = threading.Event()

    def a_second(_: Call) -> Say:
        asked.set()
        time.sleep(1)
        return 200

    receiver.answers["/hook"] = a_second
    site.happen(20)
    worker = site.worker()
    assert asked.wait(60)
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    # One call at a time to a slow one: the first alone.
    assert site.shell(LOG).split() == ["delivered:200"] and site.pending == 19
    assert site.shell(LEASES) == FREE
    receiver.answers.clear()
    site.worker()
    eventually(lambda: site.pending == 0)
    assert set(Counter(call.id for call in receiver.calls).values()) == {1}


def test_work_that_takes_a_minute_is_handed_back(site: Site, receiver: Receiver):
    end = threading.Event()
    receiver.answers["/hook"] = lambda _: 200 if end.wait(60) else 500
    ids = site.happen(20)
    worker = site.worker()
    eventually(lambda: len(receiver.calls) == 1)
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    end.set()
    assert (site.shell(LOG), site.pending) == ("", 20)
    assert site.shell(LEASES) == FREE
    # At once: no lease is waited for.
    site.worker()
    eventually(lambda: site.pending == 0, seconds=20)
    assert heard(receiver) == ids and len(receiver.calls) == 21


@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs a Redis server that it may stop")
def test_a_broker_that_is_gone_for_a_while_and_says_everything_thrice(tmp_path: Path, receiver: Receiver):
    with broker_of_our_own(tmp_path) as broker:
        site = Site(tmp_path, CELERY_BROKER_URL=broker.url)
        try:
            site.begin(receiver.url())
            first = site.happen(50)
            site.worker(program=THRICE)
            site.worker("--no-beat")
            eventually(lambda: heard(receiver) == first and site.pending == 0)
            broker.stop()
            everything = site.happen(50)
            # Long enough for a worker to look that nobody wakes: one may have been woken before.
            time.sleep(3)
            assert site.shell(WAITING) == "50" and heard(receiver) == first
            broker.start()
            eventually(lambda: heard(receiver) == everything, seconds=60)
            eventually(lambda: site.pending == 0)
        finally:
            site.close()
    assert set(Counter(call.id for call in receiver.calls).values()) == {1}
