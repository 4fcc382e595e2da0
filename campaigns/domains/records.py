"""Judges what a sending domain publishes in DNS, here MX and DMARC; SPF and DKIM have files of their own.

Nothing here asks anything. The records are other people's text: whatever stands in them, nothing raises, and no work
is unbounded. What a ``lookup`` raises goes through.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal

from campaigns.composing.characters import shown
from fluenzr_site.core.saying import say

Name = Literal["spf", "dkim", "dmarc", "mx"]
State = Literal["good", "weak", "missing", "broken"]
#: Gives the TXT records of a name, their strings joined; none where the name isn't there.
Lookup = Callable[[str], Sequence[str]]

MOST_SHOWN: Final = 500
# Of longer names, DMARCbis goes on at seven labels.
_MOST_LABELS: Final = 7
_DMARC: Final = re.compile(r"\s*v\s*=\s*DMARC1\s*(?:;|\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``found`` is the record, shortened, or what it amounts to; ``advice`` a sentence for a person, empty where
    there is nothing to do. ``weak`` works, and could be better.
    """

    name: Name
    state: State
    found: str
    advice: str


def shortened(texts: Sequence[str]) -> str:
    """Records as they are shown."""
    return shown(" | ".join(texts), MOST_SHOWN)


# ----------------------------------------------------------------------------------------------------------- MX


def judge_mx(domain: str, exchanges: Sequence[tuple[int, str]]) -> Verdict:
    """``exchanges``: preferences and hosts."""
    hosts = [host.rstrip(".") for _, host in sorted(exchanges)]
    found = shortened([f"{preference} {host}" for preference, host in sorted(exchanges)])
    example = say(
        "Publish an MX record at %(domain)s that names your mail server, such as “10 mail.%(domain)s.”", domain=domain
    )
    if not hosts:
        return Verdict(
            "mx", "missing", "", say("%(example)s: without it no reply and no bounce reaches you.", example=example)
        )
    if "" in hosts:
        return Verdict(
            "mx",
            "broken",
            found,
            say(
                "%(domain)s says that it takes no mail (a null MX). %(example)s instead.",
                domain=domain,
                example=example,
            ),
        )
    for host in hosts:
        if _is_ip(host):
            advice = say(
                "An MX record must name a host, and %(host)s is an address. %(example)s instead.",
                host=shown(host),
                example=example,
            )
            return Verdict("mx", "broken", found, advice)
    return Verdict("mx", "good", found, "")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


# -------------------------------------------------------------------------------------------------------- DMARC


def judge_dmarc(domain: str, lookup: Lookup) -> Verdict:
    """``lookup`` is asked for ``_dmarc.`` names: the domain's, then those of the domains above it."""
    for name in _and_above(domain):
        records = [text for text in lookup(f"_dmarc.{name}") if _DMARC.match(text)]
        if len(records) > 1:
            advice = say(
                "_dmarc.%(name)s has %(count)s DMARC records, and receivers then use none: publish one alone.",
                name=name,
                count=len(records),
            )
            return Verdict("dmarc", "broken", shortened(records), advice)
        if records:
            return _judge_policy(name, records[0], inherited=name != domain)
    advice = say(
        "Publish a TXT record at _dmarc.%(domain)s such as “v=DMARC1; p=none; "
        "rua=mailto:dmarc@%(domain)s”: large providers want one from who sends in numbers.",
        domain=domain,
    )
    return Verdict("dmarc", "missing", "", advice)


def _and_above(domain: str) -> list[str]:
    labels = domain.split(".")
    starts = [0, *range(max(1, len(labels) - _MOST_LABELS), len(labels) - 1)]
    return [".".join(labels[start:]) for start in starts]


def _judge_policy(name: str, record: str, *, inherited: bool) -> Verdict:
    found, where = shown(record, MOST_SHOWN), f"_dmarc.{name}"
    tags = {tag.lower(): value for tag, value in (tags_of(record) or {}).items()}
    rua = tags.get("rua", "")
    policy = ((tags.get("sp") if inherited else None) or tags.get("p", "none" if rua else "")).lower()
    example = say("“v=DMARC1; p=none; rua=mailto:dmarc@%(name)s”", name=name)
    if policy not in ("none", "quarantine", "reject"):
        advice = say(
            "The DMARC record can't be used: publish a TXT record at %(where)s such as %(example)s.",
            where=where,
            example=example,
        )
        return Verdict("dmarc", "broken", found, advice)
    if rua and not all(each.strip().lower().startswith("mailto:") for each in rua.split(",")):
        advice = say(
            "Reports go nowhere, since rua= must begin with mailto: — publish at %(where)s a record like %(example)s.",
            where=where,
            example=example,
        )
        return Verdict("dmarc", "weak", found, advice)
    if policy == "none":
        add = "" if rua else say(", and with “rua=mailto:dmarc@%(name)s” added to get reports", name=name)
        advice = say(
            "p=none only watches: once all your e-mails pass, publish “p=quarantine” or “p=reject” at "
            "%(where)s%(add)s.",
            where=where,
            add=add,
        )
        return Verdict("dmarc", "weak", found, advice)
    return Verdict("dmarc", "good", found, "")


def tags_of(text: str) -> dict[str, str] | None:
    """``a=b; c=d`` (RFC 6376 section 3.2); None where it isn't that."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = (each.strip() for each in part.partition("="))
        if sign and name and name not in tags:
            tags[name] = value
        elif part.strip():
            return None
    return tags
