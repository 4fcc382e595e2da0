"""What the board and its statistics are narrowed by: asked in the address, kept for the session, said in chips."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.admin.people import members, person_name
from contacts.models import Group, PipelineStage, StageMove, Tag
from contacts.queries import Contacts, contacts_of, in_groups, matching, with_tags
from fluenzr_site.adminsite.choices import typed
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

#: After so many days in an open stage a card is marked.
STALE_DAYS: Final = 14
STALE: Final = "stale"
NONE: Final = "none"
RECENT_DAYS: Final = (7, 30, 90)
MOST: Final = 1000

_TITLES: Final = {
    "q": gettext_lazy("search"),
    "group": gettext_lazy("group"),
    "owner": gettext_lazy("owner"),
    "tag": gettext_lazy("tag"),
    "entered": gettext_lazy("in the stage"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A filter's menu."""

    name: str
    title: str
    blank: str
    choices: list[tuple[str, str]]
    value: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, and the address without it."""

    said: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address; what it doesn't know of is left out."""

    q: str = ""
    group: str = ""
    owner: str = ""
    tag: str = ""
    entered: str = ""

    @classmethod
    def of(cls, given: Any) -> Self:
        said = {each.name: typed(given, each.name) for each in fields(cls)}
        if said["entered"] not in entered_choices():
            said["entered"] = ""
        return cls(**said)

    def set_ones(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    def address(self, **more: str) -> str:
        """A query string that asks for the same; without any filter one that says so."""
        return "?" + urlencode(self.set_ones() | more or {"clear": "1"})

    def narrowed(self, workspace: Workspace) -> Contacts:
        contacts = contacts_of(workspace)
        if self.q:
            contacts = matching(contacts, self.q)
        if self.group:
            contacts = in_groups(contacts, [self.group])
        if self.tag:
            contacts = with_tags(contacts, [self.tag])
        if self.owner:
            contacts = _owned(contacts, self.owner)
        return _entered(contacts, self.entered) if self.entered else contacts

    def chips(self, menus: list[Field], **more: str) -> list[Chip]:
        """What is set; ``more`` stays in the address when a filter goes."""
        names = {menu.name: dict(menu.choices) for menu in menus}
        return [
            Chip(
                f"{_TITLES[name]}: {names.get(name, {}).get(value, value)}", replace(self, **{name: ""}).address(**more)
            )
            for name, value in self.set_ones().items()
        ]

    def menus(self, workspace: Workspace, *names: str) -> list[Field]:
        """The menus of these filters, with what the workspace has; one with nothing to choose is left out."""
        told = {"group": _group_menu, "owner": _owner_menu, "tag": _tag_menu, "entered": _entered_menu}
        menus = [Field(name, str(_TITLES[name]), *told[name](workspace), value=getattr(self, name)) for name in names]
        return [menu for menu in menus if menu.choices or menu.value]


def remembered_address(request: HttpRequest, workspace: Workspace, asked: Asked) -> str | None:
    """The filters that a bare address is to come back to, if any; those of a fuller one are kept for then."""
    kept: dict[str, str] = request.session.get("board", {})
    if not request.GET:
        return kept.get(workspace.pk)
    said = asked.address() if asked.set_ones() else None
    if kept.get(workspace.pk) != said:
        others = {pk: address for pk, address in kept.items() if pk != workspace.pk}
        request.session["board"] = others | ({workspace.pk: said} if said else {})
    return None


def days_ago(days: int) -> datetime:
    """The beginning of the day, as the person counts days, so many days ago."""
    day = localtime(clock.now()).date() - timedelta(days=days)
    return make_aware(datetime.combine(day, time()))


def entered_choices() -> dict[str, str]:
    recent = {
        str(days): ngettext("for at most %(count)d day", "for at most %(count)d days", days) % {"count": days}
        for days in RECENT_DAYS
    }
    stale = ngettext("for more than %(count)d day", "for more than %(count)d days", STALE_DAYS)
    return recent | {STALE: stale % {"count": STALE_DAYS}}


def _entered(contacts: Contacts, value: str) -> Contacts:
    """Those who came to the stage where they are lately; or, of the open stages, those who have stayed too long."""
    is_stale = value == STALE
    since = days_ago(STALE_DAYS if is_stale else int(value))
    # Not an equality of stages: SQLite would look up each contact's moves among all those to its stage.
    came = StageMove.objects.alias(stage=Coalesce("to_stage_id", Value(""))).filter(
        contact=OuterRef("pk"), stage=Coalesce(OuterRef("stage_id"), Value("")), moved_at__gte=since
    )
    if not is_stale:
        return contacts.filter(Exists(came))
    return contacts.filter(~Exists(came), stage__kind=PipelineStage.Kind.OPEN, created_at__lt=since)


def _owned(contacts: Contacts, value: str) -> Contacts:
    if value == NONE:
        return contacts.filter(owner=None)
    return contacts.filter(owner_id=int(value)) if value.isascii() and value.isdecimal() else contacts.none()


def _group_menu(workspace: Workspace) -> tuple[str, list[tuple[str, str]]]:
    return _("Any group"), list(Group.objects.of(workspace).order_by("name").values_list("pk", "name")[:MOST])


def _owner_menu(workspace: Workspace) -> tuple[str, list[tuple[str, str]]]:
    people = [(str(user.pk), person_name(user)) for user in members(workspace)]
    return _("Anybody's"), [*people, (NONE, _("Nobody's"))]


def _tag_menu(workspace: Workspace) -> tuple[str, list[tuple[str, str]]]:
    names = Tag.objects.of(workspace).order_by("name").values_list("name", flat=True)[:MOST]
    return _("Any tag"), [(name, name) for name in names]


def _entered_menu(workspace: Workspace) -> tuple[str, list[tuple[str, str]]]:
    return _("Any time"), list(entered_choices().items())
