"""The filters of the contacts' list. Each offers what the workspace has."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin.dropdown_filters import DropdownFilter

from contacts.admin.people import members, person_name
from contacts.cleaning import Invalid
from contacts.models import Contact, CustomField, Group, Import, PipelineStage, Tag
from contacts.queries import Contacts, in_groups, with_custom_fields, with_tags
from fluenzr_site.workspaces.current import current
from fluenzr_site.workspaces.models import Workspace

# A filter's menu is read by people; beyond this many they type the name into the address or the search.
MOST = 1000
Choices = list[tuple[str, Any]]


class ContactFilter(DropdownFilter):  # type: ignore[misc, unused-ignore]
    """One filter: ``offered`` lists the choices of a workspace, ``narrowed`` applies one."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        workspace = current(request)
        return self.offered(workspace, self.value()) if workspace else []

    def queryset(self, request: HttpRequest, queryset: Contacts) -> Contacts:
        workspace, value = current(request), self.value()
        return self.narrowed(workspace, queryset, value) if workspace and value else queryset

    def has_output(self) -> bool:
        # A filter without choices is left out, but never one that the address asks for: all would match then.
        return bool(self.lookup_choices) or bool(self.value())

    def said(self) -> str:
        """The filter in words, such as "status: Active"."""
        chosen = self.value()
        return f"{self.title}: {dict(self.lookup_choices).get(chosen, chosen)}"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        raise NotImplementedError

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        raise NotImplementedError


class StatusFilter(ContactFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        return list(Contact.Status.choices)

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        return contacts.filter(status=value)


class GroupFilter(ContactFilter):
    title = gettext_lazy("group")
    parameter_name = "group"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        return list(Group.objects.of(workspace).order_by("name").values_list("pk", "name")[:MOST])

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        return in_groups(contacts, [value])


class TagFilter(ContactFilter):
    title = gettext_lazy("tag")
    parameter_name = "tag"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        names = Tag.objects.of(workspace).order_by("name").values_list("name", flat=True)
        return [(name, name) for name in names[:MOST]]

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        return with_tags(contacts, [value])


class StageFilter(ContactFilter):
    title = gettext_lazy("pipeline stage")
    parameter_name = "stage"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        stages = PipelineStage.objects.of(workspace).values_list("pk", "name")
        return [*stages, ("none", _("No stage"))]

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        return contacts.filter(stage=None) if value == "none" else contacts.filter(stage_id=value)


class OwnerFilter(ContactFilter):
    title = gettext_lazy("owner")
    parameter_name = "owner"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        people = [(str(user.pk), person_name(user)) for user in members(workspace)]
        return [*people, ("none", _("Nobody"))]

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        if value == "none":
            return contacts.filter(owner=None)
        return contacts.filter(owner_id=int(value)) if value.isascii() and value.isdecimal() else contacts.none()


class ImportFilter(ContactFilter):
    """What an import created. Offered only where the report has led here."""

    title = gettext_lazy("import")
    parameter_name = "import"

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        if not value:
            return []
        return list(Import.objects.of(workspace).filter(pk=value).values_list("pk", "filename"))

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        return contacts.filter(source_import_id=value)


class CustomFieldFilter(ContactFilter):
    """By the value of a dropdown or a checkbox; a class is made for each."""

    field: CustomField

    def offered(self, workspace: Workspace, value: str | None) -> Choices:
        if self.field.type == CustomField.Type.CHECKBOX:
            return [("true", _("Yes")), ("false", _("No"))]
        return [(option, option) for option in self.field.options]

    def narrowed(self, workspace: Workspace, contacts: Contacts, value: str) -> Contacts:
        try:
            return with_custom_fields(contacts, workspace, {self.field.key: value})
        except Invalid:
            return contacts.none()


def custom_field_filters(workspace: Workspace) -> list[type[CustomFieldFilter]]:
    kinds = (CustomField.Type.DROPDOWN, CustomField.Type.CHECKBOX)
    return [
        type("CustomFieldFilter", (CustomFieldFilter,), _described(field))
        for field in CustomField.objects.of(workspace).filter(type__in=kinds)
    ]


def _described(field: CustomField) -> dict[str, Any]:
    return {"field": field, "title": field.label, "parameter_name": field.pk}


FILTERS = (StatusFilter, GroupFilter, TagFilter, StageFilter, OwnerFilter, ImportFilter)
