"""Sentences for people, said where nobody's language is known: in the pure cores, in workers.

They are plain English text, which the API gives and the log keeps; and remember the template and the values that they
were made of, so that a page says them again in its reader's language (``core.said``).
"""

import re
from typing import Any, Final

_VALUE: Final = re.compile(r"%\((\w+)\)s")


class Said(str):
    """A sentence in English. ``values`` may hold sentences themselves; whole numbers are grouped as is usual.

    ``str()`` of it is itself, and so is ``str()`` of an error that was raised with it.
    """

    __slots__ = ("plural", "template", "values")
    template: str
    #: The template for many, empty where it has none; the value ``count`` chooses between the two.
    plural: str
    values: dict[str, Any]

    def __str__(self) -> "Said":
        return self

    def __deepcopy__(self, _memo: object) -> "Said":
        # It never changes; an error among its values may not let itself be copied.
        return self


def say(template: str, /, **values: Any) -> Said:
    """``say("It has %(count)s parts", count=1200)``: "It has 1,200 parts". Give a number as text to leave it alone."""
    return _said(template, "", values)


def _said(template: str, plural: str, values: dict[str, Any]) -> Said:
    english = plural if plural and number_of(values["count"]) != 1 else template
    said = Said(english % {name: in_english(value) for name, value in values.items()} if values else english)
    said.template, said.plural, said.values = template, plural, values
    return said


def in_english(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def number_of(count: object) -> int:
    """A whole number, however it was given: as a number, or as English text with or without grouping."""
    return int(str(count).replace(",", ""))


class Sentence:
    """A template that is recognised in what was said with it, for sentences of which only the English is kept."""

    def __init__(self, template: str, plural: str = "") -> None:
        self.template, self.plural = template, plural
        self._patterns: Final = [_pattern(each) for each in (template, plural) if each]
        #: Characters that it says itself: of two that are heard in a text, the one with more of them was said.
        self.own: Final = len(_VALUE.sub("", template))
        SENTENCES.append(self)

    def __call__(self, **values: Any) -> Said:
        return _said(self.template, self.plural, values)

    def heard_in(self, text: str) -> Said | None:
        """What was said with it; None where it's another sentence."""
        for pattern in self._patterns:
            if match := pattern.fullmatch(text):
                return self(**match.groupdict())
        return None


class Counted(Sentence):
    """One with a plural: ``Counted("%(count)s row", "%(count)s rows")``; ``count`` must be among its values."""

    def __init__(self, one: str, many: str) -> None:
        super().__init__(one, many)


def _pattern(template: str) -> re.Pattern[str]:
    said, *rest = _VALUE.split(template)
    pattern, named = re.escape(said), set[str]()
    # A name, and what is said after it, in turn. The same value stands wherever the same name does.
    for name, said in zip(rest[::2], rest[1::2], strict=True):
        value = r"\d[\d,]*" if name == "count" else ".*?"
        pattern += (f"(?P={name})" if name in named else f"(?P<{name}>{value})") + re.escape(said)
        named.add(name)
    return re.compile(pattern, re.DOTALL)


#: All that were made, in the order of their modules' loading.
SENTENCES: Final[list[Sentence]] = []
