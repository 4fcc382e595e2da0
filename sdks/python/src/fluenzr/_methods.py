"""How a function that builds a call becomes a method that runs it, with the same parameters and docstring."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypeVar

from fluenzr._calls import Call, ListCall
from fluenzr.paging import AsyncPage, Page, fetch_async_page, fetch_page

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class Resource:
    """The methods of one part of the API."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._runner!r}>"


class _Method(Generic[P, R]):
    def __init__(self, build: Callable[P, Any], finish: Callable[[Any, Any], Any]) -> None:
        self._build = build
        self._finish = finish
        self._name = build.__name__
        # The builder's "-> Call[…]" is not what the method returns.
        self._signature = inspect.signature(build).replace(return_annotation=inspect.Signature.empty)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, resource: Resource | None, owner: type | None = None) -> Callable[P, R]:
        @functools.wraps(self._build)
        def method(*args: P.args, **kwargs: P.kwargs) -> R:
            if resource is None:
                raise TypeError(f"{self._name} is a method: call it on a client's resource")
            result: R = self._finish(resource._runner, self._build(*args, **kwargs))
            return result

        method.__name__ = self._name
        method.__signature__ = self._signature  # type: ignore[attr-defined]
        return method


def runs(build: Callable[P, Call[T]]) -> _Method[P, T]:
    """A method that runs the call that ``build`` makes."""
    return _Method(build, lambda runner, call: runner.run(call))


def lists(build: Callable[P, ListCall[T]]) -> _Method[P, Page[T]]:
    """A method that gives a page."""
    return _Method(build, lambda runner, asked: fetch_page(runner.run, asked))


def async_runs(build: Callable[P, Call[T]]) -> _Method[P, Coroutine[Any, Any, T]]:
    """``runs``, to be awaited."""
    return _Method(build, lambda runner, call: runner.run(call))


def async_lists(build: Callable[P, ListCall[T]]) -> _Method[P, Awaitable[AsyncPage[T]]]:
    """``lists``, to be awaited."""
    return _Method(build, lambda runner, asked: fetch_async_page(runner.run, asked))
