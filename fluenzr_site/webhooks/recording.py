"""What became of attempts, written many at a time: the deliveries, the log, and how the webhook fares.

A webhook is marked failed when a delivery has used up its attempts and nothing at all was delivered since the first
of them, or when the last FAILURES deliveries failed for good, whatever was answered. It becomes active again when
something but a test is delivered after all, since a person has asked for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from fluenzr_site.core import bulk, clock, ids
from fluenzr_site.core.database import retried
from fluenzr_site.webhooks import changes, schedule
from fluenzr_site.webhooks.answer import Answer
from fluenzr_site.webhooks.models import Attempt, Delivery, Webhook
from fluenzr_site.webhooks.schedule import Verdict

FAILURES: Final = 20
State, Status = Delivery.State, Webhook.Status
_LOG: Final = ("webhook_id", "delivery_id", "number", "status", "status_code", "milliseconds", "error", "answer", "at")


@dataclass(frozen=True, slots=True)
class Result:
    """One attempt, begun ``at``, and the answer from ``url``. ``is_test``: it is never made again by itself."""

    webhook_id: str
    delivery_id: str
    at: datetime
    answer: Answer
    url: str
    is_test: bool = False


def record(results: Sequence[Result], *, lease: str) -> dict[str, Webhook]:
    """Write them. The webhooks that ``lease`` still holds, as they are now: for another's, nothing was written.

    Without a lease (``""``) they are written whoever holds the webhooks: a test's.
    """
    batch = _written(results, lease)
    for webhook in batch.fallen:
        changes.settle(webhook.workspace)
    for webhook in batch.risen:
        changes.recover(webhook.workspace, webhook.pk)
    return batch.webhooks


@retried
def _written(results: Sequence[Result], lease: str) -> "_Batch":
    with transaction.atomic():
        mine = Webhook.objects.filter(pk__in={result.webhook_id for result in results})
        mine = mine.filter(lease=lease) if lease else mine
        # One order for all who lock several.
        locked = mine.select_for_update(of=("self",), no_key=True).order_by("pk").select_related("workspace")
        webhooks = {webhook.pk: webhook for webhook in locked}
        batch = _Batch(webhooks, [result for result in results if result.webhook_id in webhooks])
        batch.write()
        return batch


class _Batch:
    """The results of webhooks that are held, in the order in which they came."""

    def __init__(self, webhooks: dict[str, Webhook], results: Sequence[Result]) -> None:
        self.webhooks, self.results = webhooks, results
        delivery_ids = [result.delivery_id for result in results]
        # Locked, so that none goes with an erased event before its attempt is written.
        rows = Delivery.objects.filter(pk__in=delivery_ids).select_for_update(no_key=True)
        self.deliveries = {row.pk: row for row in rows.order_by("pk")}
        asked = Attempt.objects.filter(delivery_id__in=delivery_ids, status=Attempt.Status.PENDING)
        self.asked: dict[str, str] = dict(asked.values_list("delivery_id", "pk"))
        self.changed: set[str] = set()
        # Webhooks that are active no more, and failed ones to which something was delivered after all.
        self.fallen: list[Webhook] = []
        self.risen: list[Webhook] = []

    def write(self) -> None:
        there = [result for result in self.results if result.delivery_id in self.deliveries]
        rows = [(result, self._settled(result)) for result in there]
        self._write_deliveries([self.deliveries[result.delivery_id] for result in there])
        answered = [(_log_row(result, number), self.asked.get(result.delivery_id)) for result, number in rows]
        new = [row for row, asked in answered if asked is None]
        numbers = ids.new_batch("log", len(new))
        bulk.insert_values(Attempt, ("id", *_LOG), [(n, *row) for n, row in zip(numbers, new, strict=True)])
        bulk.update_values(Attempt, _LOG, [(*row, asked) for row, asked in answered if asked is not None])
        for webhook_id in sorted(self.changed):
            fields = ["status", "failures", "delivered_at", "rests_until", "to_tell"]
            self.webhooks[webhook_id].save(update_fields=fields)

    def _settled(self, result: Result) -> int:
        """Take the delivery on by one attempt; that attempt's number."""
        delivery, webhook, answer = self.deliveries[result.delivery_id], self.webhooks[result.webhook_id], result.answer
        delivery.attempts += 1
        delivery.first_at = delivery.first_at or result.at
        verdict = schedule.after(delivery.attempts, answer, delivery.first_at, clock.now())
        asked_of_inactive = delivery.is_forced and not webhook.is_active
        if verdict.outcome == "retry" and (result.is_test or asked_of_inactive):
            # Else it would come hours later of itself, from a webhook that is switched off, or switched on meanwhile.
            verdict = Verdict("failed")
        # What a former receiver answers says nothing about the present one.
        if result.url == webhook.url:
            self._rest(webhook, answer)
            self._note(webhook, delivery, verdict, is_test=result.is_test)
        states = {"delivered": State.DELIVERED, "retry": State.PENDING}
        delivery.state = states.get(verdict.outcome, State.FAILED)
        delivery.due_at, delivery.is_forced = verdict.retry_at, False
        return delivery.attempts

    def _rest(self, webhook: Webhook, answer: Answer) -> None:
        """Whatever becomes of the delivery. Of several that were answered at once, the longest rest holds."""
        until = schedule.rest(answer, clock.now())
        if until and (webhook.rests_until is None or webhook.rests_until < until):
            webhook.rests_until = until
            self.changed.add(webhook.pk)

    def _note(self, webhook: Webhook, delivery: Delivery, verdict: Verdict, *, is_test: bool) -> None:
        if verdict.outcome == "delivered":
            webhook.failures, webhook.delivered_at = 0, clock.now()
            # A test tells how the receiver does; whoever sent it decides what follows.
            rises = webhook.status == Status.FAILED and not is_test
            self.risen += [webhook] if rises and webhook not in self.risen else []
        elif verdict.outcome == "disabled" and webhook.status != Status.DISABLED:
            self._fall(webhook, Status.DISABLED)
        elif verdict.outcome == "failed" and not delivery.is_forced:
            webhook.failures += 1
            if webhook.is_active and _looks_dead(webhook, delivery):
                self._fall(webhook, Status.FAILED)
        else:
            return
        self.changed.add(webhook.pk)

    def _fall(self, webhook: Webhook, status: str) -> None:
        webhook.status, webhook.to_tell = status, True
        self.fallen.append(webhook)

    @staticmethod
    def _write_deliveries(deliveries: Sequence[Delivery]) -> None:
        """Nearly all were delivered, in one statement; the others each have a time of their own."""
        delivered = [row.pk for row in deliveries if row.state == State.DELIVERED]
        Delivery.objects.filter(pk__in=delivered).update(
            state=State.DELIVERED, is_forced=False, attempts=F("attempts") + 1, due_at=None
        )
        others = [row for row in deliveries if row.state != State.DELIVERED]
        names = ("state", "is_forced", "attempts", "first_at", "due_at")
        values = [(str(row.state), row.is_forced, row.attempts, row.first_at, row.due_at, row.pk) for row in others]
        bulk.update_values(Delivery, names, values)


def _looks_dead(webhook: Webhook, delivery: Delivery) -> bool:
    if webhook.failures >= FAILURES:
        return True
    silent = webhook.delivered_at is None or (
        delivery.first_at is not None and webhook.delivered_at < delivery.first_at
    )
    return silent and delivery.attempts >= schedule.ATTEMPTS


def _log_row(result: Result, number: int) -> tuple[Any, ...]:
    answer = result.answer
    status = Attempt.Status.DELIVERED if answer.ok else Attempt.Status.FAILED
    return (
        *(result.webhook_id, result.delivery_id, number, status.value, answer.status, answer.milliseconds),
        *(answer.error[:500], answer.body[:500], result.at),
    )
