"""Lists. What ``list()`` gives is the page that was asked for, and iterating it goes on to the last page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar, overload

from fluenzr._calls import Call, ListCall, Slice

T = TypeVar("T")


class _OnePage(Generic[T]):
    """The page itself: ``len()``, indexes and slices are of this page alone."""

    def __init__(self, run: Callable[[Call[Any]], Any], asked: ListCall[T], seen: Slice[T]) -> None:
        self._run = run
        self._asked = asked
        self._seen = seen

    @property
    def items(self) -> tuple[T, ...]:
        """What is on this page."""
        return self._seen.items

    @property
    def page(self) -> int:
        """This page's number, from 1, where it was asked for by number."""
        return self._seen.page

    @property
    def per_page(self) -> int:
        """How many a page holds."""
        return self._seen.per_page

    @property
    def total(self) -> int:
        """How many there are on all pages."""
        return self._seen.total

    @property
    def total_pages(self) -> int:
        """How many pages there are."""
        return self._seen.total_pages

    @property
    def next_cursor(self) -> str | None:
        """The ``cursor`` that the next page is asked for with; None on the last page."""
        return self._seen.next_cursor

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} of {self.total}>"


class Page(_OnePage[T]):
    """A page; ``for item in page`` gives its items and then, asking as it goes, those of all later pages."""

    def next_page(self) -> "Page[T] | None":
        """The page after this one; None at the end."""
        following = self._asked.after(self._seen)
        return fetch_page(self._run, following) if following else None

    def __iter__(self) -> Iterator[T]:
        page: Page[T] | None = self
        while page is not None:
            yield from page.items
            page = page.next_page()


class AsyncPage(_OnePage[T]):
    """A page; ``async for item in page`` gives its items and then those of all later pages."""

    # Or a plain ``for`` would run through the indexes and seem to see everything.
    __iter__ = None

    async def next_page(self) -> "AsyncPage[T] | None":
        """The page after this one; None at the end."""
        following = self._asked.after(self._seen)
        return await fetch_async_page(self._run, following) if following else None

    async def __aiter__(self) -> AsyncIterator[T]:
        page: AsyncPage[T] | None = self
        while page is not None:
            for item in page.items:
                yield item
            page = await page.next_page()


def fetch_page(run: Callable[[Call[Any]], Any], asked: ListCall[T]) -> Page[T]:
    """The page that ``asked`` stands for."""
    return Page(run, asked, run(asked.first()))


async def fetch_async_page(run: Callable[[Call[Any]], Awaitable[Any]], asked: ListCall[T]) -> AsyncPage[T]:
    """The page that ``asked`` stands for."""
    return AsyncPage(run, asked, await run(asked.first()))
