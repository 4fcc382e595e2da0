"""Asks DNS what a sending domain publishes, and has it judged."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import dns.exception
import dns.name
import dns.resolver
import idna

from campaigns.composing.characters import shown
from campaigns.domains.dkim import SELECTORS, Selector, is_key, judge_dkim
from campaigns.domains.records import Name, Verdict, judge_dmarc, judge_mx
from campaigns.domains.spf import judge_spf
from fluenzr_site.core.saying import say

_LONGEST: Final = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}", re.ASCII)
_SELECTOR: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
# There is no such name or record, or no such name can be.
_NONE: Final = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.resolver.YXDOMAIN,
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
    dns.name.EmptyLabel,
)


class Resolver(Protocol):
    """As much of ``dns.resolver.Resolver`` as is used; raises its exceptions."""

    def resolve(self, qname: str, rdtype: str, *, lifetime: float, search: bool) -> Iterable[Any]: ...


class _Unanswered(Exception):
    """DNS couldn't be asked; the message is the verdict's advice."""


def check_domain(
    domain: str, *, selectors: Sequence[str] = (), resolver: Resolver | None = None, seconds: float = 5
) -> list[Verdict]:
    """SPF, DKIM, DMARC and MX of a domain, in this order; a single verdict where DNS can't be asked at all.

    With ``selectors`` those alone are looked at, and each must hold a key. ``seconds`` are for each question: a
    dozen or three are asked, one after another. Raises ValueError for what isn't a domain or selector.
    """
    name = ascii_domain(domain)
    given = list(dict.fromkeys(_selector(each) for each in selectors))
    try:
        asking = _Asking(resolver or dns.resolver.Resolver(), seconds)
        exchanges = asking.exchanges(name)
    except (_Unanswered, dns.resolver.NoResolverConfiguration) as error:
        why = str(error) if isinstance(error, _Unanswered) else _unanswered(name, error)
        return [Verdict("mx", "broken", "", why)]
    return [
        _judged("spf", lambda: judge_spf(name, asking.texts(name), asking.texts)),
        _judged("dkim", lambda: _dkim(asking, name, given)),
        _judged("dmarc", lambda: judge_dmarc(name, asking.texts)),
        judge_mx(name, exchanges),
    ]


def ascii_domain(text: str) -> str:
    """The domain as DNS knows it: ASCII (IDNA), lower case, without a dot at its end. Raises ValueError."""
    name = text.strip().lower().removesuffix(".")
    message = say(
        "“%(domain)s” isn't a domain: write it as example.com, without https:// and without a name and @.",
        domain=shown(text),
    )
    if len(name) > _LONGEST:
        raise ValueError(message)
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii").removesuffix(".")
        except (idna.IDNAError, ValueError) as error:
            raise ValueError(message) from error
    if len(name) > _LONGEST or not _DOMAIN.fullmatch(name):
        raise ValueError(message)
    return name


def _selector(text: str) -> str:
    name = text.strip().lower()
    if len(name) > _LONGEST or not _SELECTOR.fullmatch(name):
        raise ValueError(
            say(
                "“%(selector)s” isn't a DKIM selector: write what stands before ._domainkey, such as s1.",
                selector=shown(text),
            )
        )
    return name


def _judged(name: Name, judge: Callable[[], Verdict]) -> Verdict:
    try:
        return judge()
    except _Unanswered as error:
        return Verdict(name, "broken", "", error.args[0])


def _dkim(asking: "_Asking", domain: str, given: Sequence[str]) -> Verdict:
    found = []
    for name in given or SELECTORS:
        selector = Selector(name, asking.texts(f"{name}._domainkey.{domain}"))
        found.append(selector)
        if not given and is_key(selector.texts):
            verdict = judge_dkim(domain, [selector], given=False)
            if verdict.state == "good":
                return verdict
    if given or not any(is_key(each.texts) for each in found):
        found = [each if each.texts else _with_alias(asking, domain, each) for each in found]
    return judge_dkim(domain, found, given=bool(given))


def _with_alias(asking: "_Asking", domain: str, selector: Selector) -> Selector:
    """A provider's key that isn't there yet shows as a CNAME to nowhere."""
    return Selector(selector.name, (), asking.alias(f"{selector.name}._domainkey.{domain}"))


@dataclass(frozen=True, slots=True)
class _Asking:
    """Questions with a time limit, none asked twice. Each raises _Unanswered."""

    resolver: Resolver
    seconds: float
    _known: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def exchanges(self, name: str) -> list[tuple[int, str]]:
        return [(each.preference, each.exchange.to_text()) for each in self._ask(name, "MX")]

    def alias(self, name: str) -> str:
        return next((each.target.to_text(omit_final_dot=True) for each in self._ask(name, "CNAME")), "")

    def _ask(self, name: str, kind: str) -> list[Any]:
        question = (name, kind)
        if question not in self._known:
            self._known[question] = self._answer(name, kind)
        return self._known[question]

    def _answer(self, name: str, kind: str) -> list[Any]:
        try:
            with suppress(*_NONE):
                return list(self.resolver.resolve(name, kind, lifetime=self.seconds, search=False))
        except (dns.exception.DNSException, OSError) as error:
            raise _Unanswered(_unanswered(name, error)) from error
        return []


def _unanswered(name: str, error: Exception) -> str:
    late = isinstance(error, dns.exception.Timeout)
    why = say("no answer in time") if late else shown(str(error) or type(error).__name__, 200).rstrip(".")
    return say("DNS couldn't be asked for %(name)s (%(why)s): try again later.", name=shown(name, 80), why=why)
