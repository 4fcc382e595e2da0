"""Counts the contacts' list, and remembers."""

from collections.abc import Hashable
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from contacts.queries import Contacts
from fluenzr_site.api.totals import remembered
from fluenzr_site.workspaces.models import Workspace

#: From so many rows on, another query costs less than to pass over them.
DEEP: Final = 2_000


class RememberingPaginator(Paginator):  # type: ignore[type-arg]  # Django's has no parameter at run time
    """Looks through a list once, and again only after the workspace has changed.

    What has no more than one page is remembered row by row: a search that finds little reads everything.
    """

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace

    @cached_property
    def few(self) -> list[str]:
        """The first ids in no order, at most one more than a page has."""

        def ask() -> list[str]:
            return list(self._rows.order_by().values_list("pk", flat=True)[: self.per_page + 1])

        return remembered(self.workspace, ("few", self._question), ask) if self._question else []

    @cached_property
    def count(self) -> int:
        if len(self.few) <= self.per_page:
            return len(self.few)
        return remembered(self.workspace, self._question, self._rows.count)

    def page(self, number: int | str) -> "Page[Any]":
        """Deep down the rows are found by their ids: SQLite joins what it passes over, too."""
        place = self.validate_number(number)
        start = (place - 1) * self.per_page
        if start < DEEP:
            return super().page(place)
        ids = list(self._rows.values_list("pk", flat=True)[start : start + self.per_page])
        return Page(self._rows.filter(pk__in=ids), place, self)

    @property
    def _rows(self) -> Contacts:
        rows: Any = self.object_list
        return rows  # type: ignore[no-any-return]

    @cached_property
    def _question(self) -> Hashable:
        """What is asked; None where nothing can match."""
        try:
            sql, params = self._rows.order_by().query.sql_with_params()
        except EmptyResultSet:
            return None
        return sql, repr(params)
