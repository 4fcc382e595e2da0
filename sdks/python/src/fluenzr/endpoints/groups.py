"""/groups"""

from collections.abc import Iterable
from typing import Literal

from fluenzr._calls import Call, ListCall
from fluenzr._values import NOT_GIVEN, Maybe, given, texts
from fluenzr.endpoints._building import listing, one
from fluenzr.inputs import Order
from fluenzr.models import Added, Contact, Deleted, Group, Removed

Kind = Literal["static", "dynamic"]


def list_all(
    *,
    name: str | None = None,
    type: Kind | None = None,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Group]:
    """List groups, newest first; ``name`` is a part of the name."""
    return listing(Group, "groups", query=locals())


def get(group_id: str) -> Call[Group]:
    """Get a group."""
    return one(Group, "GET", "groups", group_id)


def create(
    *,
    name: str,
    description: Maybe[str | None] = NOT_GIVEN,
    type: Maybe[Kind] = NOT_GIVEN,
    color: Maybe[str | None] = NOT_GIVEN,
    idempotency_key: str | None = None,
) -> Call[Group]:
    """Create a group. Raises ConflictError where the name is taken."""
    body = given({"name": name, "description": description, "type": type, "color": color})
    return one(Group, "POST", "groups", body=body, key=idempotency_key)


def update(
    group_id: str,
    *,
    name: Maybe[str] = NOT_GIVEN,
    description: Maybe[str | None] = NOT_GIVEN,
    type: Maybe[Kind] = NOT_GIVEN,
    color: Maybe[str | None] = NOT_GIVEN,
) -> Call[Group]:
    """Change what is given."""
    body = given({"name": name, "description": description, "type": type, "color": color})
    return one(Group, "PUT", "groups", group_id, body=body)


def delete(group_id: str) -> Call[Deleted]:
    """Delete a group; its contacts stay."""
    return one(Deleted, "DELETE", "groups", group_id)


def add_contacts(group_id: str, contact_ids: Iterable[str], *, idempotency_key: str | None = None) -> Call[Added]:
    """Add up to 1000 contacts to a group."""
    body = {"contactIds": texts(contact_ids, "contact_ids")}
    return one(Added, "POST", "groups", group_id, "contacts", body=body, key=idempotency_key)


def remove_contacts(group_id: str, contact_ids: Iterable[str]) -> Call[Removed]:
    """Take up to 1000 contacts out of a group."""
    body = {"contactIds": texts(contact_ids, "contact_ids")}
    return one(Removed, "DELETE", "groups", group_id, "contacts", body=body)


def list_contacts(
    group_id: str,
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Contact]:
    """List a group's contacts."""
    query = {"page": page, "per_page": per_page, "cursor": cursor, "sort": sort, "order": order}
    return listing(Contact, "groups", group_id, "contacts", query=query)
