"""Which variables of an e-mail would come out as nothing for a contact. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from campaigns.composing.message import Prepared
from campaigns.composing.nodes import Branch, If, Node, Variable, names_in
from campaigns.composing.values import text_of


def empty_variables(prepared: Prepared, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables that this contact's e-mail shows without a value, and that have no fallback; each once."""
    found = [*_empty(prepared.subject.nodes, values), *_empty(prepared.body.nodes, values)]
    return tuple(dict.fromkeys(found))


def compared(prepared: Prepared) -> frozenset[str]:
    """The variables whose very value decides what is shown; of the others it matters only whether they have one."""
    return frozenset((*_compared(prepared.subject.nodes), *_compared(prepared.body.nodes)))


def names(prepared: Prepared) -> frozenset[str]:
    return frozenset((*names_in(prepared.subject.nodes), *names_in(prepared.body.nodes)))


def _empty(nodes: tuple[Node, ...], values: Mapping[str, Any]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Variable):
            if not node.fallback and not text_of(values.get(node.name)):
                yield node.name
        elif isinstance(node, If):
            shown = next((branch for branch in node.branches if _holds(branch, values)), None)
            yield from _empty(shown.nodes, values) if shown else ()


def _holds(branch: Branch, values: Mapping[str, Any]) -> bool:
    if branch.test is None:
        return True
    text = text_of(values.get(branch.test.name))
    holds = bool(text) if branch.test.wanted is None else text == branch.test.wanted
    return holds != branch.test.negated


def _compared(nodes: tuple[Node, ...]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, If):
            for branch in node.branches:
                if branch.test and branch.test.wanted is not None:
                    yield branch.test.name
                yield from _compared(branch.nodes)
