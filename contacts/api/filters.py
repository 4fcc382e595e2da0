"""The contact list's query parameters. A parameter that isn't known is passed over; a known one must make sense."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar

import django_filters
from django.http import QueryDict

from contacts import queries
from contacts.cleaning import Invalid
from contacts.models import Contact
from contacts.queries import Contacts
from fluenzr_site.api.errors import ApiError, invalid
from fluenzr_site.api.paging import SortField
from fluenzr_site.workspaces.models import Workspace

SORTS: Mapping[str, SortField] = {
    "createdAt": SortField("id"),
    "updatedAt": SortField("updated_at", kind=datetime),
    "email": SortField("email"),
    "firstName": SortField("first_name", folded=True),
    "lastName": SortField("last_name", folded=True),
    "company": SortField("company", folded=True),
    "jobTitle": SortField("job_title", folded=True),
    "status": SortField("status"),
}
STATUSES = [value for value, _ in Contact.Status.choices]
# SQLite compares no pattern longer than 50,000 bytes.
MOST_TEXT = 1000
_CUSTOM = re.compile(r"customFields\[(.+)\]", re.DOTALL)


class ContactFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Filters combine with AND."""

    email = django_filters.CharFilter(method="by_email")
    status = django_filters.CharFilter(method="by_status")
    groupId = django_filters.CharFilter(method="by_group")
    group = django_filters.CharFilter(method="by_group")
    tag = django_filters.CharFilter(method="by_tag")
    stageId = django_filters.CharFilter(method="by_stage")
    q = django_filters.CharFilter(method="by_text")
    updatedSince = django_filters.CharFilter(method="by_update")

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict, queryset: Contacts, workspace: Workspace) -> None:
        self.workspace = workspace
        super().__init__(data, queryset)

    def filter_queryset(self, queryset: Contacts) -> Contacts:
        for name in ("email", "q"):
            if len(self.data.get(name, "")) > MOST_TEXT:
                raise invalid({name: [f"{name} must be at most {MOST_TEXT} characters"]})
        filtered: Contacts = super().filter_queryset(queryset)
        return filtered

    def by_email(self, contacts: Contacts, _name: str, value: str) -> Contacts:
        return queries.email_has(contacts, value)

    def by_status(self, contacts: Contacts, name: str, value: str) -> Contacts:
        return contacts.filter(status=known_status(value, name))

    def by_group(self, contacts: Contacts, name: str, value: str) -> Contacts:
        if queries.unknown_groups(self.workspace, [value]):
            message = f"Unknown group: {value}"
            raise ApiError(404, message, details={name: [message]})
        return queries.in_groups(contacts, [value])

    def by_tag(self, contacts: Contacts, _name: str, value: str) -> Contacts:
        return queries.with_tags(contacts, [value])

    def by_stage(self, contacts: Contacts, name: str, value: str) -> Contacts:
        if not queries.has_stage(self.workspace, value):
            message = f"Unknown pipeline stage: {value}"
            raise ApiError(404, message, details={name: [message]})
        return contacts.filter(stage_id=value)

    def by_text(self, contacts: Contacts, _name: str, value: str) -> Contacts:
        return queries.matching(contacts, value)

    def by_update(self, contacts: Contacts, name: str, value: str) -> Contacts:
        return contacts.filter(updated_at__gte=moment(value, name))


def filtered(workspace: Workspace, parameters: QueryDict) -> Contacts:
    """The workspace's contacts that the parameters ask for. Raises ApiError naming the bad parameter."""
    contacts = ContactFilter(parameters, queries.contacts_of(workspace), workspace).qs
    unnamed = [name for name in ("customFields", "customFields[]") if name in parameters]
    if unnamed:
        # Passed over, it would answer with everybody.
        raise invalid({unnamed[0]: ["Name the custom field: customFields[key]=value"]})
    wanted = {found[1]: value for name, value in parameters.items() if (found := _CUSTOM.fullmatch(name)) and value}
    return custom_filtered(contacts, workspace, wanted) if wanted else contacts


def custom_filtered(contacts: Contacts, workspace: Workspace, wanted: Mapping[str, Any]) -> Contacts:
    try:
        return queries.with_custom_fields(contacts, workspace, wanted)
    except Invalid as error:
        raise invalid(error.problems) from error


def known_status(value: Any, name: str) -> str:
    if not isinstance(value, str) or value not in STATUSES:
        raise invalid({name: [f"{name} must be one of: {', '.join(STATUSES)}"]})
    return value


def moment(value: Any, name: str, zone: tzinfo = UTC) -> datetime:
    """An ISO 8601 date or time, in UTC; one without an offset is read in ``zone``. Raises ApiError 400."""
    try:
        # A plus sign that wasn't escaped in a URL arrives as a space.
        read = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value)
        read = read if read.tzinfo else read.replace(tzinfo=zone)
        return read.astimezone(UTC)
    except (ValueError, TypeError, AttributeError, OverflowError):
        message = f"{name} must be an ISO 8601 time such as 2025-01-31T10:00:00Z"
        raise invalid({name: [message]}) from None
