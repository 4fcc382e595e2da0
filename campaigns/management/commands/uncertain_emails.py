import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.changes import uncertain
from campaigns.models import Message
from fluenzr_site.core.clock import iso
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

EXAMPLES = """\
examples:
  manage.py uncertain_emails --workspace wsp_…
  manage.py uncertain_emails --workspace wsp_… --mark-sent msg_… msg_…
  manage.py uncertain_emails --workspace wsp_… --send-again msg_…

An e-mail is uncertain when its sending was cut off, so that nobody knows whether the server took it. It is never sent
again by itself, and its contact waits. Look into the mailbox's Sent folder or the mail server's log, then say what
became of it. Exit code 1 when an id isn't one of an uncertain e-mail; the others are settled.
"""


class Command(BaseCommand):
    help = "List e-mails of which it isn't known whether they were sent, or say what became of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
        parser.add_argument("--workspace", required=True, metavar="ID")
        parser.add_argument("--mark-sent", nargs="+", default=[], metavar="ID", help="they were sent: go on")
        parser.add_argument("--send-again", nargs="+", default=[], metavar="ID", help="they weren't: send them")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(pk=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"Unknown workspace: {options['workspace']}")
        unknown = self._settle(workspace, options["mark_sent"], was_sent=True)
        unknown += self._settle(workspace, options["send_again"], was_sent=False)
        rows = [_row(message) for message in _uncertain(workspace)]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        else:
            for row in rows:
                self.stdout.write("  ".join(row.values()))
            self.stdout.write(f"{len(rows)} e-mails are uncertain")
        if unknown:
            raise CommandError(f"No uncertain e-mails of this workspace: {', '.join(unknown)}")

    def _settle(self, workspace: Workspace, message_ids: list[str], *, was_sent: bool) -> list[str]:
        """The ids that couldn't be settled."""
        unknown = []
        for message_id in message_ids:
            try:
                uncertain.settle(workspace, message_id, was_sent=was_sent, by=Actor("command", "uncertain_emails"))
            except uncertain.NotUncertain:
                unknown.append(message_id)
        return unknown


def _uncertain(workspace: Workspace) -> list[Message]:
    messages = Message.objects.of(workspace).filter(state=Message.State.UNCERTAIN)
    return list(messages.select_related("campaign").order_by("id"))


def _row(message: Message) -> dict[str, str]:
    return {
        "id": message.pk,
        "begun": iso(message.claimed_at),
        "campaign": message.campaign.name,
        "recipient": message.recipient,
        "subject": message.subject,
        "messageId": message.message_id,
    }
