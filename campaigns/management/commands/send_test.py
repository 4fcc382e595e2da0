import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Campaign
from campaigns.simulating.specimens import Text, example, saved_text
from campaigns.simulating.trials import send_test
from campaigns.workflow.parsing import parse
from campaigns.workflow.paths import emails_in_order
from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace

EXAMPLES = """\
examples:
  manage.py send_test --workspace wsp_… --campaign cmp_… --to ana@example.com
  manage.py send_test --workspace wsp_… --campaign cmp_… --to ana@example.com --email 2 --as ben@customer.example
  manage.py send_test --workspace wsp_… --campaign cmp_… --to ana@example.com --email 1 --variant b --json

Really sends one e-mail of the campaign from its account, with "[Test] " before its subject. It is made out as for the
campaign's first person, or for the one named by --as. Nothing is tracked, its unsubscribe link unsubscribes nobody, and
it counts in no statistics and against no limit. Addresses that campaigns never write to get no test either.

With --json an object with ok (true or false) and message.

exit codes:
  0  the server took it
  1  it didn't, or the e-mail can't be written
  2  the arguments are wrong
"""
_WRONG = 2


class Command(BaseCommand):
    help = "Send one e-mail of a campaign to yourself, before anybody else gets it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--campaign", required=True, metavar="ID")
        parser.add_argument("--to", required=True, metavar="ADDRESS", help="where the test goes to")
        parser.add_argument("--email", type=int, default=1, metavar="N", help="which e-mail (default: 1, the first)")
        parser.add_argument("--variant", choices=("a", "b"), default="a", help="of an A/B test (default: a)")
        parser.add_argument("--as", dest="contact", metavar="ADDRESS", help="the contact whose values it has")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = self._campaign(options["workspace"], options["campaign"])
        text = self._text(campaign, options["email"], options["variant"])
        outcome = send_test(campaign, text, self._contact(campaign, options["contact"]), options["to"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
        else:
            (self.stdout if outcome.ok else self.stderr).write(outcome.message)
        if not outcome.ok:
            sys.exit(1)

    def _campaign(self, workspace_id: str, campaign_id: str) -> Campaign:
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {workspace_id}", returncode=_WRONG)
        campaign = Campaign.objects.select_related("account").one_of(workspace, campaign_id)
        if campaign is None:
            raise CommandError(f"Unknown campaign: {campaign_id}", returncode=_WRONG)
        return campaign

    def _text(self, campaign: Campaign, number: int, version: str) -> Text:
        emails = emails_in_order(parse(campaign.workflow))
        text = saved_text(campaign, emails[number - 1].id, version) if 1 <= number <= len(emails) else None
        if text is None:
            raise CommandError(f"The campaign has {len(emails)} e-mails, and no number {number}", returncode=_WRONG)
        return text

    def _contact(self, campaign: Campaign, email: str | None) -> Contact:
        rows = Contact.objects.of(campaign.workspace).select_related("stage")
        if email is None:
            found = rows.filter(enrolments__campaign=campaign).order_by("enrolments__id").first()
            return found or example(campaign)
        contact = rows.filter(email=email.strip().lower()).first()
        if contact is None:
            raise CommandError(f"Unknown contact: {email}", returncode=_WRONG)
        return contact
