"""The guess behind a mapping: each column's name proposes fields with a rank, its values may veto, the
best wins.
"""

import re
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contacts.imports import values, vocabulary
from contacts.imports.headers import is_address
from contacts.imports.table import Record, made_up
from contacts.imports.vocabulary import (
    EMAIL_PARTS,
    EMAIL_WORDS,
    EXACT,
    OTHER_PEOPLE,
    PHONE_PARTS,
    PHONE_WORDS,
    SECOND,
    TRAPS,
    WHOSE,
    words,
)

#: Ranks, 0 the best, below those that the vocabulary gives: a name that only holds the word; a second choice.
_HOLDS: Final = 5
_SECOND: Final = 10
_NAMES: Final = ("firstName", "lastName", "fullName")
_SINGLE: Final = (
    "email",
    "firstName",
    "lastName",
    "fullName",
    "company",
    "jobTitle",
    "phone",
    "website",
    "notes",
    "stage",
)
_MANY: Final = ("tags", "groups", "status", "optOut", "optIn")
# Of several good columns the one with values: a product's export names dozens and fills a few.
_FILLED_FIRST: Final = frozenset({"website", "company"})
_NUMBER = re.compile(r"\d+")
_PLAIN_NAMES: Final = frozenset(name for name, fields in EXACT.items() if fields.get("fullName") == 1)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as the guess sees it: its number in the name (E-mail 2), its values that aren't blank,
    its proposals.
    """

    index: int
    header: str
    ordinal: int
    values: tuple[str, ...]
    proposals: dict[str, int]


class Guesser:
    """One file's guess; ``fields()`` is the answer, ``alternatives()`` the other e-mail columns to try."""

    def __init__(self, header: Sequence[str], sample: Sequence[Record], custom: Dictionary[str, str]) -> None:
        self.columns = [_column(i, name, sample) for i, name in enumerate(header)]
        self.headerless = all(name == made_up(number) for number, name in enumerate(header, start=1))
        self.fixed = _custom(self.columns, custom)

    def fields(self) -> dict[int, str]:
        """Column index -> field."""
        found = dict(self.fixed)
        for field in _SINGLE:
            best = min(self._candidates(field, found), key=lambda c: _order(c, field), default=None)
            if best:
                found[best.index] = field
        self._email_by_values(found)
        if self.headerless:
            self._people_by_values(found)
        self._settle_names(found)
        self._drop_weak_titles(found)
        for field in _MANY:
            found.update({c.index: field for c in self._candidates(field, found)})
        return found

    def alternatives(self, fields: Dictionary[int, str]) -> tuple[int, ...]:
        """Other e-mail columns by name, best first; never by values, which may be anybody's."""
        others = sorted(self._candidates("email", fields), key=lambda c: _order(c, "email"))
        return tuple(column.index for column in others)

    def _candidates(self, field: str, found: Dictionary[int, str]) -> list[_Column]:
        return [c for c in self.columns if c.index not in found and field in c.proposals]

    def _email_by_values(self, found: dict[int, str]) -> None:
        """A column of addresses is the e-mail column where no name says so, or the named one holds other
        things.
        """
        named = self._with("email", found)
        if named and (not named.values or any("@" in value for value in named.values)):
            return
        rivals = [c for c in self.columns if c.index not in found and _is_addresses(c, 0.8 if named else 0.5)]
        if rivals:
            best = max(rivals, key=lambda c: sum(map(is_address, c.values)))
            if named:
                del found[named.index]
            found[best.index] = "email"

    def _people_by_values(self, found: dict[int, str]) -> None:
        """Names and phones of a file without header: full names hold two words, the parts stand side by
        side.
        """
        free = [c for c in self.columns if c.index not in found and c.values]
        people = [c for c in free if values.mostly(values.is_name, c.values, 0.8)]
        full = next((c for c in people if values.mostly(lambda value: " " in value.strip(), c.values)), None)
        single = [c for c in people if not values.mostly(lambda value: " " in value.strip(), c.values)]
        pair = next(((a, b) for a, b in zip(single, single[1:], strict=False) if b.index == a.index + 1), None)
        if full:
            found[full.index] = "fullName"
        if pair:
            found |= {pair[0].index: "firstName", pair[1].index: "lastName"}
        phone = next((c for c in free if values.mostly(values.is_phone, c.values, 0.8)), None)
        if phone:
            found[phone.index] = "phone"

    def _settle_names(self, found: dict[int, str]) -> None:
        """What "Name", "Nom", "Nombre" means depends on the columns beside it."""
        plain, first, last = (self._with(field, found) for field in ("fullName", "firstName", "lastName"))
        if plain is None or "".join(words(plain.header)) not in _PLAIN_NAMES:
            return
        if first and not last:
            found[plain.index] = "lastName"
        elif last and not first:
            found[plain.index] = "firstName"
        elif first and not self._with("company", found) and _names_others(plain, first):
            found[plain.index] = "company"

    def _drop_weak_titles(self, found: dict[int, str]) -> None:
        """ "Title" is a job where the row is a person's; a list of books has one too."""
        title = self._with("jobTitle", found)
        if title and title.proposals.get("jobTitle", 0) >= 2 and not {"email", *_NAMES} & set(found.values()):
            del found[title.index]

    def _with(self, field: str, found: Dictionary[int, str]) -> _Column | None:
        return next((c for c in self.columns if found.get(c.index) == field), None)


def _column(index: int, header: str, sample: Sequence[Record]) -> _Column:
    number = _NUMBER.search(header)
    held = tuple(values.present(record.cells[index] for record in sample if index < len(record.cells)))
    proposals = {field: rank for field, rank in _proposed(header).items() if not _vetoed(field, rank, held)}
    return _Column(index, header, int(number[0][:6]) if number else 0, held, proposals)


def _custom(columns: Sequence[_Column], custom: Dictionary[str, str]) -> dict[int, str]:
    """Columns named as a custom field's key or label; the e-mail column can't be taken away by one."""
    names = {vocabulary.folded(name): key for key, label in custom.items() for name in (label, key) if name}
    found: dict[int, str] = {}
    for column in columns:
        key = names.get(vocabulary.folded(column.header))
        if key and "email" not in column.proposals and f"custom:{key}" not in found.values():
            found[column.index] = f"custom:{key}"
    return found


def _proposed(header: str) -> dict[str, int]:
    """Field -> rank for a column's name: known as it stands, known without whose it is, or holding a
    telling word.
    """
    found = words(header)
    exact = EXACT.get("".join(found))
    if exact:
        return exact
    rest = tuple(word for word in found if word not in WHOSE and word not in SECOND)
    known = EXACT.get("".join(rest)) if len(rest) < len(found) else None
    if known:
        worse = _SECOND if any(word in SECOND for word in found) else 1
        return {field: rank + worse for field, rank in known.items()}
    return _holding(found)


def _holding(found: Sequence[str]) -> dict[str, int]:
    """Fields whose word occurs in the name, unless another word makes it something else."""
    whole = "".join(found)
    if ("optout" in whole or "optedout" in whole) and not {"url", "link"} & set(found):
        return {"optOut": _HOLDS}
    if any(word in TRAPS for word in found) or any(trap in whole for trap in ("カナ", "種別", "类型", "fax")):
        return {}
    named = any("fullName" in EXACT.get(word, ()) for word in found)
    if not named and (any(w in EMAIL_WORDS for w in found) or any(part in whole for part in EMAIL_PARTS)):
        return {"email": _HOLDS + (_SECOND if any(word in SECOND for word in found) else 0)}
    if any(w in PHONE_WORDS for w in found) or any(part in whole for part in PHONE_PARTS):
        return {"phone": _HOLDS}
    parts = [set(EXACT.get(word, ())) for word in found]
    shared = set.intersection(*parts) if parts else set()
    return dict.fromkeys(shared, _HOLDS)


def _vetoed(field: str, rank: int, held: Sequence[str]) -> bool:
    """Whether the values contradict the name. A column without values contradicts nothing."""
    if not held:
        return False
    if field in _NAMES:
        return values.mostly(values.is_code, held, 0.8) or values.mostly(is_address, held, 0.8)
    if field == "jobTitle" and rank >= 2:
        return values.mostly(values.is_salutation, held) or values.mostly(values.is_system_role, held)
    if field == "phone":
        return rank >= 2 and not any(map(values.is_phone, held))
    if field == "website":
        return rank > 0 and not any("." in value or "//" in value for value in held)
    if field == "status":
        return not any(map(values.is_told, held))
    return field == "optIn" and not values.mostly(values.is_choice, held)


def _order(column: _Column, field: str) -> tuple[int, int, int, bool, int]:
    """Sorts a field's candidates, best first; of several phones the one that most people have."""
    empty = not column.values
    first = -len(column.values) if field == "phone" else int(empty and field in _FILLED_FIRST)
    return first, column.proposals[field], column.ordinal, empty and field != "email", column.index


def _is_addresses(column: _Column, share: float) -> bool:
    return values.mostly(is_address, column.values, share) and not OTHER_PEOPLE & set(words(column.header))


def _names_others(plain: _Column, first: _Column) -> bool:
    """Whether a "Name" beside first and last names is not theirs, so the company's or the account's."""
    people = {value.split()[0].casefold() for value in first.values}
    return bool(people and plain.values) and not any(
        people & set(value.casefold().replace(",", " ").split()) for value in plain.values
    )
