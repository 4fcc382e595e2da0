"""The menu: what stands in it, who sees it, where one is. It follows the work, not the tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from fluenzr_site.adminsite.remembering import administers, once
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace

#: A badge says "99+" from there on, and no more rows are counted.
MOST_COUNTED: Final = 100


def in_workspace(request: HttpRequest) -> bool:
    return current(request) is not None


def icon(_request: HttpRequest) -> str:
    return static("adminsite/icon.svg")


@dataclass(frozen=True, slots=True)
class Item:
    """A place in the menu.

    ``route`` is a name in the admin site; a page that isn't there leaves its item out. ``key`` goes there after "g".
    ``below`` are the pages that belong to it, seen while one is in any of them, or always (``is_open``). ``also`` are
    pages that have no item of their own.
    """

    title: Any
    icon: str
    route: str
    permission: Callable[[HttpRequest], bool] = in_workspace
    key: str = ""
    below: Sequence["Item"] = ()
    also: Sequence[str] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as this person sees it on this page."""

    title: str
    icon: str
    url: str
    key: str
    is_current: bool
    is_within: bool
    badge: str
    below: list["Entry"]


def menu() -> tuple[Item, ...]:
    return (
        Item(_("Dashboard"), "dashboard", "index", key="d"),
        Item(
            _("Contacts"),
            "person",
            "contacts_contact_changelist",
            key="c",
            is_open=True,
            below=(
                Item(_("Groups"), "group", "contacts_group_changelist"),
                Item(_("Tags"), "sell", "contacts_tag_changelist"),
                Item(_("Imports"), "upload_file", "contacts_import_changelist"),
            ),
            also=("contacts_changes",),
        ),
        Item(_("Pipeline"), "view_column", "contacts_board", key="p"),
        Item(
            _("Campaigns"), "campaign", "campaigns_campaign_changelist", key="m", also=("campaigns_message_changelist",)
        ),
        Item(_("Inbox"), "inbox", "campaigns_conversation_changelist", key="i"),
        Item(
            _("Settings"),
            "settings",
            "settings_home",
            key="s",
            below=(
                Item(_("E-mail accounts"), "alternate_email", "campaigns_emailaccount_changelist", administers),
                Item(_("Pipeline stages"), "view_column", "contacts_pipelinestage_changelist"),
                Item(_("Custom fields"), "edit_note", "contacts_customfield_changelist"),
                Item(_("Locations"), "location_on", "contacts_location_changelist"),
                Item(_("Members"), "badge", "workspaces_membership_changelist", administers),
                Item(_("API keys"), "key", "workspaces_apikey_changelist", administers),
                Item(_("Webhooks"), "webhook", "webhooks_webhook_changelist", administers),
                Item(_("Workspace"), "domain", "workspaces_workspace_changelist", administers),
            ),
        ),
    )


_badges: dict[str, Callable[[Workspace], int]] = {}


def add_badge(route: str) -> Callable[[Callable[[Workspace], int]], Callable[[Workspace], int]]:
    """The number beside an item, nothing for 0. It is counted on every page: up to MOST_COUNTED, from an index."""

    def add(count: Callable[[Workspace], int]) -> Callable[[Workspace], int]:
        _badges[route] = count
        return count

    return add


def entries(request: HttpRequest) -> list[Entry]:
    """The menu of this person; the one entry whose page, or a page below it, this is knows so."""
    return once(request, "_navigation", lambda: _entries(request))


def _entries(request: HttpRequest) -> list[Entry]:
    items = menu()
    flat = [*items, *(each for item in items for each in item.below)]
    routes = {route: item.route for item in flat for route in (item.route, *item.also)}
    here = _here(request.path, routes)
    return [entry for item in items if (entry := _entry(request, item, here))]


def _entry(request: HttpRequest, item: Item, here: str) -> Entry | None:
    if not item.permission(request):
        return None
    below = [entry for each in item.below if (entry := _entry(request, each, here))]
    url = _address(item.route) or (below[0].url if below else "")
    is_current = item.route == here
    is_within = is_current or any(each.is_current for each in below)
    seen = below if is_within or item.is_open else []
    badge = _badge(request, item.route)
    return Entry(str(item.title), item.icon, url, item.key, is_current, is_within, badge, seen) if url else None


def _here(path: str, routes: dict[str, str]) -> str:
    """The route of the item whose address this one's begins with: the longest, and the dashboard's only exactly."""
    known = {address: route for name, route in routes.items() if (address := _address(name))}
    home = _address("index")
    within = [address for address in known if path == address or (address != home and path.startswith(address))]
    return known[max(within, key=len)] if within else ""


def _badge(request: HttpRequest, route: str) -> str:
    workspace = current(request)
    count = _badges[route](workspace) if workspace and route in _badges else 0
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count or "")


def _address(route: str) -> str:
    try:
        return reverse(f"admin:{route}")
    except NoReverseMatch:
        return ""
