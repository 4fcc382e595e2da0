"""From rows of a file to drafts for the write path: names become ids, values what their fields keep."""

from dataclasses import dataclass
from typing import Final

from contacts.changes.groups import named_groups
from contacts.cleaning import TEXT_FIELDS, Draft, Invalid, custom_value
from contacts.imports.mapping import CUSTOM, Mapping
from contacts.imports.rows import Problem, Row
from contacts.models import CustomField, PipelineStage
from fluenzr_site.core.saying import Sentence
from fluenzr_site.workspaces.models import Workspace

_NO_STAGE: Final = Sentence("There is no such pipeline stage. The stages are: %(names)s.")
_ATTRIBUTES: Final = {name: attribute for name, (attribute, _) in TEXT_FIELDS.items()}


@dataclass(slots=True)
class Resolver:
    """What the rows of one workspace's file refer to: stages by folded name, typed custom fields by key."""

    workspace: Workspace
    stages: dict[str, PipelineStage]
    typed_fields: dict[str, CustomField]
    headers: dict[str, str]
    group_ids: dict[str, str]

    def draft(self, row: Row) -> tuple[Draft, list[Problem]]:
        """The draft of a row that has an address, and the cells that had to be left out of it."""
        problems: list[Problem] = []
        draft = Draft(
            email=row.email,
            values={_ATTRIBUTES[name]: value for name, value in row.values.items()},
            custom_fields=dict(row.custom_fields),
        )
        if row.tags:
            draft.tags = list(row.tags)
        if row.groups:
            draft.group_ids = [self.group_ids[name] for name in row.groups]
        if row.status:
            draft.values["status"] = row.status
        if row.stage:
            self._take_stage(row, draft, problems)
        if self.typed_fields and row.custom_fields:
            self._check_custom(row, draft, problems)
        return draft, problems

    def _take_stage(self, row: Row, draft: Draft, problems: list[Problem]) -> None:
        stage = self.stages.get((row.stage or "").casefold())
        if stage is not None:
            draft.stage_id, draft.stage_given = stage.pk, True
            return
        names = ", ".join(known.name for known in self.stages.values())
        message = _NO_STAGE(names=names)
        problems.append(Problem(row.line, self.headers.get("stage", ""), row.stage or "", message))

    def _check_custom(self, row: Row, draft: Draft, problems: list[Problem]) -> None:
        for key, value in row.custom_fields.items():
            field = self.typed_fields.get(key)
            if field is None:
                continue
            try:
                draft.custom_fields[key] = custom_value(value, type_=field.type, options=field.options)
            except Invalid as error:
                del draft.custom_fields[key]
                header = self.headers.get(f"{CUSTOM}{key}", key)
                problems.append(Problem(row.line, header, value[:200], str(error)))


def resolver(workspace: Workspace, mapping: Mapping) -> Resolver:
    """Looked up once for a run."""
    typed = CustomField.objects.of(workspace).exclude(type=CustomField.Type.TEXT)
    return Resolver(
        workspace=workspace,
        stages={stage.name.casefold(): stage for stage in PipelineStage.objects.of(workspace)},
        typed_fields={field.key: field for field in typed},
        headers=mapping.by_field(),
        group_ids={},
    )


def learn_groups(known: Resolver, rows: list[Row]) -> None:
    """Make the groups that rows name and the workspace lacks; to be called before their drafts are made."""
    missing = {name: None for row in rows for name in row.groups if name not in known.group_ids}
    if missing:
        known.group_ids |= named_groups(known.workspace, list(missing))
