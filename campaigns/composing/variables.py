"""The template language of e-mails: variables with filters and a fallback, and if. Nothing else.

``{{firstName}}``, ``{{firstName|there}}``, ``{{signupDate|short|"some day"}}`` and ``{% if jobTitle %}``,
``{% if not jobTitle %}``, ``{% if plan == "pro" %}`` (``!=`` too) with ``{% elif … %}``, ``{% else %}`` and
``{% endif %}``. A name is everything up to ``|`` or ``}}``, trimmed, so that custom fields may be called
anything. Values are put in as they are and never read as a template again.
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.composing.characters import shown
from campaigns.composing.nodes import Node, names_in, render
from campaigns.composing.reading import InvalidTemplate, read
from fluenzr_site.core.saying import say

__all__ = ["InvalidTemplate", "Template", "parse", "unknown_names", "unknown_sentence", "unknown_sentences"]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: immutable, so that it can be cached, and pickles. ``names``: the variables it uses."""

    nodes: tuple[Node, ...]
    names: frozenset[str]

    def render(self, values: Mapping[str, Any], *, html: bool) -> str:
        """The text for one contact; ``html`` escapes the values and fallbacks. Never raises.

        A variable without a value is its fallback, or nothing. A value that is None, False, an empty list or
        only white space counts as none. At most ``nodes.MOST_OUTPUT`` characters; the rest is left out.
        """
        return render(self.nodes, values, html=html)


def parse(source: str, *, markup: bool = False) -> Template:
    """The template in ``source``, of at most ``reading.MOST_SOURCE`` characters. Linear in its length.

    ``markup``: the source is HTML, whose editors write ``&quot;``, ``&amp;`` and ``&nbsp;`` inside the markers
    too. Raises InvalidTemplate, naming up to ``reading.MOST_PROBLEMS`` problems with their lines at once.
    """
    nodes = read(source, markup=markup)
    return Template(nodes, frozenset(names_in(nodes)))


def unknown_names(template: Template, known: Collection[str]) -> list[str]:
    """The variables of the template that aren't known, sorted. They would render as their fallback."""
    return sorted(template.names.difference(known))


def unknown_sentences(template: Template, known: Collection[str]) -> list[str]:
    """``unknown_sentence`` for each of ``unknown_names``."""
    return [unknown_sentence(name, known) for name in unknown_names(template, known)]


def unknown_sentence(name: str, known: Collection[str]) -> str:
    """A sentence for a person: that there is no such variable and, where one is alike, which was meant."""
    sentence = say("There is no variable “%(name)s”.", name=shown(name))
    meant = _alike(name, known)
    if meant:
        return say("%(sentence)s Did you mean %(meant)s?", sentence=sentence, meant=meant)
    if {"and", "or"} & set(name.split()):
        return say("%(sentence)s Conditions can't be joined with and/or: put one if inside another.", sentence=sentence)
    return sentence


def _alike(name: str, known: Collection[str]) -> str | None:
    """Without case and separators, ``first_name`` is ``firstName``; else whatever is spelled closely."""
    bare = {_bare(each): each for each in sorted(known, reverse=True)}
    close = difflib.get_close_matches(_bare(name), list(bare), n=1, cutoff=0.75)
    return bare[close[0]] if close else None


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum()) or name
