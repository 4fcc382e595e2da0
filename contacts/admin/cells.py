"""What the lists show in a cell."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def chip(name: str, color: str = "") -> SafeString:
    """A word with its colour, as stages and groups have one."""
    if not color:
        return format_html('<span class="flz-chip" title="{}"><b>{}</b></span>', name, name)
    return format_html('<span class="flz-chip"><i style="background:{}"></i><b>{}</b></span>', color, name)


def chips(names: list[str], most: int) -> SafeString | str:
    """The first of some names, and how many more there are."""
    shown: Any = format_html_join("", "{}", ((chip(name),) for name in names[:most]))
    if len(names) > most:
        rest = ", ".join(names[most:])
        shown += format_html('<span class="flz-chip" title="{}">+{}</span>', rest, len(names) - most)
    return shown or "–"


def contacts_link(count: int, **filters: str) -> SafeString | str:
    """A number of contacts that leads to them."""
    url = f"{reverse('admin:contacts_contact_changelist')}?{urlencode(filters)}"
    return format_html('<a class="text-link" href="{}">{}</a>', url, count)
