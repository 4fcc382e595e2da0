"""The weekly report: what happened from Monday to Sunday, against the week before; Monday at 8 where its reader is."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import health
from campaigns.models import Campaign, Conversation, EmailAccount, Tally
from campaigns.reporting.times import last_monday, weeks_before
from campaigns.reporting.trouble import described
from campaigns.stats.counts import percent
from campaigns.stats.unknown import unknown
from campaigns.workflow.parsing import parse
from contacts.models import Contact
from fluenzr_site.core import ids
from fluenzr_site.notices import choosing, sending
from fluenzr_site.notices.letters import Letter, link
from fluenzr_site.notices.models import Notice
from fluenzr_site.workspaces.models import Membership, Profile, Workspace
from fluenzr_site.workspaces.profiles import zone_of

KIND: Final = Notice.Kind.WEEKLY
MOST_CAMPAIGNS: Final = 5
DAY: Final = timedelta(days=1)
_COUNTED: Final = ("sent", "opened", "clicked", "replied", "bounced")
Sums = dict[str, int]


def note_due(now: datetime) -> None:
    """Note the report of everybody for whom it is Monday morning, or was while nothing ran."""
    for membership in choosing.wanting(KIND):
        zone = zone_of(getattr(membership.user, "profile", None) or Profile(), membership.workspace)
        monday = last_monday(now, zone)
        if membership.choices.weekly_since and membership.choices.weekly_since <= monday:
            # By the calendar, so that who travels gets one a week.
            sending.note(membership, KIND, f"{monday.astimezone(zone):%G-W%V}", monday)


def write(membership: Membership, now: datetime) -> Letter | None:
    """The report in the zone that is active; none of a week in which nothing happened and nothing waits."""
    workspace, zone = membership.workspace, timezone.get_current_timezone()
    before, start, end = weeks_before(last_monday(now, zone), zone)
    campaigns = {each.pk: each for each in Campaign.objects.of(workspace).select_related("version")}
    week, week_before = _by_campaign(campaigns, start, end), _by_campaign(campaigns, before, start)
    sums, sums_before = _total(week), _total(week_before)
    added, added_before = _added(workspace, start, end), _added(workspace, before, start)
    unread = Conversation.objects.of(workspace).filter(status=Conversation.Status.UNREAD).count()
    failing = list(EmailAccount.objects.of(workspace).filter(state=EmailAccount.State.FAILING).order_by("email"))
    if not (added or unread or failing or any(sums.values())):
        return None
    active = [campaigns[each] for each in {*week, *week_before}]
    context = {
        "start": start,
        "end": timezone.localtime(end).date() - DAY,
        "numbers": [
            _counted(_("Contacts added"), added, added_before),
            _counted(_("E-mails sent"), sums["sent"], sums_before["sent"]),
            *_rates(workspace, active, sums, sums_before),
        ],
        "unread": unread,
        "campaigns": _top(workspace, campaigns, week),
        "accounts": described(membership, failing, now),
        "inbox": link(workspace, "campaigns_conversation_changelist"),
        "dashboard": link(workspace, "index"),
    }
    return Letter(_("Your week in %(workspace)s") % {"workspace": workspace.name}, "weekly", context)


def _by_campaign(campaigns: dict[str, Campaign], start: datetime, end: datetime) -> dict[str, Sums]:
    # Midnights are at the beginning of a quarter of an hour, in whatever zone.
    tallies = Tally.objects.filter(
        campaign__in=campaigns.keys(), quarter__gte=int(start.timestamp()), quarter__lt=int(end.timestamp())
    )
    rows = tallies.exclude(node_id="").values_list("campaign_id").annotate(*(Sum(name) for name in _COUNTED))
    return {campaign_id: dict(zip(_COUNTED, sums, strict=True)) for campaign_id, *sums in rows}


def _total(by_campaign: dict[str, Sums]) -> Sums:
    return {name: sum(each[name] for each in by_campaign.values()) for name in _COUNTED}


def _added(workspace: Workspace, start: datetime, end: datetime) -> int:
    rows = Contact.objects.of(workspace).filter(pk__gte=ids.first_at("con", start), pk__lt=ids.first_at("con", end))
    return rows.count()


def _counted(what: str, now: int, before: int) -> dict[str, Any]:
    return {"what": what, "now": str(now), "before": str(before)}


def _rates(workspace: Workspace, campaigns: list[Campaign], sums: Sums, before: Sums) -> list[dict[str, Any]]:
    """Of what arrived; "not known" where it can't be, which isn't 0 %."""
    hidden = _unknown(workspace, campaigns, {name: sums[name] + before[name] for name in _COUNTED})
    named = {
        "opened": pgettext("figures", "Opened"),
        "clicked": pgettext("figures", "Clicked"),
        "replied": pgettext("figures", "Replied"),
    }
    return [
        {"what": what, "now": _rate(name, sums, hidden), "before": _rate(name, before, hidden)}
        for name, what in named.items()
    ]


def _rate(name: str, sums: Sums, hidden: set[str]) -> str:
    if name in hidden:
        return _("not known")
    delivered = sums["sent"] - sums["bounced"]
    if delivered <= 0:
        return "–"
    # Of last week's e-mails some are opened this week.
    return _("%(rate)s %%") % {"rate": f"{min(100.0, percent(sums[name], delivered)):g}"}


def _unknown(workspace: Workspace, campaigns: list[Campaign], figures: Sums) -> set[str]:
    """What none of these campaigns lets be known."""
    accounts = health.accounts_of(workspace)
    each = [
        set(unknown(workspace, parse(one.version.workflow if one.version else one.workflow), accounts, figures))
        for one in campaigns
    ]
    return set.intersection(*each) if each else set()


def _top(workspace: Workspace, campaigns: dict[str, Campaign], week: dict[str, Sums]) -> list[dict[str, Any]]:
    """Those with the most replies, then the most e-mails."""
    order = sorted(week, key=lambda each: (-week[each]["replied"], -week[each]["sent"], campaigns[each].name))
    return [
        {
            "name": campaigns[each].name,
            "sent": week[each]["sent"],
            "replied": week[each]["replied"],
            "link": link(workspace, "campaigns_campaign_change", each),
        }
        for each in order[:MOST_CAMPAIGNS]
        if week[each]["sent"] or week[each]["replied"]
    ]
