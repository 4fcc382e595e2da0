import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contacts.imports import report, run, store
from contacts.imports.mapping import MappingProblem
from contacts.imports.preview import preview
from contacts.imports.reading import Unreadable
from contacts.models import CONSENT_SOURCES, Group, Import
from fluenzr_site.core import leases
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

UNREADABLE = 2
EXAMPLES = """\
examples:
  manage.py import_contacts leads.csv --workspace wsp_… --consent-source existing --certify-consent
  manage.py import_contacts fair.xlsx --workspace wsp_… --consent-source event --certify-consent \\
      --group "Fair 2026" --tag prospect --on-duplicate update --map "Mail=email" --map "7=custom:sector"
  manage.py import_contacts leads.csv --workspace wsp_… --consent-source event --certify-consent --dry-run --json

Reads CSV (any separator, any encoding) and XLSX. A run that was killed goes on where it stood when the same
command is given again, or by itself where a worker runs.

exit codes:
  0  something was imported, or nothing was wrong
  1  the command's arguments are wrong, or every row failed
  2  the file can't be read as contacts (the reason is on the standard error)
"""


class Command(BaseCommand):
    help = "Import contacts from a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--consent-source", required=True, choices=[key for key, _ in CONSENT_SOURCES])
        parser.add_argument(
            "--certify-consent",
            action="store_true",
            help="you certify that these people may be contacted (required)",
        )
        parser.add_argument("--group", action="append", default=[], metavar="G", help="a group's id or name")
        parser.add_argument("--tag", action="append", default=[], metavar="T")
        parser.add_argument("--on-duplicate", choices=["skip", "update"], default="skip")
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="a column's header or number"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; import nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(pk=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {options['workspace']}")
        if not options["certify_consent"]:
            raise CommandError(
                "Add --certify-consent to certify that these people agreed to be contacted,"
                " or that you have another lawful ground"
            )
        source = self._stored(workspace, options["file"])
        try:
            self._choose(source, options)
            told = self._rehearse(source) if options["dry_run"] else self._run(source)
        except (MappingProblem, store.BadChoice, run.NotReady, LimitReached) as error:
            self._forget(source)
            code = UNREADABLE if isinstance(error, run.NotReady) else 1
            raise CommandError(str(error), returncode=code) from error
        self._tell(told, as_json=options["json"])
        if told["failed"] and not (told["created"] or told["updated"] or told["skipped"]):
            sys.exit(1)

    def _stored(self, workspace: Workspace, path: Path) -> Import:
        try:
            with path.open("rb") as file:
                source = store.create(workspace, file, path.name)
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror}", returncode=UNREADABLE) from error
        except Unreadable as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        return source

    def _choose(self, source: Import, options: dict[str, Any]) -> None:
        choices = {}
        for pair in options["map"]:
            column, equals, field = pair.rpartition("=")
            if not equals or not column:
                raise MappingProblem(f'--map takes COLUMN=FIELD, such as --map "Mail=email", not "{pair}"')
            choices[column] = field
        known, new = _groups(source.workspace, options["group"])
        store.choose(
            source,
            on_duplicate=options["on_duplicate"],
            group_ids=known,
            tags=options["tag"],
            consent_source=options["consent_source"],
            certified=True,
            choices=choices,
        )
        run.require_ready(source)
        if new and not options["dry_run"]:
            # Last, when nothing can be refused any more: a group is not to be made for an import that isn't.
            store.enter_named(source, new)

    def _rehearse(self, source: Import) -> dict[str, Any]:
        found = preview(source)
        told = report.as_json(source) | {
            "rows": found.total,
            "created": found.new,
            "skipped" if source.on_duplicate == "skip" else "updated": found.duplicates,
            "failed": found.bad,
            "errors": [asdict(problem) for problem in found.problems],
        }
        self._forget(source)
        # An import that leaves nothing behind has no id.
        del told["id"]
        return told | {"dryRun": True}

    def _run(self, source: Import) -> dict[str, Any]:
        earlier = _unfinished_twin(source)
        if earlier is None:
            run.start(source, claimed=True)
        else:
            self._forget(source)
            source = self._awaited(earlier)
        if source.state == Import.State.RUNNING:
            run.work(source)
            source.refresh_from_db()
        if source.state == Import.State.FAILED:
            raise CommandError(source.error, returncode=UNREADABLE)
        if source.state != Import.State.FINISHED:
            raise CommandError(f"The import was stopped or taken over after {source.rows} rows ({source.state})")
        return report.as_json(source)

    def _awaited(self, source: Import) -> Import:
        """The same import, ours to run where an earlier run was cut off, or as another process has ended it.

        What a killed run had claimed is free again when its lease ends.
        """
        this, told = Import.objects.of(source.workspace).filter(pk=source.pk), False
        while source.state == Import.State.RUNNING:
            if claimed := leases.claim(this, seconds=run.LEASE_SECONDS):
                return claimed
            if not told:
                self.stderr.write("This import was begun before; going on when that run ends or its claim does …")
            told = True
            time.sleep(1)
            source = this.get()
        return source

    def _forget(self, source: Import) -> None:
        if source.state == Import.State.DRAFT:
            source.delete()

    def _tell(self, told: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        if not told["rows"]:
            self.stderr.write("The file has no rows below its header: there was nothing to import")
        verb = "would be" if told.get("dryRun") else "were"
        self.stdout.write(
            f"{told['rows']} rows: {told['created']} contacts {verb} created, {told['updated']} updated,"
            f" {told['skipped']} skipped; {told['failed']} rows failed"
        )
        self.stdout.write("columns: " + ", ".join(f"{name} → {field}" for field, name in told["mapping"].items()))
        for kind in ("errors", "warnings"):
            for problem in told[kind][:50]:
                place = f"line {problem['line']}, {problem['column']}".rstrip(", ")
                self.stderr.write(f"{place}: {problem['message']} {problem['value']!r}")


def _groups(workspace: Workspace, names: list[str]) -> tuple[list[str], list[str]]:
    """The ids of the groups that exist, by id or by name, and the names of those that have to be made."""
    groups = Group.objects.of(workspace)
    ids = {name: name for name in groups.filter(pk__in=names).values_list("pk", flat=True)}
    ids |= dict(groups.filter(name__in=names).values_list("name", "pk"))
    new = [name for name in dict.fromkeys(names) if name not in ids]
    foreign = next((name for name in new if name.startswith("grp_")), None)
    if foreign:
        raise store.BadChoice("group", f"Unknown group: {foreign}")
    return list(dict.fromkeys(ids.values())), new


def _unfinished_twin(source: Import) -> Import | None:
    """The same file with the same choices, whose run was cut off."""
    same = Import.objects.of(source.workspace).filter(
        state=Import.State.RUNNING,
        digest=source.digest,
        on_duplicate=source.on_duplicate,
        consent_source=source.consent_source,
    )
    return next(
        (
            twin
            for twin in same.order_by("id")
            if (twin.choices, twin.group_ids, twin.tags) == (source.choices, source.group_ids, source.tags)
        ),
        None,
    )
