"""Judges the DKIM keys that a domain publishes (RFC 6376)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.composing.characters import shown
from campaigns.domains.der import rsa_bits
from campaigns.domains.records import MOST_SHOWN, State, Verdict, shortened, tags_of
from fluenzr_site.core.saying import say

#: Where mail providers put their keys.
SELECTORS: Final = (
    *("google", "selector1", "selector2", "default", "k1", "k2", "k3", "s1", "s2", "mail", "dkim", "fm1", "fm2"),
    *("fm3", "zoho", "mandrill", "smtp"),
)
_FEWEST_BITS: Final = 1024
_ENOUGH_BITS: Final = 2048
_ED25519_BYTES: Final = 32
_DKIM: Final = re.compile(r"\s*v\s*=\s*DKIM1\s*(?:;|\Z)|(?:.*;)?\s*p\s*=", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selector:
    """What was found at ``<name>._domainkey``. ``alias`` is where its CNAME leads, if it has one."""

    name: str
    texts: Sequence[str]
    alias: str = ""


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
    advice = say(
        "No DKIM key was found at the selectors that we know. Where e-mails are signed with another, "
        "give that selector; otherwise switch DKIM on at your mail provider and publish the TXT or "
        "CNAME record that it names at <selector>._domainkey.%(domain)s.",
        domain=domain,
    )
    return Verdict("dkim", "missing", "", advice)


def _judge_selector(domain: str, selector: Selector) -> Verdict:
    where = f"{selector.name}._domainkey.{domain}"
    if not selector.texts and selector.alias:
        found = shown(f"{selector.name}: CNAME {selector.alias}", MOST_SHOWN)
        advice = say(
            "%(where)s leads to a name where no key is: switch DKIM on at your mail provider, which publishes it.",
            where=where,
        )
        return Verdict("dkim", "broken", found, advice)
    if not selector.texts:
        advice = say(
            "Publish the key that your mail provider names as a TXT or CNAME record at %(where)s.", where=where
        )
        return Verdict("dkim", "missing", f"{selector.name}: no record", advice)
    keys = [text for text in selector.texts if is_key([text])]
    if len(keys) != 1:
        how = (
            say("%(count)s keys, of which receivers take any", count=len(keys))
            if keys
            else say("a TXT record that is no DKIM key")
        )
        advice = say(
            "%(where)s has %(how)s: publish exactly one TXT record there, “v=DKIM1; k=rsa; p=…”.", where=where, how=how
        )
        return Verdict("dkim", "broken", shortened([f"{selector.name}: {shortened(selector.texts)}"]), advice)
    state, what, problem = _judge_key(keys[0])
    mend = (
        say(
            "%(problem)s: publish the key that your mail provider names as a TXT record at %(where)s.",
            problem=problem,
            where=where,
        )
        if problem
        else ""
    )
    return Verdict("dkim", state, shown(f"{selector.name}: {what}", MOST_SHOWN), mend)


def _judge_key(text: str) -> tuple[State, str, str]:
    """A key record's state, what it amounts to, and what is wrong with it."""
    tags = tags_of(text)
    if tags is None or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return "broken", text, say("The DKIM record can't be read")
    kind, coded = tags.get("k", "rsa"), re.sub(r"\s+", "", tags["p"])
    if not coded:
        return "broken", say("a revoked key"), say("The DKIM key is revoked, since p= is empty")
    if kind not in ("rsa", "ed25519"):
        return "broken", text, say("Receivers don't know DKIM keys of the type “%(kind)s”", kind=shown(kind))
    if "h" in tags and "sha256" not in tags["h"].replace(" ", "").split(":"):
        return "broken", text, say("The DKIM record allows no signatures with SHA-256, and receivers take no others")
    if "s" in tags and not {"*", "email"} & set(tags["s"].replace(" ", "").split(":")):
        return "broken", text, say("The DKIM record says that its key isn't for e-mail")
    try:
        data = base64.b64decode(coded, validate=True)
    except ValueError:
        return "broken", text, say("The DKIM key was cut off or mistyped")
    if kind == "ed25519":
        state, what, problem = _judge_ed25519(data)
    else:
        state, what, problem = _judge_rsa(data)
    if state == "good" and "y" in tags.get("t", "").replace(" ", "").split(":"):
        return (
            "weak",
            say("%(what)s, in test mode", what=what),
            say("The DKIM record has t=y, so that receivers may ignore signatures"),
        )
    return state, what, problem


def _judge_ed25519(data: bytes) -> tuple[State, str, str]:
    if len(data) != _ED25519_BYTES:
        return "broken", say("Ed25519, %(count)s bytes", count=len(data)), say("The DKIM key isn't an Ed25519 key")
    return "weak", "Ed25519", say("Many receivers can't check Ed25519, and need an RSA key besides it")


def _judge_rsa(data: bytes) -> tuple[State, str, str]:
    bits = rsa_bits(data)
    if not bits:
        return "broken", say("no RSA key"), say("The DKIM key was cut off or mistyped")
    what = f"RSA, {bits} bits"
    if bits < _FEWEST_BITS:
        return (
            "broken",
            what,
            say("Receivers ignore DKIM keys of fewer than %(fewest_bits)s bits", fewest_bits=str(_FEWEST_BITS)),
        )
    if bits < _ENOUGH_BITS:
        return "weak", what, say("A DKIM key should have %(enough_bits)s bits", enough_bits=str(_ENOUGH_BITS))
    return "good", what, ""
