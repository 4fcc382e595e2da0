"""A contact as the API, the webhooks and the history show it: one shape, built from plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact, ContactTag, GroupMembership
from fluenzr_site.core.clock import iso

Document = dict[str, Any]

# What ``contact_document`` reads of a row.
COLUMNS = (
    "id",
    "email",
    "first_name",
    "last_name",
    "company",
    "job_title",
    "phone",
    "website",
    "status",
    "custom_fields",
    "created_at",
    "updated_at",
)


def contact_document(
    row: Mapping[str, Any],
    *,
    groups: Sequence[Document],
    tags: Sequence[str],
    stage: Document | None,
) -> Document:
    """The documented contact object of a row of COLUMNS. Every documented key is there; unset text is None."""
    return {
        "id": row["id"],
        "email": row["email"],
        "firstName": row["first_name"] or None,
        "lastName": row["last_name"] or None,
        "company": row["company"] or None,
        "jobTitle": row["job_title"] or None,
        "phone": row["phone"] or None,
        "website": row["website"] or None,
        "status": row["status"],
        "groups": groups,
        "tags": tags,
        "customFields": row["custom_fields"],
        "pipelineStage": stage,
        "createdAt": iso(row["created_at"]),
        "updatedAt": iso(row["updated_at"]),
    }


def stage_document(stage_id: str | None, name: str | None) -> Document | None:
    return {"id": stage_id, "name": name} if stage_id else None


def groups_of(contact_ids: Sequence[str]) -> dict[str, list[Document]]:
    """The groups of each contact, in the order of joining. One query."""
    links = GroupMembership.objects.filter(contact_id__in=contact_ids)
    rows = links.order_by("position", "group_id").values_list("contact_id", "group_id", "group__name")
    found: dict[str, list[Document]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, group_id, name in rows:
        found[contact_id].append({"id": group_id, "name": name})
    return found


def tags_of(contact_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """The tags (id, name) of each contact, in the order of adding. One query."""
    links = ContactTag.objects.filter(contact_id__in=contact_ids)
    rows = links.order_by("position", "tag_id").values_list("contact_id", "tag_id", "tag__name")
    found: dict[str, list[tuple[str, str]]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, tag_id, name in rows:
        found[contact_id].append((tag_id, name))
    return found


def contact_documents(contacts: QuerySet[Contact], *, also: Sequence[str] = ()) -> list[Document]:
    """The objects of a queryset of contacts, in its order, in three queries whatever their number.

    ``also``: further columns to put beside the documented ones, under their own names.
    """
    rows = list(contacts.values(*COLUMNS, "stage_id", "stage__name", *also))
    contact_ids = [row["id"] for row in rows]
    groups = groups_of(contact_ids) if rows else {}
    tags = tags_of(contact_ids) if rows else {}
    return [
        contact_document(
            row,
            groups=groups[row["id"]],
            tags=[name for _, name in tags[row["id"]]],
            stage=stage_document(row["stage_id"], row["stage__name"]),
        )
        | {name: row[name] for name in also}
        for row in rows
    ]
