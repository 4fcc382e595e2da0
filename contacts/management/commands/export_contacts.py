import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contacts.exports import CONTENT_TYPES, UnknownColumn, export
from contacts.queries import contacts_of, in_groups, unknown_groups, with_tags
from fluenzr_site.workspaces.models import Workspace

EXAMPLES = """\
examples:
  manage.py export_contacts --workspace wsp_… --format csv --output contacts.csv
  manage.py export_contacts --workspace wsp_… --format json --group grp_… | jq length
  manage.py export_contacts --workspace wsp_… --format xlsx --output leads.xlsx --column email --column company

Writes to the standard output without --output. Exit code 1 when the workspace or a column is unknown.
"""


class Command(BaseCommand):
    help = "Write a workspace's contacts to a file that can be imported again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--format", choices=list(CONTENT_TYPES), default="csv")
        parser.add_argument("--output", metavar="FILE", type=Path, help="where to (standard output without)")
        parser.add_argument("--group", action="append", default=[], metavar="ID", help="only in this group")
        parser.add_argument("--tag", action="append", default=[], metavar="T", help="only with this tag")
        parser.add_argument("--column", action="append", metavar="NAME", help="this column; all without")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(pk=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {options['workspace']}")
        contacts = contacts_of(workspace)
        unknown = unknown_groups(workspace, options["group"])
        if unknown:
            raise CommandError(f"Unknown group: {unknown[0]}")
        if options["group"]:
            contacts = in_groups(contacts, options["group"])
        if options["tag"]:
            contacts = with_tags(contacts, options["tag"])
        try:
            pieces = export(workspace, contacts, options["format"], options["column"])
        except UnknownColumn as error:
            raise CommandError(str(error)) from error
        output: Path | None = options["output"]
        try:
            if output is None:
                sys.stdout.buffer.writelines(pieces)
                sys.stdout.buffer.flush()
            else:
                _write(output, pieces)
        except BrokenPipeError:
            # Whoever was reading has had enough; without this, Python complains of it once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise CommandError(f"Can't write {output or 'to the standard output'}: {error.strerror}") from error


def _write(output: Path, pieces: Iterator[bytes]) -> None:
    """The file, whole or not at all: what was there before stays until the new one is complete."""
    if output.exists() and not output.is_file():
        # A pipe or a device can't be replaced.
        with output.open("wb") as stream:
            stream.writelines(pieces)
        return
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
