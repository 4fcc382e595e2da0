from typing import Self, TypeVar

from django.db import models

from fluenzr_site.workspaces.models import Workspace

M = TypeVar("M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[M]):
    """Rows that a workspace owns. Every query begins with ``of``."""

    def of(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)
