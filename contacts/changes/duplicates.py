"""What people have found out about contacts that look alike."""

from collections.abc import Sequence

from django.db import transaction

from contacts.duplicates import digest
from contacts.models import NotDuplicates
from fluenzr_site.workspaces.models import Workspace


def not_duplicates(workspace: Workspace, contact_ids: Sequence[str]) -> None:
    """Somebody has looked at contacts that look alike, and they are different people."""
    with transaction.atomic():
        NotDuplicates.objects.get_or_create(workspace=workspace, digest=digest(contact_ids))
        workspace.touch()
