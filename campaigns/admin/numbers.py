"""What sending puts on the dashboard."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import health
from campaigns.models import IN_CAMPAIGN, Campaign, Conversation, EmailAccount, Enrolment, Message, Tally
from campaigns.stats.counts import percent
from fluenzr_site.adminsite.dashboard import (
    Card,
    Panel,
    Period,
    Series,
    Step,
    add_cards,
    add_panels,
    add_series,
    add_steps,
)
from fluenzr_site.adminsite.navigation import MOST_COUNTED, add_badge
from fluenzr_site.api.totals import remembered
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

MOST_SHOWN = 5
_SUMMED = ("sent", "opened", "clicked", "replied", "bounced")
_LIST = "admin:campaigns_campaign_changelist"
_THROUGH = [status for status in Enrolment.Status if status not in (*IN_CAMPAIGN, Enrolment.Status.REMOVED)]


@add_badge("campaigns_conversation_changelist")
def unread(workspace: Workspace) -> int:
    conversations = Conversation.objects.of(workspace).filter(status=Conversation.Status.UNREAD)
    return conversations.order_by()[:MOST_COUNTED].count()


# ------------------------------------------------------------------------------------------------- the numbers


@add_cards
def outcome_cards(workspace: Workspace, period: Period) -> list[Card]:
    now, before = _figures(workspace, period)
    if not now["sent"] and not before["sent"]:
        return []
    campaigns, inbox = reverse(_LIST), reverse("admin:campaigns_conversation_changelist")
    return [
        Card(_("E-mails sent"), now["sent"], campaigns, before=before["sent"], compared=True),
        _rate(_("Open rate"), "opened", now, before, campaigns, _why_unknown(workspace, "opened", now)),
        _rate(_("Click rate"), "clicked", now, before, campaigns, _why_unknown(workspace, "clicked", now)),
        _rate(_("Reply rate"), "replied", now, before, inbox, _why_unknown(workspace, "replied", now)),
    ]


def _rate(
    title: str, name: str, now: Mapping[str, int], before: Mapping[str, int], link: str, unknown: str = ""
) -> Card:
    if unknown or not now["sent"]:
        return Card(title, None, link, unknown or _("nothing was sent"))
    return Card(title, _share(now, name), link, before=_share(before, name), compared=True, rate=True)


def _share(figures: Mapping[str, int], name: str) -> float | None:
    """Over what was delivered, in percent."""
    return percent(figures[name], max(0, figures["sent"] - figures["bounced"])) if figures["sent"] else None


def _why_unknown(workspace: Workspace, name: str, figures: Mapping[str, int]) -> str:
    """What was counted is known; a nought may be a blind spot."""
    if figures[name]:
        return ""
    if name == "opened" and workspace.open_tracking == Workspace.OpenTracking.OFF:
        return _("opens aren't tracked")
    if name == "replied" and not any(account.imap_host for account in _accounts(workspace)):
        return _("no mailbox is read")
    return ""


def _figures(workspace: Workspace, period: Period) -> tuple[dict[str, int], dict[str, int]]:
    """The sums of the period, and of the one before."""

    def sums() -> tuple[dict[str, int], dict[str, int]]:
        recent, earlier = Q(quarter__gte=_epoch(period.start)), Q(quarter__lt=_epoch(period.start))
        asked: dict[str, Any] = {f"{name}_now": Sum(name, filter=recent, default=0) for name in _SUMMED}
        asked |= {f"{name}_before": Sum(name, filter=earlier, default=0) for name in _SUMMED}
        found = _tallies(workspace, period.before, period.end).aggregate(**asked)
        return {name: found[f"{name}_now"] for name in _SUMMED}, {name: found[f"{name}_before"] for name in _SUMMED}

    return remembered(workspace, ("dashboard figures", *period.bounds), sums)


@add_series
def sent(workspace: Workspace, period: Period) -> Series:
    def bars() -> list[int]:
        starts, found = [_epoch(start) for start, _end in period.bars], [0] * len(period.bars)
        rows = _tallies(workspace, *period.bounds).values_list("quarter").annotate(Sum("sent")).order_by()
        for quarter, count in rows:
            found[bisect_right(starts, quarter) - 1] += count
        return found

    return Series(_("E-mails sent"), remembered(workspace, ("dashboard sent", *period.bounds), bars))


def _tallies(workspace: Workspace, since: datetime, until: datetime) -> QuerySet[Tally]:
    tallies = Tally.objects.filter(campaign__workspace=workspace, quarter__gte=_epoch(since))
    return tallies.filter(quarter__lt=_epoch(until)).exclude(node_id="")


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


@add_cards
def sending_cards(workspace: Workspace, period: Period) -> list[Card]:
    accounts = _accounts(workspace)
    cards = []
    if accounts:
        todays = health.todays(workspace, accounts, clock.now()).values()
        allowed, most = sum(today.limit for today in todays), workspace.limits.emails_a_day
        limit = allowed if most is None else min(allowed, most)
        hint = _("of %(limit)d that may be sent") % {"limit": limit}
        link = reverse("admin:campaigns_emailaccount_changelist")
        count = sum(today.sent for today in todays)
        cards.append(Card(_("E-mails today"), count, link, hint, for_admins=True, most=limit))
    uncertain = Message.objects.of(workspace).filter(state=Message.State.UNCERTAIN).count()
    if uncertain:
        hint = _("Say whether they were sent")
        cards.append(Card(_("Uncertain e-mails"), uncertain, reverse("admin:campaigns_message_changelist"), hint))
    return cards


def _accounts(workspace: Workspace) -> list[EmailAccount]:
    return health.accounts_of(workspace)


# -------------------------------------------------------------------------------------------------- the panels


@add_panels
def sending_panels(workspace: Workspace) -> list[Panel]:
    accounts, known = health.attended(workspace, clock.now())
    if not accounts:
        return []
    panels = []
    troubled = [(account, known[account.pk]) for account in accounts if known[account.pk].verdict != "good"]
    if troubled:
        told = {"accounts": troubled[:MOST_SHOWN], "more": max(0, len(troubled) - MOST_SHOWN)}
        panels.append(Panel("campaigns/accounts/troubled.html", told, rank=10))
    todays = [(account, known[account.pk].today) for account in accounts]
    drawn = [(account, today, _filled(today)) for account, today in todays[:MOST_SHOWN]]
    return [*panels, Panel("campaigns/accounts/today.html", {"rows": drawn}, rank=30, aside=True)]


def _filled(today: health.Today) -> int:
    return min(100, round(100 * today.sent / today.limit)) if today.limit else 100


@add_panels
def active_campaigns(workspace: Workspace) -> list[Panel]:
    """The newest that run, and how many of their contacts are through."""
    running = Campaign.objects.of(workspace).filter(status=Campaign.Status.ACTIVE).order_by("-id")
    newest = list(running[: MOST_SHOWN + 1])
    if not newest:
        return []
    shown = [each.pk for each in newest[:MOST_SHOWN]]
    known = remembered(workspace, ("dashboard enrolled", *shown), lambda: _enrolled(shown))
    rows = [_progress(each, *known.get(each.pk, (0, 0))) for each in newest[:MOST_SHOWN]]
    more = len(newest) > MOST_SHOWN
    link = f"{reverse(_LIST)}?status=active"
    return [Panel("campaigns/active.html", {"rows": rows, "more": more, "link": link}, rank=30)]


def _enrolled(campaign_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many are in each campaign, or were, and how many of them are through."""
    enrolled = Enrolment.objects.filter(campaign__in=campaign_ids).order_by().values_list("campaign_id")
    # Two counts: where the status is given, an index answers without a look at each.
    inside = dict(enrolled.filter(status__in=IN_CAMPAIGN).annotate(size=Count("*")))
    through = dict(enrolled.filter(status__in=_THROUGH).annotate(size=Count("*")))
    return {pk: (inside.get(pk, 0) + through.get(pk, 0), through.get(pk, 0)) for pk in campaign_ids}


def _progress(campaign: Campaign, total: int, done: int) -> dict[str, Any]:
    percent_done = round(100 * done / total) if total else 0
    return {"campaign": campaign, "total": total, "done": done, "percent": percent_done}


@add_steps
def send_a_campaign(workspace: Workspace) -> list[Step]:
    campaigns = Campaign.objects.of(workspace).order_by()
    known = dict(campaigns.values_list("status").annotate(Count("pk")))
    account = reverse("admin:campaigns_emailaccount_changelist")
    new, started = reverse(_LIST), any(status != Campaign.Status.DRAFT for status in known)
    text = _("Campaigns are sent from your own mailbox, and read the answers in it.")
    return [
        Step(_("Add an e-mail account"), text, account, bool(_accounts(workspace)), for_admins=True),
        Step(_("Make a campaign"), _("A first e-mail and what follows it."), new, bool(known)),
        Step(_("Start it"), _("After a look at who gets it, and when."), new, started),
    ]
