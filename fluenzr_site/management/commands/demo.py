from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fluenzr_site.serving.demo import make_demo

EXAMPLES = """\
examples:
  manage.py demo
  manage.py demo --contacts 5000 --name "Load test"

Prints the workspace's id.
"""


class Command(BaseCommand):
    help = "Make a workspace to look at, with plausible contacts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--contacts", type=int, default=200, help="how many (%(default)s)")
        parser.add_argument("--name", default="Demo", help="the workspace's name (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["contacts"] < 0:
            raise CommandError("--contacts must be 0 or more")
        self.stdout.write(make_demo(options["contacts"], options["name"]).pk)
