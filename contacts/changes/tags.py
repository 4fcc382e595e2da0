"""The changes of tags themselves; putting them on contacts is ``contacts.changes.contacts``."""

from django.db import transaction

from contacts.changes.contacts import Edit, edit_many
from contacts.cleaning import tag_key
from contacts.models import Tag
from fluenzr_site.events.recording import Actor

AT_ONCE = 1000


def rename_tag(tag: Tag, name: str, *, by: Actor) -> Tag:
    """Give a tag another name; where the workspace has that one already, the two become one.

    The tag that stays is returned. Contacts that change hands get their event.
    """
    other = Tag.objects.of(tag.workspace).filter(key=tag_key(name)).exclude(pk=tag.pk).first()
    if other is None:
        tag.name, tag.key = name, tag_key(name)
        with transaction.atomic():
            tag.save(update_fields=["name", "key"])
            tag.workspace.touch()
        return tag
    while contact_ids := _bearers(tag):
        edit = Edit(add_tags=(other.name,), remove_tags=(tag.name,))
        edit_many(tag.workspace, contact_ids, edit, by=by)
    delete_tag(tag, by=by)
    return other


def delete_tag(tag: Tag, *, by: Actor) -> int:
    """Take a tag off every contact, then delete it; how many bore it."""
    borne = 0
    while contact_ids := _bearers(tag):
        borne += len(edit_many(tag.workspace, contact_ids, Edit(remove_tags=(tag.name,)), by=by))
    with transaction.atomic():
        tag.delete()
        tag.workspace.touch()
    return borne


def _bearers(tag: Tag) -> list[str]:
    return list(tag.contact_tags.values_list("contact_id", flat=True)[:AT_ONCE])
