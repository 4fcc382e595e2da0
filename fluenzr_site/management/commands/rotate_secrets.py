from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from fluenzr_site.core.encryption import CannotDecrypt, current_key_id
from fluenzr_site.webhooks import changes as webhooks
from fluenzr_site.webhooks.models import Webhook

EXAMPLES = """\
examples:
  FLUENZR_SECRET_KEYS=new…,old… manage.py rotate_secrets

Put the new key before the old one in FLUENZR_SECRET_KEYS, restart every process, and run this: the secrets of all
e-mail accounts and webhooks are then kept under the new key, and the old one can be left out. It may be run again at
any time. Exit code 1 when one can't be read; those are named, kept as they are, and the others are done.
"""

M = TypeVar("M", bound=Model)


class Command(BaseCommand):
    help = "Encrypt what e-mail accounts and webhooks keep secret under the first key of FLUENZR_SECRET_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter

    def handle(self, *args: Any, **options: Any) -> None:
        self.unreadable: list[str] = []
        # The installation's own affair, across all workspaces.
        of_accounts = self._rotated(EmailAccount.objects.select_related("workspace").order_by("id"), accounts.rotate)
        of_webhooks = self._rotated(Webhook.objects.select_related("workspace").order_by("id"), webhooks.reseal)
        self.stdout.write(f"{of_accounts} accounts and {of_webhooks} webhooks are under key {current_key_id()} now")
        if self.unreadable:
            raise CommandError("These can't be read and stay as they are:\n  " + "\n  ".join(self.unreadable))

    def _rotated(self, rows: Iterable[M], rotate: Callable[[M], bool]) -> int:
        count = 0
        for row in rows:
            try:
                count += rotate(row)
            except CannotDecrypt as error:
                self.unreadable.append(f"{row.pk}: {error}")
        return count
