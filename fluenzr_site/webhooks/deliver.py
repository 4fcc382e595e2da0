"""The worker: sends what is due to all webhooks at once, so that a slow one keeps nobody waiting but itself.

A webhook gets one call at a time until it answers fast; then up to WIDEST, of different subjects. So a contact's
events arrive in order, as far as first attempts go: a later one is sent only when the earlier has had its first. A
retry is held back for nobody, and holds nobody back; receivers sort by the event's timestamp and id. Waiting for a
retry would keep a contact's events back for two hours.

Posts are under way in an event loop that runs in slices of a fraction of a second; in between, in the same thread,
the database is asked and told. A killed worker's attempts are made again when its lease is over (``claiming``).
"""

import asyncio
import logging
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from typing import Final
from uuid import uuid4

from django.db import DatabaseError

from fluenzr_site.core import clock, heartbeat
from fluenzr_site.core.encryption import CannotDecrypt
from fluenzr_site.core.saying import say
from fluenzr_site.webhooks import bodies, changes, claiming, fanout, recording, secrets, signing
from fluenzr_site.webhooks.answer import Answer
from fluenzr_site.webhooks.claiming import Due
from fluenzr_site.webhooks.models import Attempt, Webhook
from fluenzr_site.webhooks.recording import Result
from fluenzr_site.webhooks.sender import Sender

log = logging.getLogger("fluenzr.webhooks")

WORKER: Final = "webhooks"
# Calls under way in one worker, and webhooks that it holds: each has room for one.
MOST: Final = 200
WIDEST: Final = 16
FAST_MILLISECONDS: Final = 1000
# Deliveries that are read ahead: of a webhook for each call that it may have under way, and in all.
AHEAD: Final = 32
MOST_AHEAD: Final = 10_000
# Results that are written together, and how long the first of them waits for others.
BATCH: Final = 200
GATHER_SECONDS: Final = 0.1
LOOK_SECONDS: Final = 0.25
KEEP_SECONDS: Final = 5.0
# A look that is so late: the process was stopped meanwhile, and may have lost what it holds.
STILL_SECONDS: Final = 2.0
# What is under way when the worker is told to stop has so long to end; the rest is handed back.
STOP_SECONDS: Final = 5.0

TESTS: Final = 2

stopping = threading.Event()
_at_work = threading.Lock()
_tests = threading.BoundedSemaphore(TESTS)


def deliver_due() -> int:
    """Send what is due, and what becomes due meanwhile, until there is nothing; how many attempts.

    One run a process: 0 at once when there is one already.
    """
    if not _at_work.acquire(blocking=False):
        return 0
    try:
        return _Run().go() if _anything() else 0
    finally:
        _at_work.release()


def _anything() -> bool:
    """Whether there is reason to begin, without the cost of an event loop."""
    return fanout.fan_out() > 0 or claiming.ready(clock.now()).exists()


def send_test(attempt: Attempt) -> Attempt:
    """Make the attempt that ``changes.begin_test`` has recorded, here and now; the entry as it is then.

    A web process has few threads: where TESTS wait for a receiver already, the attempt is left to a worker.
    """
    if not _tests.acquire(blocking=False):
        return changes.retry(attempt)
    try:
        result = asyncio.run(_alone(attempt.webhook, claiming.due(attempt.delivery)))
    finally:
        _tests.release()
    recording.record([result], lease="")
    return Attempt.objects.select_related("delivery__event").get(pk=attempt.pk)


async def _alone(webhook: Webhook, due: Due) -> Result:
    async with Sender(1) as sender:
        return await _post(sender, webhook, due)


async def _post(sender: Sender, webhook: Webhook, due: Due) -> Result:
    """Raises nothing: what can't be sent has failed, and stops no other."""
    now = clock.now()
    try:
        body = bodies.body(due.event_id, due.type, due.happened_at, due.data)
        valid = secrets.valid_secrets(webhook, now)
        headers = signing.headers(body, secrets=valid, message_id=due.event_id, at=int(now.timestamp()))
        answer = await sender.post(webhook.url, body, headers)
    except CannotDecrypt:
        answer = Answer(None, say("its secret can't be read: give it another"))
    except Exception as error:
        # Without its message, which may hold what is secret.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("Delivery %s can't be sent: %s\n%s", due.id, type(error).__name__, where)
        answer = Answer(None, say("could not be sent"))
    return Result(webhook.pk, due.id, now, answer, webhook.url, is_test=due.type == changes.TEST)


class _Line:
    """What waits for one webhook, and what is under way to it."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self.waiting: deque[Due] = deque()
        # Each delivery from its post until it is recorded.
        self.flying: dict[str, Due] = {}
        self.busy: set[str] = set()
        self.width = 1
        # Whether there was more than what was read ahead.
        self.has_more = True

    def next(self) -> Due | None:
        """The next that may go now: room is left, and nothing of the same subject is under way."""
        if len(self.busy) < self.width:
            for position, due in enumerate(self.waiting):
                if due.subject not in self.busy:
                    del self.waiting[position]
                    self.flying[due.id] = due
                    self.busy.add(due.subject)
                    return due
        return None

    def answered(self, result: Result) -> None:
        self.busy.discard(self.flying[result.delivery_id].subject)
        fast = result.answer.ok and result.answer.milliseconds < FAST_MILLISECONDS
        self.width = min(self.width * 2, WIDEST) if fast else 1
        if result.answer.retry_after is not None or result.answer.status == 410:
            # Nothing more until that is recorded, which says what follows.
            self.waiting.clear()
            self.has_more = False


class _Run:
    def __init__(self) -> None:
        self.lease = uuid4().hex
        self.lines: dict[str, _Line] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.results: list[Result] = []
        self.attempts = 0
        self.found = False
        self.looked_at = self.kept_at = -float("inf")

    def go(self) -> int:
        with asyncio.Runner() as runner:
            sender = runner.run(_entered())
            try:
                while self._prepare():
                    runner.run(self._fly(sender))
                runner.run(self._end())
                self._record()
            finally:
                runner.run(_left(sender, self.tasks))
                with suppress(DatabaseError):
                    claiming.release(self.lease, list(self.lines))
        return self.attempts

    # --------------------------------------------------------------------------------------- the database

    def _prepare(self) -> bool:
        """Write what came, look for more; whether there is anything to do."""
        self._record()
        if stopping.is_set():
            return False
        if not self.tasks or time.monotonic() - self.looked_at >= LOOK_SECONDS:
            self._look()
        for line in self.lines.values():
            if line.has_more and not line.waiting:
                self._fill(line)
        return self.found or bool(self.tasks) or any(line.waiting for line in self.lines.values())

    def _look(self) -> None:
        """For events that became deliveries, webhooks that became due, and whether ours still are ours."""
        now = time.monotonic()
        stood_still = now - self.looked_at > STILL_SECONDS
        self.looked_at = now
        read = fanout.fan_out()
        if stood_still or now - self.kept_at >= KEEP_SECONDS:
            self._keep()
        for line in self.lines.values():
            line.has_more = True
            if not line.waiting:
                self._fill(line)
        idle = [webhook_id for webhook_id, line in self.lines.items() if not line.waiting and not line.flying]
        self._let_go(idle)
        claimed = claiming.claim(self.lease, clock.now(), most=MOST - len(self.lines))
        self.lines |= {webhook.pk: _Line(webhook) for webhook in claimed}
        self.found = read > 0 or bool(claimed)

    def _fill(self, line: _Line) -> None:
        most = min(AHEAD * line.width, MOST_AHEAD // len(self.lines))
        found = claiming.due_of(line.webhook, clock.now(), most=most, without=list(line.flying))
        line.waiting.extend(found)
        line.has_more = len(found) == most

    def _keep(self) -> None:
        self.kept_at = time.monotonic()
        # A slow receiver keeps a run going for hours, and with it perhaps the only thread that would say so.
        heartbeat.beat(WORKER, clock.now())
        mine = claiming.keep(self.lease, list(self.lines), clock.now())
        self.lines = {webhook_id: line for webhook_id, line in self.lines.items() if webhook_id in mine}
        for webhook_id, line in self.lines.items():
            self._refresh(line, mine[webhook_id])
            # What waits behind a slow receiver may have been erased meanwhile.
            line.waiting.clear()

    @staticmethod
    def _refresh(line: _Line, webhook: Webhook) -> None:
        """Somebody may have changed it meanwhile: what is left is read again, under the new terms."""
        if (webhook.status, webhook.rests_until) != (line.webhook.status, line.webhook.rests_until):
            line.waiting.clear()
        line.webhook = webhook

    def _let_go(self, webhook_ids: list[str]) -> None:
        if webhook_ids:
            claiming.release(self.lease, webhook_ids)
            for webhook_id in webhook_ids:
                del self.lines[webhook_id]

    def _record(self) -> None:
        if not self.results:
            return
        results, self.results = self.results, []
        held = recording.record(results, lease=self.lease)
        self.attempts += len(results)
        for result in results:
            line = self.lines.get(result.webhook_id)
            if line and result.webhook_id not in held:
                del self.lines[result.webhook_id]
            elif line:
                line.flying.pop(result.delivery_id, None)
        for webhook_id, webhook in held.items():
            if webhook_id in self.lines:
                self._refresh(self.lines[webhook_id], webhook)

    # --------------------------------------------------------------------------------------- the event loop

    async def _fly(self, sender: Sender) -> None:
        """Start what may start and take what comes, for a moment."""
        until = time.monotonic() + LOOK_SECONDS
        while (left := until - time.monotonic()) > 0:
            # Only with time left: a process that stood still in here first asks whether its webhooks still are its own.
            self._start(sender)
            if not self.tasks or len(self.results) >= BATCH:
                return
            await asyncio.wait(self.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if self.results:
                until = min(until, time.monotonic() + GATHER_SECONDS)

    def _start(self, sender: Sender) -> None:
        """A call for each webhook in turn, as long as there is room and the lease is surely ours."""
        going = time.monotonic() - self.kept_at < claiming.LEASE_SECONDS - KEEP_SECONDS
        while going and not stopping.is_set():
            going = False
            for line in self.lines.values():
                if len(self.tasks) < MOST and (due := line.next()):
                    task = asyncio.get_running_loop().create_task(self._call(sender, line, due))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                    going = True

    async def _call(self, sender: Sender, line: _Line, due: Due) -> None:
        result = await _post(sender, line.webhook, due)
        line.answered(result)
        self.results.append(result)

    async def _end(self) -> None:
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=STOP_SECONDS)


async def _entered() -> Sender:
    return await Sender(MOST).__aenter__()


async def _left(sender: Sender, tasks: set[asyncio.Task[None]]) -> None:
    unfinished = list(tasks)
    for task in unfinished:
        task.cancel()
    await asyncio.gather(*unfinished, return_exceptions=True)
    await sender.__aexit__(None, None, None)
