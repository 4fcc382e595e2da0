"""An import before it runs: its file, what the file was read as, and what a person chose."""

import functools
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from contacts.changes.groups import named_groups
from contacts.changes.references import UNKNOWN_GROUP
from contacts.cleaning import FORBIDDEN, ONE_OF, Invalid, tag_names
from contacts.imports import files, mapping
from contacts.imports.mapping import CUSTOM, Column, Mapping, MappingProblem
from contacts.imports.reading import Record, Table, Unreadable, of_file, open_table
from contacts.models import CONSENT_SOURCES, CustomField, Group, Import, SavedMapping
from fluenzr_site.core import clock
from fluenzr_site.core.saying import say
from fluenzr_site.workspaces.models import Workspace

SAMPLE_ROWS: Final = 200
NO_ROWS: Final = say("The file has no rows below its header")


class BadChoice(ValueError):
    """A choice that can't be followed; ``field`` names it, ``str()`` says what would be right."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def create(
    workspace: Workspace, file: BinaryIO, filename: str, *, by: User | None = None, needs_rows: bool = False
) -> Import:
    """Keep a file and guess its mapping; a draft, nothing imported yet.

    ``needs_rows``: one of a header alone is refused, for people; a script may import what happens to be nothing.
    Raises Unreadable, with a sentence for a person, when the file can't be read as contacts; nothing is kept then.
    """
    with transaction.atomic():
        name = FORBIDDEN.sub("", filename)[:255]
        source = Import(workspace=workspace, filename=name, created_by=by, created_at=clock.now())
        source.save(force_insert=True)
        try:
            files.store_parts(source, file, most=settings.FLUENZR_MAX_UPLOAD)
        except files.TooLarge as error:
            raise Unreadable(of_file(filename, error)) from error
        table = open_table(functools.partial(files.open_parts, source), filename=filename)
        if needs_rows and not any(any(cell.strip() for cell in each.cells) for each in table.records(0)):
            raise Unreadable(of_file(filename, Unreadable(NO_ROWS)))
        _describe(source, table)
        _remember(source, _first_mapping(source, table))
        source.save()
    return source


def _describe(source: Import, table: Table) -> None:
    source.encoding, source.delimiter = table.encoding, table.delimiter
    source.header_line, source.header = table.header_line, list(table.header)


def _remember(source: Import, chosen: Mapping) -> None:
    source.choices, source.alternatives = chosen.choices(), list(chosen.alternatives)


def _first_mapping(source: Import, table: Table) -> Mapping:
    """The guess, or what a person made of the same header the last time."""
    fields = custom_labels(source.workspace)
    guessed = _with_own_columns(mapping.guess(table.header, sample(table), fields), fields)
    saved = SavedMapping.objects.of(source.workspace).filter(signature=mapping.signature(table.header)).first()
    if saved is None:
        return guessed
    try:
        return mapping.apply(table.header, saved.choices, guessed=guessed, custom_fields=fields)
    except MappingProblem:
        # A custom field has gone since.
        return guessed


def _with_own_columns(guessed: Mapping, fields: dict[str, str]) -> Mapping:
    """The columns that our own export calls ``custom:<key>`` are what they say, also where the field is new."""
    said = {
        str(column.index + 1): column.header
        for column in guessed.columns
        if column.header.startswith(CUSTOM) and column.header != CUSTOM
    }
    own = {name.removeprefix(CUSTOM): "" for name in said.values()}
    header = [column.header for column in guessed.columns]
    return mapping.apply(header, said, guessed=guessed, custom_fields=fields | own) if said else guessed


def sample(table: Table) -> list[Record]:
    return list(islice(table.records(0), SAMPLE_ROWS))


def custom_labels(workspace: Workspace) -> dict[str, str]:
    return dict(CustomField.objects.of(workspace).values_list("key", "label"))


def table_of(source: Import) -> Table:
    """The file as a table. Raises Unreadable."""
    return open_table(functools.partial(files.open_parts, source), filename=source.filename)


def mapping_of(source: Import) -> Mapping:
    """What each column becomes, as stored."""
    columns = tuple(
        Column(index, name, source.choices.get(str(index + 1), mapping.IGNORE))
        for index, name in enumerate(source.header)
    )
    return Mapping(columns, tuple(source.alternatives))


def choose_columns(source: Import, choices: Dictionary[str, str]) -> Mapping:
    """Change what columns become, by header or number from 1; other columns stay as they are.

    ``custom:<key>`` with a new key makes that field when the import runs. Raises MappingProblem.
    """
    fields = custom_labels(source.workspace)
    new = {value.removeprefix(CUSTOM).strip() for value in choices.values() if value.startswith(CUSTOM)}
    known = fields | {key: key for key in new if key}
    chosen = mapping.apply(source.header, choices, guessed=mapping_of(source), custom_fields=known)
    _remember(source, chosen)
    source.total_rows = None
    source.save(update_fields=["choices", "alternatives", "total_rows"])
    return chosen


def remember_mapping(source: Import) -> None:
    """Keep what was made of this header, to be offered for the next file with the same one."""
    SavedMapping.objects.update_or_create(
        workspace=source.workspace,
        signature=mapping.signature(source.header),
        defaults={"choices": source.choices},
    )


def choose(
    source: Import,
    *,
    on_duplicate: str,
    group_ids: Sequence[str] = (),
    tags: Sequence[str] = (),
    consent_source: str,
    certified: bool,
    choices: Dictionary[str, str] | None = None,
) -> None:
    """Set all that a person decides before the run. Raises BadChoice or MappingProblem; nothing is kept then."""
    values = {
        "on_duplicate": _one_of("on_duplicate", on_duplicate, Import.OnDuplicate.values),
        "group_ids": _groups(source.workspace, group_ids),
        "tags": _tags(tags),
        "consent_source": _one_of("consent_source", consent_source, [key for key, _ in CONSENT_SOURCES]),
        "consent_certified": certified,
    }
    if not certified:
        missing = say("Certify that these people agreed to be contacted, or have another lawful ground")
        raise BadChoice("certified", missing)
    with transaction.atomic():
        if choices:
            choose_columns(source, choices)
        for name, value in values.items():
            setattr(source, name, value)
        source.save(update_fields=list(values))


def enter_named(source: Import, names: Sequence[str]) -> None:
    """Everybody in the file enters the groups of these names as well; those that are new are made."""
    entered = named_groups(source.workspace, names).values()
    source.group_ids = list(dict.fromkeys([*source.group_ids, *entered]))
    source.save(update_fields=["group_ids"])


def discard(source: Import) -> None:
    """Throw away an import that was never started, its file with it. Raises BadChoice once it was."""
    if not Import.objects.of(source.workspace).filter(pk=source.pk, state=Import.State.DRAFT).delete()[0]:
        raise BadChoice("state", say("Only an import that hasn't been started can be discarded"))


def _one_of(field: str, value: Any, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise BadChoice(field, ONE_OF(allowed=", ".join(allowed)))
    return str(value)


def _tags(names: Sequence[str]) -> list[str]:
    try:
        return tag_names(list(names))
    except Invalid as error:
        raise BadChoice("tags", str(error)) from error


def _groups(workspace: Workspace, group_ids: Sequence[str]) -> list[str]:
    known = set(Group.objects.of(workspace).filter(pk__in=group_ids).values_list("pk", flat=True))
    for group_id in group_ids:
        if group_id not in known:
            raise BadChoice("group_ids", UNKNOWN_GROUP(id=group_id))
    return list(dict.fromkeys(group_ids))
