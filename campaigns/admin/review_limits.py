"""When a campaign sends and how much, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns import health
from campaigns.models import Campaign, EmailAccount
from campaigns.sending import gates
from campaigns.sending.calendar import Calendar, parse_settings
from campaigns.simulating.loading import ramp_of
from fluenzr_site.adminsite.moments import weekday
from fluenzr_site.adminsite.numbers import number

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Limit:
    title: str
    said: str
    hint: str = ""


def limits(campaign: Campaign, now: datetime) -> list[Limit]:
    settings = parse_settings(campaign.settings)
    zone = settings.calendar.zone.key.replace("_", " ")
    per_hour = ngettext("%(count)s e-mail", "%(count)s e-mails", settings.max_emails_per_hour)
    found = [
        Limit(_("Days"), _days(settings.calendar)),
        Limit(_("Hours"), _hours(settings.calendar), zone),
        Limit(_("Each hour"), per_hour % {"count": number(settings.max_emails_per_hour)}, _("spread over the hour")),
    ]
    found += _accounts(campaign, now)
    most = campaign.workspace.limits.emails_a_day
    if most is not None:
        said = ngettext("%(count)s e-mail a day", "%(count)s e-mails a day", most) % {"count": number(most)}
        found.append(Limit(_("Your plan"), said, _("all campaigns together")))
    return found


def _days(calendar: Calendar) -> str:
    days = sorted(calendar.days)
    if len(days) == _WEEK:
        return _("Every day")
    names = [weekday(day) for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return pgettext("days of the week", "%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return ", ".join(names)


def _hours(calendar: Calendar) -> str:
    if calendar.end_hour - calendar.start_hour == 24:
        return _("All day")
    start, end = (time_format(time(hour % 24), "H:i") for hour in (calendar.start_hour, calendar.end_hour))
    return _("%(start)s to %(end)s") % {"start": start, "end": "24:00" if calendar.end_hour == 24 else end}


def _accounts(campaign: Campaign, now: datetime) -> Iterator[Limit]:
    for account in gates.own_accounts(campaign):
        most = health.limit_today(campaign.workspace, account, now)
        said = ngettext("%(count)s e-mail a day", "%(count)s e-mails a day", most) % {"count": number(most)}
        ramp = _ramp(account, most)
        yield Limit(_("From"), account.email, f"{said}, {ramp}" if ramp else said)


def _ramp(account: EmailAccount, today: int) -> str:
    ramp = ramp_of(account)
    ceiling = min(ramp.ceiling, account.daily_limit) if ramp else 0
    if not ramp or not ramp.growth_per_day or today >= ceiling:
        return ""
    text = _("ramping up: %(growth)s more each day, up to %(ceiling)s")
    return text % {"growth": number(ramp.growth_per_day), "ceiling": number(ceiling)}
