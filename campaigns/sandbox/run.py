"""Runs a copy of a campaign to its end, time jumping from one thing that happens to the next.

The engine is the real one: its turns, its SMTP and IMAP, its pages. Only the clock is ours, the servers are on
loopback, and the recipients follow a script.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.composing.headers import InvalidAddress, address
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment, MailFolder
from campaigns.receiving.collect import read_due
from campaigns.sandbox import programs, recipients, world
from campaigns.sandbox.happenings import Happening, Watch
from campaigns.sandbox.imap_server import ImapServer
from campaigns.sandbox.recipients import DEFAULT_SCRIPT, REFUSALS, SCANS_AFTER, Delivered, Rule, Script
from campaigns.sandbox.smtp_server import Received, SmtpServer
from campaigns.sending import gates
from campaigns.sending.turn import take_turn
from campaigns.stats import counts
from campaigns.stats.emails import email_documents
from contacts.models import Contact
from fluenzr_site.core import clock

Tell = Callable[[Happening], None]
# At one moment: more is a fault of the engine's.
_MOST_TURNS: Final = 10_000
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it all.

    ``days``: of the campaign's calendar, the first and the last counted. ``happened``: how often, by what.
    ``totals`` and ``emails``: the statistics, as the API gives them. ``states``: where each contact stands, by
    address; ``left``: who is still in the campaign, and why.
    """

    started_at: datetime
    ended_at: datetime
    days: int
    status: str
    happened: dict[str, int]
    totals: dict[str, Any]
    emails: list[dict[str, Any]]
    states: dict[str, str]
    left: dict[str, str]


@dataclass(order=True, slots=True)
class _Planned:
    """What a recipient is going to do with an e-mail."""

    at: datetime
    number: int
    who: str = field(compare=False)
    rule: Rule = field(compare=False)
    mail: Delivered = field(compare=False)


def run(
    source: Campaign,
    *,
    script: Script = DEFAULT_SCRIPT,
    contacts: int,
    start: datetime,
    most_days: int = 60,
    tell: Tell,
) -> Summary:
    """Watch a copy of the campaign, with up to ``contacts`` of its contacts, from ``start`` on; nothing of it stays.

    What others that were killed have left behind is cleared up first.

    Ends when nobody does anything any more, or after ``most_days``. ``tell`` hears of everything, in order. Raises
    readiness.NotReady or LimitReached, and ValueError for a start without a zone.
    """
    if start.tzinfo is None:
        raise ValueError("The start must know its time zone")
    start = start.astimezone(UTC)
    people = _Recipients(script, start)
    world.clear_up()
    with (
        world.loopback_allowed(),
        SmtpServer(people.receive) as smtp,
        ImapServer(world.IMAP_USERNAME) as inbox,
        world.copied(
            source, world.Servers(smtp.port, inbox.port), most=contacts, named=script.named, start=start
        ) as campaign,
    ):
        return _Run(campaign, people, inbox, start, tell).to_its_end(start + timedelta(days=most_days))


class _Recipients:
    """Everybody who gets e-mails: what they refuse, and what they are going to do."""

    def __init__(self, script: Script, now: datetime) -> None:
        self.now = now
        # Contacts' addresses by what the envelope says, where letters beyond ASCII are written otherwise.
        self.contacts: dict[str, str] = {}
        self._script = script
        self._seen: dict[str, list[str]] = defaultdict(list)
        self._plans: list[_Planned] = []
        self._numbers = count()

    def receive(self, received: Received) -> str:
        """For the SMTP server, in its thread, while the engine waits."""
        mail = recipients.read(received.content)
        who = self.contacts.get(received.recipients[0], received.recipients[0])
        rules = self._script.for_email(who, self._number(who, mail))
        for rule in rules:
            if rule.does in REFUSALS:
                return REFUSALS[rule.does]
        for rule in rules:
            at = self.now + (SCANS_AFTER if rule.does == "scanner" else rule.after)
            heapq.heappush(self._plans, _Planned(at, next(self._numbers), who, rule, mail))
        return "250 2.0.0 Taken"

    def _number(self, who: str, mail: Delivered) -> int:
        """Which e-mail it is for them, 1 for the first; the same when it is tried again."""
        seen = self._seen[who]
        if mail.message_id not in seen:
            seen.append(mail.message_id)
        return seen.index(mail.message_id) + 1

    def due(self) -> Iterator[_Planned]:
        while self._plans and self._plans[0].at <= self.now:
            yield heapq.heappop(self._plans)

    def next_at(self) -> datetime | None:
        return self._plans[0].at if self._plans else None


class _Run:
    """Time that goes on by steps, each as long as nothing happens."""

    def __init__(self, campaign: Campaign, people: _Recipients, inbox: ImapServer, start: datetime, tell: Tell) -> None:
        self._campaign, self._people, self._inbox, self._start = campaign, people, inbox, start
        self._workspace = campaign.workspace
        self._zone = ZoneInfo(campaign.settings["timezone"])
        self._tell_on = tell
        self._happened: Counter[str] = Counter()
        self._watch = Watch(campaign)
        self._now, self._patience = start, _MINUTE
        for email in Contact.objects.of(self._workspace).exclude(email=None).values_list("email", flat=True):
            self._people.contacts[_on_envelope(email or "")] = email or ""

    def to_its_end(self, until: datetime) -> Summary:
        self._tell(Happening(self._start, "started", detail=self._campaign.name))
        with clock.standing_at(self._start):
            # From here on what comes is read; what was there before wouldn't be.
            read_due(self._start, sandbox=self._workspace)
        while True:
            with clock.standing_at(self._now):
                self._step()
                following = self._following()
            if following is None or following > until:
                break
            self._now = self._people.now = following
        with clock.standing_at(self._now):
            return self._summary()

    def _tell(self, happening: Happening) -> None:
        self._happened[happening.what] += 1
        self._patience = _MINUTE
        self._tell_on(happening)

    # ------------------------------------------------------------------------------------------- what happens

    def _step(self) -> None:
        """Everything that happens now, until nothing does."""
        for _ in range(_MOST_TURNS):
            self._take_turns()
            is_news = self._has_mail() and read_due(self._now, sandbox=self._workspace)
            for happening in self._watch.look(self._now):
                self._tell(happening)
            for planned in self._people.due():
                is_news = True
                self._act(planned)
            if not is_news:
                return
        raise self._restless()

    def _take_turns(self) -> None:
        for _ in range(_MOST_TURNS):
            if not take_turn(self._now, sandbox=self._workspace):
                return
        raise self._restless()

    def _restless(self) -> RuntimeError:
        return RuntimeError(f"The engine finds no rest at {self._now:%Y-%m-%d %H:%M} UTC")

    def _has_mail(self) -> bool:
        folder = self._folder()
        return len(self._inbox.messages()) > folder.last_uid

    def _act(self, planned: _Planned) -> None:
        mail, at = planned.mail, self._now
        missing = ""
        match planned.rule.does:
            case "reply":
                self._inbox.append(recipients.reply(mail, at))
            case "out_of_office":
                self._inbox.append(recipients.out_of_office(mail, at))
            case "late_bounce":
                self._inbox.append(recipients.delivery_report(mail, at))
            case "open":
                missing = "" if programs.look(mail) else "opened it, which nothing in it can tell"
            case "click":
                missing = "" if programs.follow(mail) else "found no link that is tracked"
            case "unsubscribe":
                missing = "" if programs.unsubscribe(mail) else "found no way to unsubscribe"
            case "scanner":
                number = programs.scan(mail)
                self._tell(Happening(at, "scanner", planned.who, f"looked at {number} addresses"))
        if missing:
            self._tell(Happening(at, "untracked", planned.who, missing))

    # ---------------------------------------------------------------------------------------- what comes next

    def _following(self) -> datetime | None:
        """The next moment at which anything can happen; None when nothing can."""
        moments = [moment for moment in (self._people.next_at(), *self._engine()) if moment is not None]
        if self._has_mail():
            moments.append(self._folder().due_at or self._now)
        later = min((moment for moment in moments if moment > self._now), default=None)
        if all(moment > self._now for moment in moments):
            return later
        # Due, and yet not done: asked again later and later, so that a fault is no endless run.
        again, self._patience = self._now + self._patience, min(2 * self._patience, _DAY)
        return min(again, later) if later else again

    def _engine(self) -> Iterator[datetime | None]:
        """When the engine has something to do: for a contact whose time comes, and for one who waits for the pace."""
        campaign = self._current()
        if campaign.status != Campaign.Status.ACTIVE:
            return
        waiting = self._enrolled().filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True)
        yield waiting.filter(due_at__gt=self._now).first()
        if waiting.filter(due_at__lte=self._now).exists():
            yield self._opening(campaign)

    def _opening(self, campaign: Campaign) -> datetime | None:
        gate = gates.account_gate(campaign.account, self._now)
        return gates.decide(campaign, campaign.account, self._now).at if gate.is_open else gate.opens_at

    def _current(self) -> Campaign:
        return Campaign.objects.of(self._workspace).select_related("workspace", "account").get(pk=self._campaign.pk)

    def _enrolled(self) -> QuerySet[Enrolment]:
        return Enrolment.objects.of(self._workspace).filter(campaign=self._campaign, status__in=IN_CAMPAIGN)

    def _folder(self) -> MailFolder:
        return MailFolder.objects.get(account__workspace=self._workspace)

    # ------------------------------------------------------------------------------------------- what came of it

    def _summary(self) -> Summary:
        campaign = self._current()
        everybody = Enrolment.objects.of(self._workspace).filter(campaign=campaign).order_by("id")
        first, last = (moment.astimezone(self._zone).date() for moment in (self._start, self._now))
        return Summary(
            started_at=self._start,
            ended_at=self._now,
            days=(last - first).days + 1,
            status=campaign.status,
            happened=dict(self._happened),
            totals=counts.document(counts.totals([campaign.pk]).get(campaign.pk)),
            emails=email_documents(campaign, self._now),
            states={row.contact.email or "": row.status for row in everybody.select_related("contact")},
            left={
                enrolment.contact.email or "": self._why(campaign, enrolment)
                for enrolment in self._enrolled().select_related("contact").order_by("id")
            },
        )

    def _why(self, campaign: Campaign, enrolment: Enrolment) -> str:
        """What keeps a contact in the campaign."""
        gate = gates.contact_gate(enrolment, self._now)
        if gate.is_open:
            gate = gates.account_gate(campaign.account, self._now)
        if gate.is_open:
            gate = gates.decide(campaign, campaign.account, self._now).why
        return gate.message


def _on_envelope(email: str) -> str:
    try:
        return address(email)
    except InvalidAddress:
        return email
