"""Finds contacts that are probably one person. Deciding is pure; the rows are read once, in one query.

A phone, name or company that many share (a switchboard, "Info") says nothing about who somebody is: such groups
are left out.
"""

import functools
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from contacts.models import Contact, NotDuplicates
from fluenzr_site.workspaces.models import Workspace

# More than these with the same sign aren't one person.
MOST_ALIKE: Final = 20
MOST_PHONES: Final = 5
_GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
# Everybody's domains: they say nothing about where somebody works.
_FREE: Final = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "yahoo.fr", "yahoo.co.in", "hotmail.com", "hotmail.fr"),
        *("outlook.com", "outlook.fr", "live.com", "live.fr", "msn.com", "icloud.com", "me.com", "aol.com"),
        *("gmx.com", "gmx.de", "gmx.net", "web.de", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net"),
        *("proton.me", "protonmail.com", "rediffmail.com", "mail.com", "zoho.com", "yandex.com", "mail.ru", "qq.com"),
    }
)
_DIGITS: Final = re.compile(r"\D+")
_WORDS: Final = re.compile(r"[^\w]+")
_LEGAL: Final = frozenset(
    {
        *("ltd", "limited", "inc", "llc", "gmbh", "sarl", "sas", "sa", "srl", "spa", "bv", "ag", "co", "corp"),
        *("corporation", "company", "pvt", "plc"),
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared of a contact."""

    id: str
    email: str
    first_name: str
    last_name: str
    company: str
    phone: str


@dataclass(slots=True)
class Alike:
    """Contacts that look like one person, the oldest first, and by what: email, phone, company, domain, spelling."""

    ids: list[str]
    reasons: set[str] = field(default_factory=set)

    @property
    def digest(self) -> str:
        return digest(self.ids)


def digest(contact_ids: Iterable[str]) -> str:
    """What stands for a set of contacts that were found to be different people."""
    return hashlib.sha256(" ".join(sorted(contact_ids)).encode()).hexdigest()


def find(workspace: Workspace) -> list[Alike]:
    """All that look alike in a workspace and weren't found to be different, the newest first."""
    columns = ("pk", "email", "first_name", "last_name", "company", "phone")
    rows = Contact.objects.of(workspace).order_by().values_list(*columns)
    known = set(NotDuplicates.objects.of(workspace).values_list("digest", flat=True))
    groups = alike(Person(pk, email or "", *rest) for pk, email, *rest in rows.iterator(chunk_size=10_000))
    return [group for group in groups if not known or group.digest not in known]


def alike(people: Iterable[Person]) -> list[Alike]:
    """Those that are probably one person, the newest first."""
    signs: dict[tuple[str, ...], list[str]] = defaultdict(list)
    named: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        name = _name(person)
        if name:
            named[name].append(person)
        for sign in _signs(person, name):
            signs[sign].append(person.id)
    found = _Sets()
    for (reason, *_key), contact_ids in signs.items():
        if 1 < len(contact_ids) <= (MOST_PHONES if reason == "phone" else MOST_ALIKE):
            found.join(contact_ids, reason)
    for same in named.values():
        if 1 < len(same) <= MOST_ALIKE:
            for first, second in _spelled_alike(same):
                found.join([first.id, second.id], "spelling")
    return sorted(found.groups(), key=lambda group: group.ids[-1], reverse=True)


def _signs(person: Person, name: str) -> Iterator[tuple[str, ...]]:
    phone = _DIGITS.sub("", person.phone)[-9:]
    if len(phone) >= 8:
        yield "phone", phone
    local, _at, domain = person.email.partition("@")
    if domain:
        yield "email", canonical(local, domain)
    if name:
        company = _company(person.company)
        if company:
            yield "company", name, company
        if domain and domain not in _FREE:
            yield "domain", name, domain


def canonical(local: str, domain: str) -> str:
    """The mailbox behind an address: without what follows a plus, and as Gmail reads it."""
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def _name(person: Person) -> str:
    """Both names, in whichever order they were entered; empty unless there are two words."""
    words = sorted(_folded(f"{person.first_name} {person.last_name}").split())
    return " ".join(words) if len(words) > 1 else ""


@functools.lru_cache(maxsize=10_000)
def _company(company: str) -> str:
    words = _folded(company).split()
    return " ".join(word for word in words if word not in _LEGAL) or " ".join(words)


def _folded(text: str) -> str:
    """Lower case and without accents; the vowel signs of Devanagari are no accents."""
    if text.isascii():
        return _WORDS.sub(" ", text.lower())
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not "\u0300" <= letter <= "\u036f")
    return " ".join("".join(letter if _is_word(letter) else " " for letter in plain.casefold()).split())


def _is_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def _spelled_alike(same: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Pairs of one name whose addresses differ by a slip of the finger."""
    for position, first in enumerate(same):
        for second in same[position + 1 :]:
            if first.email and second.email and is_slip(first.email, second.email):
                yield first, second


def is_slip(one: str, other: str) -> bool:
    """Whether one letter more, less or different, or two swapped, makes an address of the other.

    Not where the difference is a digit: those tell people apart.
    """
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    differing = {other[start], one[start] if start < len(one) else other[start]}
    if any(letter.isdigit() for letter in differing):
        return False
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    swapped = one[start : start + 2][::-1] == other[start : start + 2]
    return swapped and one[start + 2 :] == other[start + 2 :]


class _Sets:
    """Sets that grow together; two that share a member become one."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._reasons: dict[str, set[str]] = defaultdict(set)

    def _root(self, member: str) -> str:
        parent = self._parent.setdefault(member, member)
        while parent != self._parent[parent]:
            self._parent[parent] = parent = self._parent[self._parent[parent]]
        return parent

    def join(self, members: Sequence[str], reason: str) -> None:
        first = self._root(members[0])
        for member in members[1:]:
            other = self._root(member)
            if other != first:
                self._parent[other] = first
                self._reasons[first] |= self._reasons.pop(other, set())
        self._reasons[first].add(reason)

    def groups(self) -> list[Alike]:
        members: dict[str, list[str]] = defaultdict(list)
        for member in self._parent:
            members[self._root(member)].append(member)
        return [Alike(sorted(ids), self._reasons[root]) for root, ids in members.items()]
