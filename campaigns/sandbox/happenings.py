"""What the engine made of what happened, read from its own records: a sandbox tells nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from campaigns.models import Activity, Campaign, Enrolment, Message, ReceivedMail, Winner

_MAIL_TOLD_BY_LOG: Final = ("reply", "bounce", "complaint")


@dataclass(frozen=True, slots=True)
class Happening:
    """``what``: started, sent, deferred, opened, clicked, replied, bounced, unsubscribed, scanner, winner, finished
    (a contact came to the end), failed, completed (the campaign), untracked (somebody found no link of ours), and
    automatic or another kind of received mail that changes nothing.
    """

    at: datetime
    what: str
    who: str = ""
    detail: str = ""


class Watch:
    """Tells each thing once."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._activity = self._mail = ""
        self._attempts: dict[str, int] = {}
        self._logged: set[tuple[str, str]] = set()
        self._ended: set[str] = set()
        self._winners: set[int] = set()
        self._is_completed = False

    def look(self, now: datetime) -> Iterator[Happening]:
        """What is new since the last look."""
        yield from self._log()
        yield from self._refusals(now)
        yield from self._received(now)
        yield from self._decided()
        yield from self._ends(now)
        if not self._is_completed and self._status() == Campaign.Status.COMPLETED:
            self._is_completed = True
            yield Happening(now, "completed", detail=self._campaign.name)

    def _log(self) -> Iterator[Happening]:
        rows = Activity.objects.of(self._campaign.workspace).filter(campaign=self._campaign, id__gt=self._activity)
        for row in rows.order_by("id"):
            self._activity = row.pk
            self._logged.add((row.type, row.contact_email))
            yield Happening(row.at, row.type, row.contact_email, self._detail(row))

    def _detail(self, row: Activity) -> str:
        about: dict[str, Any] = row.metadata
        match row.type:
            case "sent" | "opened":
                message = self._messages().filter(contact_id=row.contact_id, node_id=row.node_id).first()
                version = f" ({about['variant']})" if about.get("variant") else ""
                return f"{message.subject}{version}" if message else ""
            case "clicked":
                return str(about.get("linkUrl", ""))
            case "replied":
                return " ".join(str(about.get("replyPreview", "")).split())
            case "bounced":
                return f"{about.get('bounceType')}: {about.get('bounceReason')}"
        return ""

    def _refusals(self, now: datetime) -> Iterator[Happening]:
        """Those that are tried again."""
        for message in self._messages().filter(state=Message.State.DEFERRED):
            if self._attempts.get(message.pk) != message.attempts:
                self._attempts[message.pk] = message.attempts
                yield Happening(now, "deferred", message.recipient, message.response)

    def _received(self, now: datetime) -> Iterator[Happening]:
        rows = ReceivedMail.objects.of(self._campaign.workspace).filter(id__gt=self._mail)
        for row in rows.select_related("contact").order_by("id"):
            self._mail = row.pk
            if row.kind not in _MAIL_TOLD_BY_LOG:
                yield Happening(now, row.kind, row.contact.email or "", row.subject)

    def _decided(self) -> Iterator[Happening]:
        for winner in Winner.objects.filter(campaign=self._campaign).exclude(pk__in=self._winners):
            self._winners.add(winner.pk)
            detail = f"version {winner.variant.upper()} of {winner.node_id}: {winner.reason.replace('_', ' ')}"
            yield Happening(winner.decided_at, "winner", detail=detail)

    def _ends(self, now: datetime) -> Iterator[Happening]:
        rows = Enrolment.objects.of(self._campaign.workspace).filter(campaign=self._campaign, ended_at__isnull=False)
        for row in rows.select_related("contact").order_by("ended_at", "id"):
            if row.pk in self._ended:
                continue
            self._ended.add(row.pk)
            who = row.contact.email or ""
            # A reply, a bounce and an unsubscription are in the log, where they are of an e-mail of this campaign.
            if (row.status, who) not in self._logged:
                what = "finished" if row.status == Enrolment.Status.COMPLETED else row.status
                yield Happening(now, what, who, row.note)

    def _messages(self) -> QuerySet[Message]:
        return Message.objects.of(self._campaign.workspace).filter(campaign=self._campaign)

    def _status(self) -> str:
        return Campaign.objects.values_list("status", flat=True).get(pk=self._campaign.pk)
