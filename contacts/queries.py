"""What can be asked of a workspace's contacts: the filters that API, admin, export and campaigns share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts import json_keys
from contacts.cleaning import Invalid, custom_value, tag_key
from contacts.models import (
    COMPACT_PHONE,
    Contact,
    ContactTag,
    CustomField,
    Group,
    GroupMembership,
    Location,
    PipelineStage,
)
from contacts.phones import SEPARATORS
from fluenzr_site.core import ids
from fluenzr_site.workspaces.models import Workspace

Contacts = QuerySet[Contact]
_SPECIAL = frozenset(r"\.^$*+?{}[]|()")


def contacts_of(workspace: Workspace) -> Contacts:
    return Contact.objects.of(workspace)


def matching(contacts: Contacts, text: str) -> Contacts:
    """Those whose e-mail, name, company or job title has ``text`` in it, whatever its case."""
    return contacts.filter(search_text__contains=text.lower().strip())


def email_has(contacts: Contacts, text: str) -> Contacts:
    """Those whose address has ``text`` in it. The searched text narrows first: it is what has an index."""
    piece = text.lower().strip()
    return contacts.filter(search_text__contains=piece, email__contains=piece)


def in_groups(contacts: Contacts, group_ids: Sequence[str]) -> Contacts:
    """Those in any of the groups."""
    links = GroupMembership.objects.filter(contact_id=OuterRef("pk"), group_id__in=group_ids)
    return contacts.filter(Exists(links))


def with_tags(contacts: Contacts, names: Sequence[str]) -> Contacts:
    """Those with any of the tags, by name and without case."""
    keys = [tag_key(name.strip()) for name in names]
    links = ContactTag.objects.filter(
        contact_id=OuterRef("pk"), tag__key__in=keys, tag__workspace=OuterRef("workspace")
    )
    return contacts.filter(Exists(links))


def spoken_of(contacts: Contacts, text: str) -> Contacts:
    """Those whose name, phone or notes have ``text`` in them, whatever its case: the messaging API's search."""
    piece = text.strip()
    # The name is the second line of the searched text, in lower case on both databases.
    by_name = Q(search_text__contains=piece.lower(), search_text__regex=rf"^[^\n]*\n[^\n]*{_literal(piece.lower())}")
    by_notes = Q(notes__icontains=piece) if piece.isascii() else Q(notes__iregex=_literal(piece))
    compact = "".join(character for character in piece if character not in SEPARATORS)
    by_phone = Q(phone__contains=piece) | (Q(compact__contains=compact) if compact.strip("+").isdigit() else Q())
    return contacts.alias(compact=COMPACT_PHONE).filter(by_name | by_phone | by_notes)


def _literal(text: str) -> str:
    """The text as a regular expression that both databases read alike."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def at_location(contacts: Contacts, location_id: str) -> Contacts:
    return contacts.filter(location_id=location_id)


def from_channel(contacts: Contacts, channel: str) -> Contacts:
    """Those who came by a channel such as ``whatsapp``, whatever its case."""
    # SQLite folds the case of ASCII alone, but for expressions.
    return contacts.filter(channel__iregex=f"^{_literal(channel)}$")


def with_custom_fields(contacts: Contacts, workspace: Workspace, values: Mapping[str, Any]) -> Contacts:
    """Those whose custom fields have all these values. A value is read as its field's type; Invalid if it can't."""
    known = {field.key: field for field in CustomField.objects.of(workspace).filter(key__in=values)}
    for key, value in values.items():
        definition = known.get(key)
        if definition is None:
            return contacts.none()
        wanted = _custom_wanted(definition, value)
        if wanted is None:
            contacts = contacts.exclude(pk__in=json_keys.with_key(contacts, key).values("pk"))
        else:
            contacts = json_keys.with_value(contacts, key, wanted)
    return contacts


def _custom_wanted(definition: CustomField, value: Any) -> Any:
    try:
        return custom_value(value, type_=definition.type, options=definition.options)
    except Invalid as error:
        raise Invalid({f"customFields.{definition.key}": [str(error)]}) from None


def created_between(contacts: Contacts, after: datetime | None, before: datetime | None) -> Contacts:
    """Created at ``after`` or later, and before ``before``: a range of ids, since these begin with the time."""
    if after is not None:
        contacts = contacts.filter(pk__gte=ids.first_at("con", after))
    if before is not None:
        contacts = contacts.filter(pk__lt=ids.first_at("con", before))
    return contacts


def unknown_groups(workspace: Workspace, group_ids: Sequence[str]) -> list[str]:
    """Those of the ids that are no groups of the workspace."""
    known = set(Group.objects.of(workspace).filter(pk__in=group_ids).values_list("pk", flat=True))
    return [group_id for group_id in group_ids if group_id not in known]


def has_stage(workspace: Workspace, stage_id: str) -> bool:
    return PipelineStage.objects.of(workspace).filter(pk=stage_id).exists()


def has_location(workspace: Workspace, location_id: str) -> bool:
    return Location.objects.of(workspace).filter(pk=location_id).exists()
