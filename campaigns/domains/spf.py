"""Judges a domain's SPF record, with those that it includes (RFC 7208)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from campaigns.composing.characters import shown
from campaigns.domains.records import Lookup, Verdict, shortened
from fluenzr_site.core.saying import say

#: RFC 7208 section 4.6.4: after these, receivers give up.
MOST_LOOKUPS: Final = 10

_SPF: Final = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE | re.ASCII)
_MECHANISM: Final = re.compile(r"([+?~-]?)([a-z][a-z0-9]*)(?:([:/])(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)


class _Wrong(Exception):
    """Receivers can't use the SPF record; the message is the sentence that says why."""


def judge_spf(domain: str, texts: Sequence[str], lookup: Lookup) -> Verdict:
    """``texts``: the domain's TXT records; ``lookup`` is asked for those that it includes (RFC 7208)."""
    records = [text for text in texts if _SPF.match(text)]
    found = shortened(records)
    if not records:
        advice = say(
            "Publish a TXT record at %(domain)s such as “v=spf1 include:spf.provider.example ~all”, with "
            "the include that your mail provider names.",
            domain=domain,
        )
        return Verdict("spf", "missing", "", advice)
    if len(records) > 1:
        advice = say(
            "%(domain)s has %(count)s SPF records, and receivers then use none: publish a single TXT "
            "record that starts with v=spf1 once and holds the parts of all.",
            domain=domain,
            count=len(records),
        )
        return Verdict("spf", "broken", found, advice)
    walk = _Spf(lookup)
    try:
        ending = walk.ending(records[0], (_plain(domain),))
    except _Wrong as error:
        return Verdict("spf", "broken", found, error.args[0])
    return _spf_verdict(found, ending, walk.notes)


def _spf_verdict(found: str, ending: str, notes: Sequence[str]) -> Verdict:
    if ending == "+":
        advice = say("The record lets everybody send in your name: publish it with “~all” or “-all” for its end.")
        return Verdict("spf", "broken", found, advice)
    if ending == "?":
        advice = say("The record says nothing of other senders: publish it with “~all” or “-all” in place of “?all”.")
        return Verdict("spf", "weak", found, advice)
    if not ending:
        advice = say(
            "The record has no end and says nothing of other senders: publish it with “~all” added at its end."
        )
        return Verdict("spf", "weak", found, advice)
    return Verdict("spf", "weak" if notes else "good", found, notes[0] if notes else "")


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


@dataclass(slots=True)
class _Spf:
    """One evaluation, its look-ups counted across all the records that it reads."""

    lookup: Lookup
    lookups: int = 0
    notes: list[str] = field(default_factory=list)

    def ending(self, record: str, path: tuple[str, ...]) -> str:
        """The qualifier of what matches everybody, ``""`` where nothing does. ``path`` ends with the record's name.

        Raises _Wrong.
        """
        ending = redirect = ""
        for term in [each for each in record.split(" ") if each][1:]:
            modifier = _MODIFIER.fullmatch(term)
            if modifier and modifier[1].lower() == "redirect":
                if redirect:
                    raise _Wrong(
                        say("The SPF record of %(path)s has two redirects: publish it with one.", path=path[-1])
                    )
                redirect = self._target(modifier[2], term, path)
            elif not modifier:
                ending = self._mechanism(term, path, ending)
        if ending or not redirect:
            return ending
        self._count()
        return self._of(redirect, path)

    def _mechanism(self, term: str, path: tuple[str, ...], ending: str) -> str:
        """The ending after this term. What follows an ending is read, but never asked for."""
        match = _MECHANISM.fullmatch(term)
        qualifier, name, sign, argument = match.groups() if match else ("", "", None, None)
        name = name.lower()
        if name in ("ip4", "ip6"):
            _check_network(name, argument if sign == ":" else "", term, path)
        elif name in ("include", "exists"):
            argument = self._target(argument if sign == ":" else "", term, path)
        elif name not in ("a", "mx", "ptr") and (name != "all" or sign):
            raise _unknown(term, path)
        if ending:
            self._note(
                path,
                say("Receivers ignore “%(term)s” after the record's end: publish it before “all”.", term=shown(term)),
            )
            return ending
        if name == "all":
            return qualifier or "+"
        if name not in ("ip4", "ip6"):
            self._count()
        if name == "ptr":
            self._note(
                path, say("Many receivers ignore “ptr”, which is slow: publish ip4, ip6 or include in its place.")
            )
        if name == "include" and self._of(argument or "", path) == "+":
            # What it includes lets everybody pass, so that everybody matches here.
            return qualifier or "+"
        return ""

    def _of(self, name: str, path: tuple[str, ...]) -> str:
        if "%" in name:
            # A macro: only a real e-mail tells what it stands for.
            return "-"
        if name in path:
            raise _Wrong(
                say(
                    "The SPF record of %(path)s leads back to %(name)s: publish it without that part.",
                    path=path[-1],
                    name=shown(name, 80),
                )
            )
        records = [text for text in self.lookup(name) if _SPF.match(text)]
        if len(records) != 1:
            how = say("several SPF records") if records else say("no SPF record")
            raise _Wrong(
                say(
                    "The SPF record of %(path)s leads to %(name)s, which has %(how)s: receivers then reject the "
                    "whole record. Publish it without that part, or with the name that your mail provider gives.",
                    path=path[-1],
                    name=shown(name, 80),
                    how=how,
                )
            )
        return self.ending(records[0], (*path, name))

    def _target(self, text: str | None, term: str, path: tuple[str, ...]) -> str:
        name = _plain(text or "")
        if not name or not (_HOST.fullmatch(name) or "%" in name):
            raise _unknown(term, path)
        return name

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Wrong(
                say(
                    "The SPF record needs more than %(most_lookups)s DNS look-ups, after which receivers give "
                    "up: publish it with fewer of include, a, mx, ptr, exists and redirect, or with ip4 and ip6 "
                    "in their place.",
                    most_lookups=MOST_LOOKUPS,
                )
            )

    def _note(self, path: tuple[str, ...], text: str) -> None:
        # What a provider's record could do better isn't its customer's to mend.
        if len(path) == 1:
            self.notes.append(text)


def _unknown(term: str, path: tuple[str, ...]) -> _Wrong:
    where = shown(path[-1], 80)
    return _Wrong(
        say(
            "Receivers don't understand “%(term)s” in the SPF record of %(where)s: publish it without that.",
            term=shown(term),
            where=where,
        )
    )


def _check_network(name: str, text: str | None, term: str, path: tuple[str, ...]) -> None:
    try:
        if not text:
            raise ValueError
        # Bits beyond the mask are allowed.
        (IPv4Network if name == "ip4" else IPv6Network)(text, strict=False)
    except ValueError:
        raise _unknown(term, path) from None
