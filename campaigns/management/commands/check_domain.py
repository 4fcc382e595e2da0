import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from campaigns.domains.checking import check_domain
from campaigns.domains.records import Verdict

EXAMPLES = """\
examples:
  manage.py check_domain example.com
  manage.py check_domain example.com --selector s1 --selector s2
  manage.py check_domain example.com --json | jq '.[] | select(.state != "good")'

Asks DNS what the domain publishes for e-mail that is sent in its name: SPF, DKIM, DMARC and MX. DKIM keys stand at
selectors, which DNS doesn't list: without --selector those of the usual providers are tried.

Each is good, weak (it works, and could be better), missing or broken; with --json a list of objects with name,
state, found and advice.

exit codes:
  0  all is good or weak
  1  something is missing or broken, or DNS couldn't be asked
  2  the arguments are wrong
"""
_WRONG: Final = 2
_FOUND: Final = 90


class Command(BaseCommand):
    help = "Look at what a sending domain publishes in DNS: SPF, DKIM, DMARC and MX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("domain", metavar="DOMAIN", help="what stands after the @ of the sender's address")
        parser.add_argument("--selector", action="append", default=[], metavar="S", help="of DKIM; may be repeated")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdicts = check_domain(options["domain"], selectors=options["selector"])
        except ValueError as error:
            raise CommandError(str(error), returncode=_WRONG) from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in verdicts], ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_table(verdicts)))
        if any(each.state in ("missing", "broken") for each in verdicts):
            sys.exit(1)


def _table(verdicts: Sequence[Verdict]) -> list[str]:
    lines = []
    for each in verdicts:
        found = each.found if len(each.found) <= _FOUND else f"{each.found[: _FOUND - 1]}…"
        lines.append(f"{each.name.upper():5}  {each.state:7}  {found}".rstrip())
    advised = [f"{each.name.upper()}: {each.advice}" for each in verdicts if each.advice]
    return [*lines, "", *advised] if advised else lines
