from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from fluenzr_site.core.encryption import CannotDecrypt, current_key_id

EXAMPLES = """\
examples:
  FLUENZR_SECRET_KEYS=new…,old… manage.py rotate_secrets

Put the new key before the old one in FLUENZR_SECRET_KEYS, restart every process, and run this: the passwords of all
e-mail accounts are then kept under the new key, and the old one can be left out. It may be run again at any time. Exit
code 1 when a password can't be read; those are named, kept as they are, and the others are done.
"""


class Command(BaseCommand):
    help = "Encrypt the passwords of e-mail accounts under the first key of FLUENZR_SECRET_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter

    def handle(self, *args: Any, **options: Any) -> None:
        # The installation's own affair, across all workspaces.
        rotated, unreadable = 0, []
        for account in EmailAccount.objects.select_related("workspace").order_by("id"):
            try:
                rotated += accounts.rotate(account)
            except CannotDecrypt as error:
                unreadable.append(f"{account.pk}: {error}")
        self.stdout.write(f"{rotated} accounts are under key {current_key_id()} now")
        if unreadable:
            raise CommandError("These can't be read and stay as they are:\n  " + "\n  ".join(unreadable))
