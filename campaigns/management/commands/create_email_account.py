import json
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.plans import LimitReached

EXAMPLES = """\
examples:
  SMTP_PASSWORD=… manage.py create_email_account --workspace wsp_… --email sales@example.com --name "Ana, sales" \\
      --smtp-host smtp.example.com --smtp-port 587 --username sales@example.com --password-env SMTP_PASSWORD \\
      --imap-host imap.example.com --imap-port 993

Prints the account's id alone, or a JSON object with --json. The password comes from the environment variable that
--password-env names, so that no shell history and no process list shows it; it is kept encrypted. Exit code 1 when
the arguments are wrong or the plan has no room.
"""
SECURITY = EmailAccount.Security.values
_MOST_PORT = 65_535


class Command(BaseCommand):
    help = "Make an e-mail account that campaigns are sent from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--email", required=True, metavar="A")
        parser.add_argument("--name", default="", metavar="N", help="the sender's name, as recipients see it")
        parser.add_argument("--smtp-host", required=True, metavar="H")
        parser.add_argument("--smtp-port", required=True, type=int, metavar="P")
        parser.add_argument("--security", choices=SECURITY, default=None, help="of SMTP; by its port")
        parser.add_argument("--username", default="", metavar="U", help="of SMTP, and of IMAP unless it has its own")
        parser.add_argument("--password-env", metavar="VAR", help="the environment variable that holds the password")
        parser.add_argument("--imap-host", default="", metavar="H")
        parser.add_argument("--imap-port", type=int, default=993, metavar="P")
        parser.add_argument("--imap-security", choices=SECURITY, default=None, help="by its port")
        parser.add_argument("--imap-username", default="", metavar="U")
        parser.add_argument("--daily-limit", type=int, metavar="N", help="e-mails a day")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(pk=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {options['workspace']}")
        for name in ("smtp_port", "imap_port"):
            if not 1 <= options[name] <= _MOST_PORT:
                raise CommandError(f"--{name.replace('_', '-')} must be from 1 to {_MOST_PORT}")
        try:
            account = accounts.create(workspace, self._values(options))
        except (accounts.Invalid, LimitReached) as error:
            raise CommandError(str(error)) from error
        told = {"id": account.pk, "email": account.email, "name": account.name or None}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else account.pk)

    def _values(self, options: dict[str, Any]) -> dict[str, Any]:
        password = self._password(options["password_env"])
        values = {name: options[name] for name in ("email", "name", "smtp_host", "smtp_port", "imap_host", "imap_port")}
        values["smtp_security"] = options["security"] or ("tls" if options["smtp_port"] == 465 else "starttls")
        values["imap_security"] = options["imap_security"] or ("starttls" if options["imap_port"] == 143 else "tls")
        values |= {"smtp_username": options["username"], "smtp_password": password}
        if options["imap_host"]:
            values |= {"imap_username": options["imap_username"] or options["username"], "imap_password": password}
        if options["daily_limit"] is not None:
            if options["daily_limit"] < 1:
                raise CommandError("--daily-limit must be at least 1")
            values["daily_limit"] = options["daily_limit"]
        return values

    def _password(self, variable: str | None) -> str:
        if variable is None:
            return ""
        if variable not in os.environ:
            raise CommandError(f"There is no environment variable {variable}")
        return os.environ[variable]
