"""The filters of the contacts' list. Each offers what the workspace has; several values of one widen it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.admin.people import members, person_name
from contacts.cleaning import Invalid, tag_key
from contacts.models import (
    Contact,
    ContactTag,
    CustomField,
    Group,
    GroupMembership,
    Import,
    Location,
    PipelineStage,
    Tag,
)
from contacts.queries import Contacts, created_between, with_custom_fields
from fluenzr_site.api.totals import remembered
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace

# A filter's menu is read by people; beyond this many they type the name into the address or the search.
MOST: Final = 1000
MOST_IMPORTS: Final = 30
NONE: Final = "none"
Choices = list[tuple[str, Any]]


class ContactFilter(SimpleListFilter):
    """One filter: ``offered`` lists the choices of a workspace, ``narrowed`` applies those that are ticked."""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        given = request.GET.getlist(self.parameter_name or "")
        self.chosen = [value.replace("\0", "") for value in given if value]
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        workspace = current(request)
        return self.offered(workspace) if workspace else []

    def queryset(self, request: HttpRequest, queryset: Contacts) -> Contacts:
        workspace = current(request)
        return self.narrowed(workspace, queryset, self.chosen) if workspace and self.chosen else queryset

    def value(self) -> str | None:
        return self.chosen[-1] if self.chosen else None

    def has_output(self) -> bool:
        # A filter without choices is left out, but never one that the address asks for: all would match then.
        return bool(self.lookup_choices) or bool(self.chosen)

    def chips(self, changelist: Any) -> list[tuple[str, str]]:
        """Each chosen value in words, such as "status: Active", and the address without it."""
        return [(f"{self.title}: {self.worded(value)}", self._without(changelist, value)) for value in self.chosen]

    def worded(self, value: str) -> str:
        known = {str(key).casefold(): label for key, label in self.lookup_choices}
        return str(known.get(value.casefold(), value))

    def _without(self, changelist: Any, value: str) -> str:
        kept = {name: values for name, values in changelist.filter_params.items() if name != self.parameter_name}
        rest = [each for each in self.chosen if each != value]
        return changelist.address(kept | ({self.parameter_name: rest} if rest else {}))

    def boxes(self) -> list[tuple[str, str, bool]]:
        """Value, label and whether it is ticked, for each choice."""
        ticked = {value.casefold() for value in self.chosen}
        return [(str(key), str(label), str(key).casefold() in ticked) for key, label in self.lookup_choices]

    def inputs(self) -> SafeString:
        """The boxes to tick. By hand, since there may be a thousand."""
        made = [
            f'<label class="flz-check"><input type="checkbox" name="{self.parameter_name}" value="{escape(value)}"'
            f"{' checked' if is_ticked else ''}> {escape(label)}</label>"
            for value, label, is_ticked in self.boxes()
        ]
        return mark_safe("".join(made))  # noqa: S308 - escaped above

    def offered(self, workspace: Workspace) -> Choices:
        raise NotImplementedError

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        raise NotImplementedError


def _kept(workspace: Workspace, rows: Any) -> Choices:
    """What a filter offers, read again only after the workspace has changed."""
    return remembered(workspace, ("offered", rows.model.__name__), lambda: list(rows))


def _any_of(contacts: Contacts, column: str, values: Sequence[str]) -> Contacts:
    """Those with one of the values in a column; "none" stands for an empty one."""
    named = [value for value in values if value != NONE]
    asked = Q(**{f"{column}__in": named}) if named else Q()
    return contacts.filter(asked | Q(**{f"{column}__isnull": True}) if NONE in values else asked)


class StatusFilter(ContactFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def offered(self, workspace: Workspace) -> Choices:
        return list(Contact.Status.choices)

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        return contacts.filter(status__in=values)


class GroupFilter(ContactFilter):
    title = gettext_lazy("group")
    parameter_name = "group"

    def offered(self, workspace: Workspace) -> Choices:
        groups = _kept(workspace, Group.objects.of(workspace).order_by("name").values_list("pk", "name")[:MOST])
        return [*groups, (NONE, _("In no group"))] if groups else []

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        # By id, so that a small group is read and not every contact.
        links = GroupMembership.objects.filter(group_id__in=[value for value in values if value != NONE])
        inside = Q(pk__in=links.values("contact_id"))
        if NONE not in values:
            return contacts.filter(inside)
        return contacts.filter(inside | ~Exists(GroupMembership.objects.filter(contact_id=OuterRef("pk"))))


class TagFilter(ContactFilter):
    title = gettext_lazy("tag")
    parameter_name = "tag"

    def offered(self, workspace: Workspace) -> Choices:
        return _kept(workspace, Tag.objects.of(workspace).order_by("name").values_list("name", "name")[:MOST])

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        tags = Tag.objects.of(workspace).filter(key__in=[tag_key(value.strip()) for value in values])
        # First the tags, so that the database sees which rows it is about.
        links = ContactTag.objects.filter(tag_id__in=list(tags.values_list("pk", flat=True)))
        return contacts.filter(pk__in=links.values("contact_id"))


class StageFilter(ContactFilter):
    title = gettext_lazy("pipeline stage")
    parameter_name = "stage"

    def offered(self, workspace: Workspace) -> Choices:
        stages = _kept(workspace, PipelineStage.objects.of(workspace).values_list("pk", "name"))
        return [*stages, (NONE, _("No stage"))]

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        return _any_of(contacts, "stage_id", values)


class OwnerFilter(ContactFilter):
    title = gettext_lazy("owner")
    parameter_name = "owner"

    def offered(self, workspace: Workspace) -> Choices:
        people = [(str(user.pk), person_name(user)) for user in members(workspace)]
        return [*people, (NONE, _("Nobody"))]

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        known = [value for value in values if value == NONE or (value.isascii() and value.isdecimal())]
        return _any_of(contacts, "owner_id", known) if known else contacts.none()


class LocationFilter(ContactFilter):
    title = gettext_lazy("location")
    parameter_name = "location"

    def offered(self, workspace: Workspace) -> Choices:
        return _kept(workspace, Location.objects.of(workspace).order_by("title").values_list("pk", "title")[:MOST])

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        return contacts.filter(location_id__in=values)


class ImportFilter(ContactFilter):
    """What an import created; the newest ones, and the one that a report has led here from."""

    title = gettext_lazy("import")
    parameter_name = "import"

    def offered(self, workspace: Workspace) -> Choices:
        rows = Import.objects.of(workspace).order_by("-pk").values_list("pk", "filename", "created_at")
        ended = rows.exclude(state=Import.State.DRAFT)[:MOST_IMPORTS]
        named = rows.filter(pk__in=self.chosen) if self.chosen else ()
        found = {pk: (name, made) for pk, name, made in (*ended, *named)}
        return [(pk, f"{name} · {date_format(made, 'SHORT_DATE_FORMAT')}") for pk, (name, made) in found.items()]

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        return contacts.filter(source_import_id__in=values)


class CreatedFilter(ContactFilter):
    """By when they were added: so many days, or from one date to another ("2026-01-01..2026-01-31")."""

    title = gettext_lazy("created")
    parameter_name = "created"
    DAYS: Final = {"1": gettext_lazy("Today"), "7": gettext_lazy("Last 7 days"), "30": gettext_lazy("Last 30 days")}

    def offered(self, workspace: Workspace) -> Choices:
        return [*self.DAYS.items(), ("365", _("Last 365 days"))]

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        first, last = self.period(values[-1])
        if first is None and last is None:
            return contacts.none()
        after = _midnight(first) if first else None
        return created_between(contacts, after, _midnight(last + timedelta(days=1)) if last else None)

    def period(self, value: str) -> tuple[date | None, date | None]:
        """The first and last day, in the person's zone."""
        if value.isascii() and value.isdecimal() and len(value) < 5:
            return localdate() - timedelta(days=max(int(value), 1) - 1), None
        first, _dots, last = value.partition("..")
        return _day(first), _day(last)

    def worded(self, value: str) -> str:
        if ".." not in value:
            return super().worded(value)
        first, last = self.period(value)
        days = {"first": _said(first), "last": _said(last)}
        if first and last:
            return _("%(first)s to %(last)s") % days
        return _("since %(first)s") % days if first else _("until %(last)s") % days

    def dates(self) -> tuple[str, str]:
        """What the two date fields hold."""
        value = self.value() or ""
        first, last = self.period(value) if ".." in value else (None, None)
        return (first.isoformat() if first else "", last.isoformat() if last else "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


class CustomFieldFilter(ContactFilter):
    """By the values of a dropdown or a checkbox; a class is made for each."""

    field: CustomField

    def offered(self, workspace: Workspace) -> Choices:
        if self.field.type == CustomField.Type.CHECKBOX:
            return [("true", _("Yes")), ("false", _("No"))]
        return [(option, option) for option in self.field.options]

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        found = [contacts.none()]
        for value in values:
            with suppress(Invalid):
                found.append(with_custom_fields(contacts, workspace, {self.field.key: value}))
        return reduce(or_, found)


def custom_field_filters(fields: Iterable[CustomField]) -> list[type[CustomFieldFilter]]:
    kinds = (CustomField.Type.DROPDOWN, CustomField.Type.CHECKBOX)
    chosen = [field for field in fields if field.type in kinds]
    return [type("CustomFieldFilter", (CustomFieldFilter,), _described(field)) for field in chosen]


def _described(field: CustomField) -> dict[str, Any]:
    return {"field": field, "title": field.label, "parameter_name": field.pk}


class ViewFilter(ContactFilter):
    """The saved view that the address names. It narrows nothing: what the view filters by stands beside it."""

    title = gettext_lazy("view")
    parameter_name = "view"

    def offered(self, workspace: Workspace) -> Choices:
        return []

    def narrowed(self, workspace: Workspace, contacts: Contacts, values: Sequence[str]) -> Contacts:
        return contacts

    def has_output(self) -> bool:
        return False


FILTERS = (
    StatusFilter,
    GroupFilter,
    TagFilter,
    StageFilter,
    OwnerFilter,
    LocationFilter,
    CreatedFilter,
    ImportFilter,
    ViewFilter,
)
