from typing import Self, TypeVar

from django.db import models

from fluenzr_site.workspaces.models import Workspace

M = TypeVar("M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[M]):
    """Rows that a workspace owns. Every query begins with ``of``."""

    def of(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)

    def one_of(self, workspace: Workspace, pk: str) -> M | None:
        """The workspace's row of that id, which then knows its workspace; None where it has no such row."""
        found = self.of(workspace).filter(pk=pk).first()
        if found is not None:
            setattr(found, "workspace", workspace)  # noqa: B010 - a field that M has
        return found
