import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import EmailAccount
from campaigns.trying import Step, try_account
from fluenzr_site.workspaces.models import Workspace

EXAMPLES = """\
examples:
  manage.py check_email_account --workspace wsp_… --account acc_…
  manage.py check_email_account --workspace wsp_… --account acc_… --json | jq .imap.message

Really sends an e-mail from the account to itself and, where IMAP is set up, looks for it in the inbox for a minute.
An account that failed is connected again when its e-mail is taken; one whose password is refused fails from then on.

With --json an object with smtp and imap, each with ok (true, false, or null where it wasn't tried) and message.

exit codes:
  0  the e-mail was taken, and came to the inbox or there is no IMAP
  1  it wasn't or didn't, or the arguments are wrong
"""


class Command(BaseCommand):
    help = "Try an e-mail account out: send an e-mail from it to itself, and look for it in its inbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--account", required=True, metavar="ID")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = try_account(self._account(options["workspace"], options["account"]))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
        else:
            self.stdout.write("\n".join([_line("SMTP", outcome.smtp), _line("IMAP", outcome.imap)]))
        if not outcome.smtp.ok or outcome.imap.ok is False:
            sys.exit(1)

    def _account(self, workspace_id: str, account_id: str) -> EmailAccount:
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {workspace_id}")
        account = EmailAccount.objects.of(workspace).filter(pk=account_id).first()
        if account is None:
            raise CommandError(f"Unknown e-mail account: {account_id}")
        account.workspace = workspace
        return account


def _line(name: str, step: Step) -> str:
    word = {True: "fine", False: "failed", None: "not tried"}[step.ok]
    return f"{name}  {word:9}  {step.message}"
