"""What the lists show in a cell."""

from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from contacts.models import Contact

_BADGES: Final = {
    Contact.Status.ACTIVE: "good",
    Contact.Status.REPLIED: "info",
    Contact.Status.UNSUBSCRIBED: "warn",
    Contact.Status.BOUNCED: "bad",
    Contact.Status.BLOCKED: "bad",
}


def badge(status: str) -> SafeString:
    """A contact's status, in its colour."""
    known = Contact.Status(status)
    return format_html('<span class="flz-badge flz-badge-{}">{}</span>', _BADGES[known], known.label)


def chip(name: str, color: str = "") -> SafeString:
    """A word with its colour, as stages and groups have one."""
    if not color:
        return format_html('<span class="flz-chip" title="{0}"><b>{0}</b></span>', name)
    return format_html('<span class="flz-chip"><i style="background:{}"></i><b>{}</b></span>', color, name)


def chips(names: list[str], most: int) -> SafeString:
    """The first of some names, and how many more there are."""
    shown: Any = "".join(chip(name) for name in names[:most])
    if len(names) > most:
        rest = escape(", ".join(names[most:]))
        shown += f'<span class="flz-chip" title="{rest}">+{len(names) - most}</span>'
    return mark_safe(shown)  # noqa: S308 - each is escaped


def contacts_link(count: int, **filters: str) -> SafeString | str:
    """A number of contacts that leads to them."""
    url = f"{reverse('admin:contacts_contact_changelist')}?{urlencode(filters)}"
    return format_html('<a class="text-link" href="{}">{}</a>', url, count)
