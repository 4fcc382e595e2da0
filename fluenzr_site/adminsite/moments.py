"""Times as the pages say them."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fluenzr_site.core import clock

_JUST_NOW: Final = timedelta(minutes=1)


def weekday(day: int) -> str:
    """A day's name inside a sentence, 0 for Monday: in French it begins small there, as it doesn't in Django's list."""
    name = str(WEEKDAYS[day])
    return name.lower() if (get_language() or "").startswith("fr") else name


def day(moment: datetime) -> SafeString:
    """The date alone, on one line, with the exact time at hand."""
    here = localtime(moment)
    return format_html(
        '<time class="flz-day" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        date_format(here, "SHORT_DATETIME_FORMAT"),
        date_format(here, "SHORT_DATE_FORMAT"),
    )


def ago(moment: datetime | None) -> SafeString | str:
    """Such as "5 minutes ago", with the exact time at hand; a dash for never."""
    if moment is None:
        return "–"
    now = clock.now()
    said = _("just now") if now - moment < _JUST_NOW else _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    exactly = date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exactly, said)
