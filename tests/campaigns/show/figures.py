"""What the figures, the log and the lists must say, counted from the script and from what came over the wire."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import erf, sqrt
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.campaigns.show import answers
from tests.campaigns.show.campaign import SUBJECT_A, SUBJECT_B, SUBJECTS, WORKFLOW, ZONE, Step, expected, second_step
from tests.campaigns.show.people import CLICKS, COUNT, KNOWN_OPENERS, REFUSED, REPLIES, UNSUBSCRIBES, Person
from tests.campaigns.show.wire import FULL, UNKNOWN

KINDS: Final = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
#: By address and step.
Subjects = Mapping[tuple[str, str], str]
Told = tuple[str, str, str, tuple[tuple[str, Any], ...]]
_RATES: Final = {
    "opened": "openRate",
    "clicked": "clickRate",
    "replied": "replyRate",
    "bounced": "bounceRate",
    "unsubscribed": "unsubscribeRate",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the activity; ``said`` is its metadata."""

    kind: str
    person: Person
    step: Step
    said: Mapping[str, Any]

    @property
    def told(self) -> Told:
        return (self.kind, self.person.email, self.step, tuple(sorted(self.said.items())))


def told_of(event: Mapping[str, Any]) -> Told:
    """The same of an entry as the API shows it."""
    return (event["type"], event["contactEmail"], event["emailNodeId"], tuple(sorted(event["metadata"].items())))


def ends_after_first(person: Person) -> bool:
    """Whether nothing more may be sent."""
    return person.does in (*REFUSED, *REPLIES, *UNSUBSCRIBES, "comes_back")


def status_of(person: Person) -> str:
    """Where the person stands in the campaign at the end."""
    for status, does in {
        "replied": (*REPLIES, "opens_then_replies"),
        "bounced": ("is_unknown", "comes_back", "comes_back_later"),
        "unsubscribed": (*UNSUBSCRIBES, "opens_then_unsubscribes"),
        "failed": ("is_full",),
    }.items():
        if person.does in does:
            return status
    return "completed"


def contact_status_of(person: Person) -> str:
    status = status_of(person)
    return status if status in ("replied", "bounced", "unsubscribed") else "active"


def log(people: Iterable[Person], versions: Mapping[str, str], subjects: Subjects) -> list[Happened]:
    """All that must be logged of the e-mails so far: ``versions`` are A or B by address, ``subjects`` as they came."""
    found = []
    for person in people:
        found += _first(person, versions, subjects)
        if (person.email, second_step(person)) in subjects:
            found += _second(person, subjects)
    return found


def _first(person: Person, versions: Mapping[str, str], subjects: Subjects) -> list[Happened]:
    version = versions[person.email]

    def happened(kind: str, **said: Any) -> Happened:
        return Happened(kind, person, "hello", said | {"variant": version})

    found = [] if person.does in REFUSED else [happened("sent")]
    if person.does in KNOWN_OPENERS:
        found.append(happened("opened", **OPENED))
    if person.does in CLICKS:
        links = [url for url, is_tracked in expected(person, "hello", version, "", "").links if is_tracked]
        found += [happened("clicked", linkUrl=url, clickCount=number) for number, url in enumerate(links, 1)]
    if person.does in REPLIES:
        subject = "Your e-mail" if person.does == "replies_by_address" else f"Re: {subjects[person.email, 'hello']}"
        found.append(happened("replied", replySubject=subject, replyPreview=answers.WORDS))
    reasons = {"is_unknown": ("hard", UNKNOWN), "is_full": ("soft", FULL), "comes_back": ("hard", answers.NO_SUCH_USER)}
    if person.does in reasons:
        kind, reason = reasons[person.does]
        found.append(happened("bounced", bounceType=kind, bounceReason=reason))
    if person.does in UNSUBSCRIBES:
        found.append(happened("unsubscribed"))
    return found


def _second(person: Person, subjects: Subjects) -> list[Happened]:
    step = second_step(person)

    def happened(kind: str, **said: Any) -> Happened:
        return Happened(kind, person, step, said)

    found = [happened("sent")]
    match person.does:
        case "opens" | "opens_by_proxy":
            found.append(happened("opened", **OPENED))
        case "clicks_later":
            found.append(happened("clicked", linkUrl="https://acme.example/last", clickCount=1))
        case "opens_then_replies":
            subject = f"Re: {subjects[person.email, step]}"
            found.append(happened("replied", replySubject=subject, replyPreview=answers.WORDS))
        case "opens_then_unsubscribes":
            found.append(happened("unsubscribed"))
        case "comes_back_later":
            found.append(happened("bounced", bounceType="hard", bounceReason=answers.NO_SUCH_USER))
    return found


#: Of an open nothing is kept but that it was, unless the workspace wants more.
OPENED: Final = {"openCount": 1, "firstOpen": True, "userAgent": None, "ip": None}


# ---------------------------------------------------------------------------------------------- the figures


def counts(happened: Iterable[Happened]) -> dict[str, int]:
    """In contacts for each e-mail. What a server refused counts as sent, since rates are over what was sent."""
    found: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    for each in happened:
        found[each.kind].add((each.person.email, each.step))
        if each.kind == "bounced":
            found["sent"].add((each.person.email, each.step))
    return {kind: len(those) for kind, those in found.items()}


def rated(happened: Iterable[Happened], *, over_sent: bool) -> dict[str, Any]:
    found = counts(happened)
    delivered = found["sent"] - found["bounced"]
    told: dict[str, Any] = {"sent": found["sent"], "delivered": delivered}
    for kind, rate in _RATES.items():
        told[kind] = found[kind]
        told[rate] = percent(found[kind], found["sent"] if over_sent or kind == "bounced" else delivered)
    return told


def percent(part: int, whole: int) -> float:
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)) if whole else 0.0


def stats(happened: list[Happened]) -> dict[str, Any]:
    return {"totalContacts": COUNT, **rated(happened, over_sent=False)}


def stats_of_emails(happened: list[Happened]) -> list[dict[str, Any]]:
    """In the workflow's order."""
    told: list[dict[str, Any]] = []
    for node in WORKFLOW["nodes"]:
        if node["type"] != "email":
            continue
        here = [each for each in happened if each.step == node["id"]]
        figures = {"nodeId": node["id"], "emailNumber": len(told) + 1, **rated(here, over_sent=True), "winner": None}
        subject = {"hello": SUBJECT_A, **SUBJECTS}[node["id"]]
        versions = _versions(here) if node["id"] == "hello" else []
        sure = _significance(*versions) if versions else None
        told.append(figures | {"subject": subject, "variants": versions, "significance": sure})
    return told


def _versions(happened: list[Happened]) -> list[dict[str, Any]]:
    subjects = {"A": SUBJECT_A, "B": SUBJECT_B}
    return [
        {
            "variant": version,
            "subject": subject,
            **rated([each for each in happened if each.said["variant"] == version], over_sent=True),
        }
        for version, subject in subjects.items()
    ]


def _significance(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """1 − p of the two-sided test that both are opened equally often."""
    opened, delivered = a["opened"] + b["opened"], a["delivered"] + b["delivered"]
    pooled = opened / delivered
    error = sqrt(pooled * (1 - pooled) * (1 / a["delivered"] + 1 / b["delivered"]))
    return round(erf(abs(a["opened"] / a["delivered"] - b["opened"] / b["delivered"]) / error / sqrt(2)), 4)


# --------------------------------------------------------------------------------------------- the timeline


def timeline(events: Iterable[Mapping[str, Any]], interval: str) -> list[dict[str, Any]]:
    """The points that the log's entries make, from the first to the last, in the campaign's zone."""
    begins: Counter[tuple[datetime, str]] = Counter()
    seen: set[tuple[str, str, str]] = set()
    for event in sorted(events, key=lambda event: event["timestamp"]):
        at = _begin(datetime.fromisoformat(event["timestamp"]).astimezone(ZoneInfo(ZONE)), interval)
        kinds = [event["type"], "sent"] if event["type"] == "bounced" else [event["type"]]
        for kind in kinds:
            # Contacts, not clicks; and what was sent before it bounced was sent once.
            known = (kind, event["contactId"], event["emailNodeId"])
            begins[at, kind] += known not in seen
            seen.add(known)
    moments = {at for at, _ in begins}
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
    points, at = [], min(moments)
    while at <= max(moments):
        points.append({kind: begins[at, kind] for kind in KINDS} | _named(at, interval))
        at += steps[interval]
    return points


def _begin(at: datetime, interval: str) -> datetime:
    if interval == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday()) if interval == "week" else day


def _named(at: datetime, interval: str) -> dict[str, str]:
    utc = at.astimezone(ZoneInfo("UTC"))
    shown = at.isoformat() if interval == "hour" else at.date().isoformat()
    return {"date": shown, "timestamp": utc.strftime("%Y-%m-%dT%H:%M:%SZ")}
