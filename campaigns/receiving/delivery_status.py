"""The machine's half of a delivery status notification: message/delivery-status (RFC 3464, RFC 6533)."""

import re
from typing import Final

from campaigns.receiving.failure import Action, Failure, reason_sentence
from campaigns.receiving.mime import Headers, Part, parse_headers
from campaigns.receiving.parsing import addresses
from campaigns.receiving.severity import basic_in, judge, status_in

TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
#: Recipients of one report that are read.
MOST_RECIPIENTS: Final = 100

_ACTIONS: Final[dict[str, Action]] = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]{0,80}\n)+")


def failures(part: Part) -> tuple[Failure, ...]:
    """What the part tells of each recipient, in order; empty where it names no recipient's action."""
    groups = (parse_headers(block.encode()) for block in _BLANK_LINES.split(part.text()) if block.strip())
    found: list[Failure] = []
    for group in groups:
        if len(found) >= MOST_RECIPIENTS:
            break
        if "action" in group or "final-recipient" in group or "original-recipient" in group:
            found.append(_failure(group))
    return tuple(found)


def _failure(group: Headers) -> Failure:
    diagnostic = _without_type(group.first("diagnostic-code"))
    status = _status(group.first("status"), diagnostic)
    code = basic_in(diagnostic)
    verdict = judge(status, code, diagnostic)
    return Failure(
        recipient=_address(group.first("original-recipient")) or _address(group.first("final-recipient")),
        action=_action(group.first("action"), status),
        hardness=verdict.hardness,
        cause=verdict.cause,
        status=status,
        code=code,
        reason=reason_sentence(diagnostic or group.first("status")),
    )


def _action(value: str, status: str) -> Action:
    """The action; where a sloppy reporter leaves it out, a status of success or none at all isn't a failure."""
    word = value.partition("(")[0].strip().lower().partition(" ")[0]
    known = _ACTIONS.get(word)
    if known:
        return known
    return "delivered" if status.startswith("2") else "failed"


def _status(value: str, diagnostic: str) -> str:
    """The Status field, unless it only says "undefined" and the remote server said more."""
    found = _STATUS.match(value.strip())
    status = found[0] if found else ""
    told = status_in(diagnostic)
    if status[1:] in ("", ".0.0") and told and (not status or told[0] == status[0]):
        return told
    return status


def _without_type(value: str) -> str:
    """``smtp; 550 …`` or ``x-unix; …`` without the diagnostic type."""
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in kind.strip() else value.strip()


def _address(value: str) -> str:
    """``rfc822; jane@example.com`` as address. Of xtext (RFC 3461) only ``+2B`` is undone, since many
    reporters write addresses with a plus sign as they are.
    """
    plain = _without_type(value).replace("+2B", "+").replace("+2b", "+")
    return next(iter(addresses(plain)), "")
