"""/contacts"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fluenzr._calls import Call, ListCall
from fluenzr._values import NOT_GIVEN, Maybe, given, inside, path, query_values, texts
from fluenzr.endpoints._building import one
from fluenzr.inputs import ContactInput, OnDuplicate, Order, SearchFilters
from fluenzr.models import BulkResult, Contact, Deleted


def list_all(
    *,
    email: str | None = None,
    status: str | None = None,
    group_id: str | None = None,
    tag: str | None = None,
    stage_id: str | None = None,
    q: str | None = None,
    custom_fields: Mapping[str, str] | None = None,
    updated_since: datetime | str | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Contact]:
    """List contacts, newest first. Filters combine with AND; ``email`` is a part of the address, ``q`` free text."""
    values = dict(locals())
    custom = values.pop("custom_fields") or {}
    query = query_values(values) | {f"customFields[{key}]": str(value) for key, value in custom.items()}
    return ListCall(path("contacts"), Contact.from_json, query=query)


def get(contact_id: str) -> Call[Contact]:
    """Get a contact."""
    return one(Contact, "GET", "contacts", contact_id)


def create(
    *,
    email: str,
    first_name: Maybe[str | None] = NOT_GIVEN,
    last_name: Maybe[str | None] = NOT_GIVEN,
    company: Maybe[str | None] = NOT_GIVEN,
    job_title: Maybe[str | None] = NOT_GIVEN,
    phone: Maybe[str | None] = NOT_GIVEN,
    website: Maybe[str | None] = NOT_GIVEN,
    status: Maybe[str] = NOT_GIVEN,
    group_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    tags: Maybe[Iterable[str]] = NOT_GIVEN,
    custom_fields: Maybe[Mapping[str, Any]] = NOT_GIVEN,
    pipeline_stage_id: Maybe[str | None] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Contact]:
    """Create a contact. Tags that don't exist are made. Raises ConflictError where the address is known."""
    values = dict(locals())
    key = values.pop("idempotency_key")
    return one(Contact, "POST", "contacts", body=_written(values), key=key)


def update(
    contact_id: str,
    *,
    email: Maybe[str] = NOT_GIVEN,
    first_name: Maybe[str | None] = NOT_GIVEN,
    last_name: Maybe[str | None] = NOT_GIVEN,
    company: Maybe[str | None] = NOT_GIVEN,
    job_title: Maybe[str | None] = NOT_GIVEN,
    phone: Maybe[str | None] = NOT_GIVEN,
    website: Maybe[str | None] = NOT_GIVEN,
    status: Maybe[str] = NOT_GIVEN,
    group_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    tags: Maybe[Iterable[str]] = NOT_GIVEN,
    custom_fields: Maybe[Mapping[str, Any]] = NOT_GIVEN,
    pipeline_stage_id: Maybe[str | None] = NOT_GIVEN,
) -> Call[Contact]:
    """Change what is given; None clears. ``group_ids`` and ``tags`` replace, ``custom_fields`` merge key by key."""
    values = dict(locals())
    del values["contact_id"]
    return one(Contact, "PUT", "contacts", contact_id, body=_written(values))


def delete(contact_id: str) -> Call[Deleted]:
    """Delete a contact for good."""
    return one(Deleted, "DELETE", "contacts", contact_id)


def bulk(
    contacts: Iterable[ContactInput],
    *,
    group_ids: Maybe[Iterable[str]] = NOT_GIVEN,
    on_duplicate: Maybe[OnDuplicate] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[BulkResult]:
    """Create up to 1000 contacts. Bad rows don't stop good ones: they are in ``errors``."""
    rows = [inside(row) for row in contacts]
    body = given({"contacts": rows, "group_ids": texts(group_ids, "group_ids"), "on_duplicate": on_duplicate})
    return one(BulkResult, "POST", "contacts", "bulk", body=body, key=idempotency_key)


def search(
    *,
    query: Maybe[str] = NOT_GIVEN,
    filters: Maybe[SearchFilters] = NOT_GIVEN,
    sort: str | None = None,
    order: Order | None = None,
    page: Maybe[int] = NOT_GIVEN,
    per_page: Maybe[int] = NOT_GIVEN,
) -> ListCall[Contact]:
    """Search contacts; ``query`` matches address, names, company and job title. Iterating turns pages by number."""
    ordered = {name: value for name, value in (("field", sort), ("order", order)) if value is not None}
    values = {"query": query, "filters": inside(filters), "page": page, "per_page": per_page}
    body = given({**values, "sort": ordered or NOT_GIVEN})
    return ListCall(path("contacts", "search"), Contact.from_json, body=body)


def add_to_groups(contact_id: str, group_ids: Iterable[str], *, idempotency_key: str | None = None) -> Call[Contact]:
    """Add a contact to groups; those it is in stay as they are."""
    body = {"groupIds": texts(group_ids, "group_ids")}
    return one(Contact, "POST", "contacts", contact_id, "groups", body=body, key=idempotency_key)


def add_to_group(contact_id: str, group_id: str, *, idempotency_key: str | None = None) -> Call[Contact]:
    """Add a contact to one group."""
    return add_to_groups(contact_id, [group_id], idempotency_key=idempotency_key)


def remove_from_groups(contact_id: str, group_ids: Iterable[str]) -> Call[Contact]:
    """Take a contact out of groups."""
    body = {"groupIds": texts(group_ids, "group_ids")}
    return one(Contact, "DELETE", "contacts", contact_id, "groups", body=body)


def remove_from_group(contact_id: str, group_id: str) -> Call[Contact]:
    """Take a contact out of one group."""
    return remove_from_groups(contact_id, [group_id])


def add_tags(contact_id: str, tags: Iterable[str], *, idempotency_key: str | None = None) -> Call[Contact]:
    """Add tags to a contact, making those that don't exist."""
    body = {"tags": texts(tags, "tags")}
    return one(Contact, "POST", "contacts", contact_id, "tags", body=body, key=idempotency_key)


def remove_tags(contact_id: str, tags: Iterable[str]) -> Call[Contact]:
    """Remove tags from a contact."""
    return one(Contact, "DELETE", "contacts", contact_id, "tags", body={"tags": texts(tags, "tags")})


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: texts(values[name], name) for name in ("group_ids", "tags")}
    return given({**values, **lists})
