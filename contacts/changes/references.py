"""What a batch of drafts names, looked up for the whole batch at once: groups, stages, tags, custom fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contacts.cleaning import Draft, Invalid, Problems, custom_value, tag_key
from contacts.models import CustomField, Group, Location, PipelineStage, Tag
from fluenzr_site.core import bulk, ids
from fluenzr_site.core.saying import Sentence
from fluenzr_site.workspaces.models import Workspace

MAX_FIELDS: Final = 500
# A change of many keeps why it failed in English: these are recognised in it.
UNKNOWN_GROUP: Final = Sentence("Unknown group: %(id)s")
_UNKNOWN_STAGE: Final = Sentence("Unknown pipeline stage: %(id)s")
_UNKNOWN_LOCATION: Final = Sentence("Unknown location: %(id)s")
_NO_MORE_FIELDS: Final = Sentence("Unknown custom field: a workspace has at most %(most)s")


@dataclass(slots=True)
class References:
    """The known things by what drafts call them: groups, stages and locations by id, tags and fields by key."""

    groups: dict[str, Group] = field(default_factory=dict)
    stages: dict[str, PipelineStage] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    fields: dict[str, CustomField] = field(default_factory=dict)
    locations: set[str] = field(default_factory=set)
    new_keys: set[str] = field(default_factory=set)

    def settle(self, draft: Draft) -> None:
        """Turn the draft's custom values into what their fields keep. Raises Invalid naming what is unknown."""
        problems = Problems()
        unknown = [group_id for group_id in draft.group_ids or () if group_id not in self.groups]
        if unknown:
            problems["groupIds"] = [UNKNOWN_GROUP(id=group_id) for group_id in unknown]
        if draft.stage_id and draft.stage_id not in self.stages:
            problems["pipelineStageId"] = [_UNKNOWN_STAGE(id=draft.stage_id)]
        if draft.location_id and draft.location_id not in self.locations:
            problems["location.id"] = [_UNKNOWN_LOCATION(id=draft.location_id)]
        if draft.custom_fields:
            self._settle_custom_fields(draft, problems)
        if problems:
            raise Invalid(problems)

    def _settle_custom_fields(self, draft: Draft, problems: Problems) -> None:
        for key, value in draft.custom_fields.items():
            known = self.fields.get(key)
            if known is None and value not in (None, "") and not self._may_make(key):
                problems[f"customFields.{key}"] = [_NO_MORE_FIELDS(most=str(MAX_FIELDS))]
                continue
            type_, options = (known.type, known.options) if known else (CustomField.Type.TEXT, [])
            try:
                draft.custom_fields[key] = custom_value(value, type_=type_, options=options)
            except Invalid as error:
                problems[f"customFields.{key}"] = [str(error)]

    def _may_make(self, key: str) -> bool:
        """Whether a field of that key may be made; a batch is not to make them without end."""
        self.new_keys.add(key)
        return len(self.fields) + len(self.new_keys) <= MAX_FIELDS


def look_up(workspace: Workspace, drafts: Iterable[Draft], *, also_groups: Sequence[str] = ()) -> References:
    """Everything the drafts name that exists: at most one query for each kind of thing."""
    drafts = list(drafts)
    references = References()
    group_ids = {group_id for draft in drafts for group_id in draft.group_ids or ()} | set(also_groups)
    if group_ids:
        references.groups = {group.pk: group for group in Group.objects.of(workspace).filter(pk__in=group_ids)}
    stage_ids = {draft.stage_id for draft in drafts if draft.stage_id}
    if stage_ids:
        stages = PipelineStage.objects.of(workspace).filter(pk__in=stage_ids)
        references.stages = {stage.pk: stage for stage in stages}
    location_ids = {draft.location_id for draft in drafts if draft.location_id}
    if location_ids:
        locations = Location.objects.of(workspace).filter(pk__in=location_ids)
        references.locations = set(locations.values_list("pk", flat=True))
    if any(draft.custom_fields for draft in drafts):
        references.fields = {known.key: known for known in CustomField.objects.of(workspace)}
    return references


def make_missing(workspace: Workspace, references: References, drafts: Sequence[Draft], at: datetime) -> None:
    """Make the tags and the custom fields that the drafts name and the workspace lacks."""
    names = {tag_key(name): name for draft in reversed(drafts) for name in reversed(draft.tags or ())}
    if names:
        references.tags = tags_named(workspace, names, at)
    keys = [
        key
        for draft in drafts
        for key, value in draft.custom_fields.items()
        if value is not None and key not in references.fields
    ]
    if keys:
        _make_fields(workspace, references, list(dict.fromkeys(keys)), at)


def tags_named(workspace: Workspace, names: dict[str, str], at: datetime) -> dict[str, Tag]:
    """The tags of these names (by key), made where they are new, in the names' order."""
    known = {tag.key: tag for tag in Tag.objects.of(workspace).filter(key__in=names)}
    missing = [key for key in reversed(names) if key not in known]
    # By key: two batches that add the same tags then wait for each other in one order, and can't deadlock.
    numbers = dict(zip(missing, ids.new_batch("tag", len(missing)), strict=True))
    made = [
        Tag(id=numbers[key], workspace=workspace, name=names[key], key=key, created_at=at) for key in sorted(missing)
    ]
    bulk.insert(made)
    return known | {tag.key: tag for tag in made}


def _make_fields(workspace: Workspace, references: References, keys: Sequence[str], at: datetime) -> None:
    position = len(references.fields)
    made = [
        CustomField(
            id=number, workspace=workspace, key=key, label=_label(key), position=position + offset, created_at=at
        )
        for offset, (number, key) in enumerate(zip(ids.new_batch("fld", len(keys)), keys, strict=True))
    ]
    bulk.insert(sorted(made, key=lambda field: field.key))
    references.fields |= {field.key: field for field in made}


def _label(key: str) -> str:
    """What people see of a key such as ``company_size``: "Company size"."""
    words = key.replace("_", " ").replace("-", " ").strip() or key
    return words[:1].upper() + words[1:]
