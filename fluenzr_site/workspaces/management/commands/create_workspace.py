import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fluenzr_site.workspaces import plans
from fluenzr_site.workspaces.changes import create_workspace

EXAMPLES = """\
examples:
  manage.py create_workspace "Acme Sales"
  manage.py create_workspace Trial --plan free --json

Prints the id alone, or a JSON object with --json. Exit code 1 when the plan is unknown.
"""


class Command(BaseCommand):
    help = "Make a workspace and print its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("name", help="what people see")
        parser.add_argument("--plan", default=plans.default_plan(), help="free, starter or pro (default %(default)s)")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        known = [name for name, _ in plans.choices()]
        if options["plan"] not in known:
            raise CommandError(f"Unknown plan {options['plan']!r}; choose one of: {', '.join(known)}")
        name = options["name"].strip()
        if not 1 <= len(name) <= 120:
            raise CommandError("The name must have 1 to 120 characters")
        workspace = create_workspace(name, plan=options["plan"])
        told = {"id": workspace.pk, "name": workspace.name, "plan": workspace.plan}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else workspace.pk)
