"""Judges what a sending domain publishes in DNS: SPF, DKIM, DMARC and MX. Asks nothing itself.

The records are other people's text: whatever stands in them, nothing here raises, and no work is unbounded.
What a ``lookup`` raises goes through.
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, Literal

from campaigns.composing.characters import shown
from campaigns.domains.der import rsa_bits

Name = Literal["spf", "dkim", "dmarc", "mx"]
State = Literal["good", "weak", "missing", "broken"]
#: Gives the TXT records of a name, their strings joined; none where the name isn't there.
Lookup = Callable[[str], Sequence[str]]

#: Where mail providers put their keys.
SELECTORS: Final = (
    *("google", "selector1", "selector2", "default", "k1", "k2", "k3", "s1", "s2", "mail", "dkim", "fm1", "fm2"),
    *("fm3", "zoho", "mandrill", "smtp"),
)
#: RFC 7208 section 4.6.4: after these, receivers give up.
MOST_LOOKUPS: Final = 10

_MOST_SHOWN: Final = 500
_FEWEST_BITS: Final = 1024
_ENOUGH_BITS: Final = 2048
_ED25519_BYTES: Final = 32
# Of longer names, DMARCbis goes on at seven labels.
_MOST_LABELS: Final = 7

_SPF: Final = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE | re.ASCII)
_MECHANISM: Final = re.compile(r"([+?~-]?)([a-z][a-z0-9]*)(?:([:/])(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
_DMARC: Final = re.compile(r"\s*v\s*=\s*DMARC1\s*(?:;|\Z)", re.ASCII)
_DKIM: Final = re.compile(r"\s*v\s*=\s*DKIM1\s*(?:;|\Z)|(?:.*;)?\s*p\s*=", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``found`` is the record, shortened, or what it amounts to; ``advice`` a sentence for a person, empty where
    there is nothing to do. ``weak`` works, and could be better.
    """

    name: Name
    state: State
    found: str
    advice: str


@dataclass(frozen=True, slots=True)
class Selector:
    """What was found at ``<name>._domainkey``. ``alias`` is where its CNAME leads, if it has one."""

    name: str
    texts: Sequence[str]
    alias: str = ""


def _found(texts: Sequence[str]) -> str:
    return shown(" | ".join(texts), _MOST_SHOWN)


# ----------------------------------------------------------------------------------------------------------- MX


def judge_mx(domain: str, exchanges: Sequence[tuple[int, str]]) -> Verdict:
    """``exchanges``: preferences and hosts."""
    hosts = [host.rstrip(".") for _, host in sorted(exchanges)]
    found = _found([f"{preference} {host}" for preference, host in sorted(exchanges)])
    example = f"Publish an MX record at {domain} that names your mail server, such as “10 mail.{domain}.”"
    if not hosts:
        return Verdict("mx", "missing", "", f"{example}: without it no reply and no bounce reaches you.")
    if "" in hosts:
        return Verdict("mx", "broken", found, f"{domain} says that it takes no mail (a null MX). {example} instead.")
    for host in hosts:
        if _is_ip(host):
            advice = f"An MX record must name a host, and {shown(host)} is an address. {example} instead."
            return Verdict("mx", "broken", found, advice)
    return Verdict("mx", "good", found, "")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------- SPF


class _Wrong(Exception):
    """Receivers can't use the SPF record; the message is the sentence that says why."""


def judge_spf(domain: str, texts: Sequence[str], lookup: Lookup) -> Verdict:
    """``texts``: the domain's TXT records; ``lookup`` is asked for those that it includes (RFC 7208)."""
    records = [text for text in texts if _SPF.match(text)]
    found = _found(records)
    if not records:
        advice = (
            f"Publish a TXT record at {domain} such as “v=spf1 include:spf.provider.example ~all”, "
            "with the include that your mail provider names."
        )
        return Verdict("spf", "missing", "", advice)
    if len(records) > 1:
        advice = (
            f"{domain} has {len(records)} SPF records, and receivers then use none: publish a single TXT record "
            "that starts with v=spf1 once and holds the parts of all."
        )
        return Verdict("spf", "broken", found, advice)
    walk = _Spf(lookup)
    try:
        ending = walk.ending(records[0], (_plain(domain),))
    except _Wrong as error:
        return Verdict("spf", "broken", found, str(error))
    return _spf_verdict(found, ending, walk.notes)


def _spf_verdict(found: str, ending: str, notes: Sequence[str]) -> Verdict:
    if ending == "+":
        advice = "The record lets everybody send in your name: publish it with “~all” or “-all” for its end."
        return Verdict("spf", "broken", found, advice)
    if ending == "?":
        advice = "The record says nothing of other senders: publish it with “~all” or “-all” in place of “?all”."
        return Verdict("spf", "weak", found, advice)
    if not ending:
        advice = "The record has no end and says nothing of other senders: publish it with “~all” added at its end."
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
                    raise _Wrong(f"The SPF record of {path[-1]} has two redirects: publish it with one.")
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
            self._note(path, f"Receivers ignore “{shown(term)}” after the record's end: publish it before “all”.")
            return ending
        if name == "all":
            return qualifier or "+"
        if name not in ("ip4", "ip6"):
            self._count()
        if name == "ptr":
            self._note(path, "Many receivers ignore “ptr”, which is slow: publish ip4, ip6 or include in its place.")
        if name == "include" and self._of(argument or "", path) == "+":
            # What it includes lets everybody pass, so that everybody matches here.
            return qualifier or "+"
        return ""

    def _of(self, name: str, path: tuple[str, ...]) -> str:
        if "%" in name:
            # A macro: only a real e-mail tells what it stands for.
            return "-"
        if name in path:
            raise _Wrong(f"The SPF record of {path[-1]} leads back to {shown(name, 80)}: publish it without that part.")
        records = [text for text in self.lookup(name) if _SPF.match(text)]
        if len(records) != 1:
            how = "several SPF records" if records else "no SPF record"
            raise _Wrong(
                f"The SPF record of {path[-1]} leads to {shown(name, 80)}, which has {how}: receivers then reject "
                "the whole record. Publish it without that part, or with the name that your mail provider gives."
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
                f"The SPF record needs more than {MOST_LOOKUPS} DNS look-ups, after which receivers give up: publish "
                "it with fewer of include, a, mx, ptr, exists and redirect, or with ip4 and ip6 in their place."
            )

    def _note(self, path: tuple[str, ...], text: str) -> None:
        # What a provider's record could do better isn't its customer's to mend.
        if len(path) == 1:
            self.notes.append(text)


def _unknown(term: str, path: tuple[str, ...]) -> _Wrong:
    where = shown(path[-1], 80)
    return _Wrong(f"Receivers don't understand “{shown(term)}” in the SPF record of {where}: publish it without that.")


def _check_network(name: str, text: str | None, term: str, path: tuple[str, ...]) -> None:
    try:
        if not text:
            raise ValueError
        # Bits beyond the mask are allowed.
        (IPv4Network if name == "ip4" else IPv6Network)(text, strict=False)
    except ValueError:
        raise _unknown(term, path) from None


# --------------------------------------------------------------------------------------------------------- DKIM


def judge_dkim(domain: str, selectors: Sequence[Selector], *, given: bool) -> Verdict:
    """Of selectors that somebody gave the worst counts, of those that were guessed the best."""
    if given:
        verdicts = [_judge_selector(domain, each) for each in selectors]
        return max(verdicts, key=_badness, default=_no_selector(domain))
    verdicts = [_judge_selector(domain, each) for each in selectors if is_key(each.texts)]
    # An alias that could be anything is none of DKIM's.
    dangling = [each for each in selectors if "dkim" in each.alias.lower() or "domainkey" in each.alias.lower()]
    verdicts = verdicts or [_judge_selector(domain, each) for each in dangling]
    return min(verdicts, key=_badness, default=_no_selector(domain))


def is_key(texts: Sequence[str]) -> bool:
    """Whether any looks like a DKIM key: a wildcard answers for every name with other things."""
    return any(_DKIM.match(text) for text in texts)


def _badness(verdict: Verdict) -> int:
    return ("good", "weak", "missing", "broken").index(verdict.state)


def _no_selector(domain: str) -> Verdict:
    advice = (
        "No DKIM key was found at the selectors that we know. Where e-mails are signed with another, give that "
        "selector; otherwise switch DKIM on at your mail provider and publish the TXT or CNAME record that it names "
        f"at <selector>._domainkey.{domain}."
    )
    return Verdict("dkim", "missing", "", advice)


def _judge_selector(domain: str, selector: Selector) -> Verdict:
    where = f"{selector.name}._domainkey.{domain}"
    if not selector.texts and selector.alias:
        found = shown(f"{selector.name}: CNAME {selector.alias}", _MOST_SHOWN)
        advice = f"{where} leads to a name where no key is: switch DKIM on at your mail provider, which publishes it."
        return Verdict("dkim", "broken", found, advice)
    if not selector.texts:
        advice = f"Publish the key that your mail provider names as a TXT or CNAME record at {where}."
        return Verdict("dkim", "missing", f"{selector.name}: no record", advice)
    keys = [text for text in selector.texts if is_key([text])]
    if len(keys) != 1:
        how = f"{len(keys)} keys, of which receivers take any" if keys else "a TXT record that is no DKIM key"
        advice = f"{where} has {how}: publish exactly one TXT record there, “v=DKIM1; k=rsa; p=…”."
        return Verdict("dkim", "broken", _found([f"{selector.name}: {_found(selector.texts)}"]), advice)
    state, what, problem = _judge_key(keys[0])
    advice = f"{problem}: publish the key that your mail provider names as a TXT record at {where}." if problem else ""
    return Verdict("dkim", state, shown(f"{selector.name}: {what}", _MOST_SHOWN), advice)


def _judge_key(text: str) -> tuple[State, str, str]:
    """A key record's state, what it amounts to, and what is wrong with it."""
    tags = _tags(text)
    if tags is None or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return "broken", text, "The DKIM record can't be read"
    kind, coded = tags.get("k", "rsa"), re.sub(r"\s+", "", tags["p"])
    if not coded:
        return "broken", "a revoked key", "The DKIM key is revoked, since p= is empty"
    if kind not in ("rsa", "ed25519"):
        return "broken", text, f"Receivers don't know DKIM keys of the type “{shown(kind)}”"
    if "h" in tags and "sha256" not in tags["h"].replace(" ", "").split(":"):
        return "broken", text, "The DKIM record allows no signatures with SHA-256, and receivers take no others"
    if "s" in tags and not {"*", "email"} & set(tags["s"].replace(" ", "").split(":")):
        return "broken", text, "The DKIM record says that its key isn't for e-mail"
    try:
        data = base64.b64decode(coded, validate=True)
    except ValueError:
        return "broken", text, "The DKIM key was cut off or mistyped"
    if kind == "ed25519":
        state, what, problem = _judge_ed25519(data)
    else:
        state, what, problem = _judge_rsa(data)
    if state == "good" and "y" in tags.get("t", "").replace(" ", "").split(":"):
        return "weak", f"{what}, in test mode", "The DKIM record has t=y, so that receivers may ignore signatures"
    return state, what, problem


def _judge_ed25519(data: bytes) -> tuple[State, str, str]:
    if len(data) != _ED25519_BYTES:
        return "broken", f"Ed25519, {len(data)} bytes", "The DKIM key isn't an Ed25519 key"
    return "weak", "Ed25519", "Many receivers can't check Ed25519, and need an RSA key besides it"


def _judge_rsa(data: bytes) -> tuple[State, str, str]:
    bits = rsa_bits(data)
    if not bits:
        return "broken", "no RSA key", "The DKIM key was cut off or mistyped"
    what = f"RSA, {bits} bits"
    if bits < _FEWEST_BITS:
        return "broken", what, f"Receivers ignore DKIM keys of fewer than {_FEWEST_BITS} bits"
    if bits < _ENOUGH_BITS:
        return "weak", what, f"A DKIM key should have {_ENOUGH_BITS} bits"
    return "good", what, ""


def _tags(text: str) -> dict[str, str] | None:
    """``a=b; c=d`` (RFC 6376 section 3.2); None where it isn't that."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = (each.strip() for each in part.partition("="))
        if sign and name and name not in tags:
            tags[name] = value
        elif part.strip():
            return None
    return tags


# -------------------------------------------------------------------------------------------------------- DMARC


def judge_dmarc(domain: str, lookup: Lookup) -> Verdict:
    """``lookup`` is asked for ``_dmarc.`` names: the domain's, then those of the domains above it."""
    for name in _and_above(domain):
        records = [text for text in lookup(f"_dmarc.{name}") if _DMARC.match(text)]
        if len(records) > 1:
            advice = f"_dmarc.{name} has {len(records)} DMARC records, and receivers then use none: publish one alone."
            return Verdict("dmarc", "broken", _found(records), advice)
        if records:
            return _judge_policy(name, records[0], inherited=name != domain)
    advice = (
        f"Publish a TXT record at _dmarc.{domain} such as “v=DMARC1; p=none; rua=mailto:dmarc@{domain}”: "
        "large providers want one from who sends in numbers."
    )
    return Verdict("dmarc", "missing", "", advice)


def _and_above(domain: str) -> list[str]:
    labels = domain.split(".")
    starts = [0, *range(max(1, len(labels) - _MOST_LABELS), len(labels) - 1)]
    return [".".join(labels[start:]) for start in starts]


def _judge_policy(name: str, record: str, *, inherited: bool) -> Verdict:
    found, where = shown(record, _MOST_SHOWN), f"_dmarc.{name}"
    tags = {tag.lower(): value for tag, value in (_tags(record) or {}).items()}
    rua = tags.get("rua", "")
    policy = ((tags.get("sp") if inherited else None) or tags.get("p", "none" if rua else "")).lower()
    example = f"“v=DMARC1; p=none; rua=mailto:dmarc@{name}”"
    if policy not in ("none", "quarantine", "reject"):
        advice = f"The DMARC record can't be used: publish a TXT record at {where} such as {example}."
        return Verdict("dmarc", "broken", found, advice)
    if rua and not all(each.strip().lower().startswith("mailto:") for each in rua.split(",")):
        advice = f"Reports go nowhere, since rua= must begin with mailto: — publish at {where} a record like {example}."
        return Verdict("dmarc", "weak", found, advice)
    if policy == "none":
        add = "" if rua else f", and with “rua=mailto:dmarc@{name}” added to get reports"
        advice = (
            f"p=none only watches: once all your e-mails pass, publish “p=quarantine” or “p=reject” at {where}{add}."
        )
        return Verdict("dmarc", "weak", found, advice)
    return Verdict("dmarc", "good", found, "")
