import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fluenzr_site.workspaces.changes import create_api_key
from fluenzr_site.workspaces.models import Workspace

EXAMPLES = """\
examples:
  manage.py create_api_key --workspace wsp_… --name "Zapier"
  manage.py create_api_key --workspace wsp_… --name "Dashboard" --read-only --json

Prints the key alone (it is never shown again), or a JSON object with --json. Exit code 1 when the workspace
is unknown.
"""


class Command(BaseCommand):
    help = "Make an API key of a workspace and print it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--read-only", action="store_true", help="a key that can't write")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(pk=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {options['workspace']}")
        row, key = create_api_key(workspace, name=options["name"][:120], read_only=options["read_only"])
        told = {"id": row.pk, "name": row.name, "permission": row.permission, "key": key}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else key)
