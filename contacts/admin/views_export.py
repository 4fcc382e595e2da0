"""The export of what the list shows begins with the columns that it shows."""

import copy
from collections.abc import Sequence
from typing import Any

from contacts.admin.bulk import BulkAction, Export
from fluenzr_site.workspaces.models import Workspace


def beginning_with(action: BulkAction, columns: Sequence[str]) -> BulkAction:
    """The action as it is, but for an export: its form has these columns ticked."""
    if not isinstance(action, Export):
        return action
    form: Any = action.form

    class Shown(form):  # type: ignore[misc]
        def prepare(self, workspace: Workspace) -> None:
            super().prepare(workspace)
            self.fields["columns"].initial = list(columns)

    exporting = copy.copy(action)
    exporting.form = Shown
    return exporting
