"""What stands between a campaign and its next e-mail, in a person's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.admin.campaign_page import ACTIONS, address
from campaigns.models import Campaign, Enrolment
from campaigns.sending import gates
from campaigns.sending.pacing import Gate, earliest
from campaigns.sending.wording import UNCERTAIN
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.core.said import in_words

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Wording:
    """``open`` and ``closed`` say how it stands; ``for_good`` what a person has to do where no time opens it."""

    title: Text
    open: Text
    closed: Text
    for_good: Text = ""


@dataclass(frozen=True, slots=True)
class GateRow:
    """``opens`` is the time at which it opens, ``in_time`` how long that is; empty where a person has to act.

    ``for_admins``: the page that it links to lets only them in.
    """

    name: str
    title: Text
    is_open: bool
    said: Text
    opens: str
    in_time: str
    todo: Text
    link: str
    for_admins: bool = False


_WORDS: Final = {
    "campaign": Wording(
        gettext_lazy("State"),
        gettext_lazy("The campaign is active"),
        gettext_lazy("The campaign isn't active, and only an active one sends"),
    ),
    "contacts": Wording(
        gettext_lazy("Somebody to write to"),
        gettext_lazy("At least one contact is due"),
        gettext_lazy("Everybody is in a delay between two e-mails"),
        gettext_lazy("Nobody in the campaign waits for an e-mail"),
    ),
    "uncertain": Wording(
        gettext_lazy("Uncertain e-mails"),
        gettext_lazy("It is known of every e-mail whether it was sent"),
        gettext_lazy("Whether some of its e-mails were sent isn't known. Their contacts wait until somebody says so"),
    ),
    "worker": Wording(
        gettext_lazy("Worker"),
        gettext_lazy("The program that sends is running"),
        gettext_lazy("The program that sends isn't running: whoever runs the server starts it (serve or worker)"),
    ),
    "account": Wording(
        gettext_lazy("E-mail account"),
        gettext_lazy("The account is connected"),
        gettext_lazy("The account can't send"),
    ),
    "calendar": Wording(
        gettext_lazy("Days and hours"),
        gettext_lazy("The campaign's days and hours are open"),
        gettext_lazy("It is outside the campaign's days and hours"),
    ),
    "campaign_hourly": Wording(
        gettext_lazy("Hourly limit"),
        gettext_lazy("There is room in this hour"),
        gettext_lazy("E-mails are spread over the hour, and the next one has its turn later"),
    ),
    "account_daily": Wording(
        gettext_lazy("The account's daily limit"),
        gettext_lazy("The account may send more today"),
        gettext_lazy("The account has sent what it may today"),
        gettext_lazy("The account's daily limit is 0"),
    ),
    "plan_daily": Wording(
        gettext_lazy("The plan's daily limit"),
        gettext_lazy("The workspace may send more today"),
        gettext_lazy("The workspace has sent what its plan allows today"),
        gettext_lazy("The plan allows no e-mails"),
    ),
    "contact": Wording(
        gettext_lazy("This contact's step"),
        gettext_lazy("The contact's next step is due"),
        gettext_lazy("The contact is in a delay"),
        gettext_lazy("The contact is through with the campaign, or waits for a person"),
    ),
    "suppression": Wording(
        gettext_lazy("May be written to"),
        gettext_lazy("The contact may be written to"),
        gettext_lazy("The contact is never written to: unsubscribed, bounced, blocked, erased or without an address"),
    ),
}
#: Of these, being open has a number to tell.
_COUNTING: Final = ("uncertain", "campaign_hourly", "account_daily", "plan_daily")


def asked(campaign: Campaign, enrolment: Enrolment | None, now: datetime) -> list[Gate]:
    """Every gate: those of the campaign, and of the contact where one is asked about."""
    if enrolment is None:
        return list(gates.all_gates(campaign, now))
    own = [gates.contact_gate(enrolment, now), gates.mailable_gate(enrolment)]
    return [*own, *gates.all_gates(campaign, now, enrolment.account)]


def rows(campaign: Campaign, found: list[Gate], now: datetime) -> list[GateRow]:
    """The closed ones first."""
    made = [_row(campaign, gate, now) for gate in found]
    return sorted(made, key=lambda row: row.is_open)


def deciding(campaign: Campaign, found: list[Gate], now: datetime) -> GateRow | None:
    """The one that decides when the next e-mail goes; None where nothing holds it back."""
    gate = earliest(_without_the_lesser(found))
    return None if gate.is_open else _row(campaign, gate, now)


def _without_the_lesser(found: list[Gate]) -> list[Gate]:
    """Where all who are left wait for a word on their e-mails, that says more than that nobody waits for one."""
    if all(gate.is_open for gate in found if gate.name == "uncertain"):
        return found
    return [gate for gate in found if gate.name != "contacts"]


@dataclass(frozen=True, slots=True)
class Note:
    """What holds up some contacts, and not the campaign."""

    said: str
    todo: Text
    link: str


def uncertain_note(campaign: Campaign, decides: GateRow | None) -> Note | None:
    """Of the contacts whose e-mails are uncertain; None without any, and where they are what ``decides`` already."""
    count = 0 if decides and decides.name == "uncertain" else gates.uncertain(campaign)
    if not count:
        return None
    text = ngettext(
        "%(count)s contact waits for you: whether its e-mail was sent isn't known.",
        "%(count)s contacts wait for you: whether their e-mails were sent isn't known.",
        count,
    )
    return Note(text % {"count": number(count)}, *_settling())


def _row(campaign: Campaign, gate: Gate, now: datetime) -> GateRow:
    words = _WORDS[gate.name]
    opens = in_time = ""
    if gate.opens_at is not None:
        zone = ZoneInfo(campaign.settings["timezone"])
        opens = date_format(gate.opens_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
        in_time = timeuntil(gate.opens_at, now, depth=2)
    said = words.open if gate.is_open else words.closed
    if not gate.is_open and gate.opens_at is None and words.for_good:
        said = words.for_good
    # With the account's address and its server's words, or what is left of the limit.
    if gate.name == "account" or (gate.is_open and gate.name in _COUNTING):
        said = in_words(gate.message)
    todo, link = ("", "") if gate.is_open else _todo(campaign, gate)
    for_admins = gate.name in ("account", "account_daily")
    return GateRow(gate.name, words.title, gate.is_open, said, opens, in_time, todo, link, for_admins)


def _settling() -> tuple[Text, str]:
    return _("Say what became of them"), reverse("admin:campaigns_message_changelist")


def _todo(campaign: Campaign, gate: Gate) -> tuple[Text, str]:
    """What a person can do about a closed gate, and where; empty where there is nothing."""
    if gate.name == "campaign":
        first = next(iter(ACTIONS[campaign.status]), None)
        return (first[1], address(campaign, first[0])) if first and first[0] != "archive" else ("", "")
    if gate.name == "contacts" and gate.opens_at is None:
        return _("Add recipients"), address(campaign, "recipients")
    if gate.name == "uncertain" or (gate.name == "contact" and UNCERTAIN in gate.message):
        return _settling()
    if gate.name in ("calendar", "campaign_hourly"):
        return _("Change the hours or the limit"), address(campaign, "settings")
    if gate.name in ("account", "account_daily"):
        return _("Open the account"), reverse("admin:campaigns_emailaccount_changelist")
    return "", ""
