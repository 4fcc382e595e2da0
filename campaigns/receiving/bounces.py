"""Reports about messages of ours: delivery status notifications and abuse complaints.

Takes RFC 3464 reports, those that lost their multipart/report on the way, and the text of systems that never
wrote one. RFC 5965 complaints name the message in the same way.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from campaigns.receiving import delivery_status, plain_bounces
from campaigns.receiving.failure import Failure, reason_sentence
from campaigns.receiving.mime import Headers, Part, parse_headers
from campaigns.receiving.parsing import Incoming, addresses, body_text, ids

_HEADERS_ONLY = ("text/rfc822-headers", "message/global-headers")
_MOST_SECTION = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: of each recipient, and of which message (``<left@right>`` or None)."""

    failures: tuple[Failure, ...] = ()
    original_id: str | None = None


def read_report(incoming: Incoming, ours: Collection[str] = ()) -> Report | None:
    """The delivery report in a message, or None where it is none. ``ours`` are the accounts' addresses.

    A delivery-status part counts in multipart/report, or in whatever a mail system sent; never inside a
    message that a person forwards.
    """
    if incoming.root.type != "multipart/report" and not plain_bounces.is_mail_system(incoming):
        return None
    told = _machine_failures(incoming)
    if not told and not has_part(incoming, "message/feedback-report", "message/disposition-notification"):
        told = plain_bounces.failures(incoming, ours)
    return Report(told, original_id(incoming)) if told else None


def has_part(incoming: Incoming, *types: str) -> bool:
    """Whether a part has one of the types, messages inside left out."""
    return any(part.type in types for part in incoming.root.walk())


def _machine_failures(incoming: Incoming) -> tuple[Failure, ...]:
    parts = [part for part in incoming.root.walk() if part.type in delivery_status.TYPES]
    told = tuple(failure for part in parts for failure in delivery_status.failures(part))
    return tuple(_completed(each, incoming) for each in told[: delivery_status.MOST_RECIPIENTS])


def _completed(failure: Failure, incoming: Incoming) -> Failure:
    """Fills in what the machine's half leaves out from the returned headers and the person's half."""
    recipient = failure.recipient or _only_recipient(incoming)
    reason = failure.reason
    if reason in ("", failure.status):
        reason = reason_sentence(body_text(incoming.root)[:_MOST_SECTION]) or failure.status
    return replace(failure, recipient=recipient, reason=reason)


def _only_recipient(incoming: Incoming) -> str:
    named = addresses(", ".join(incoming.headers.all("x-failed-recipients")))
    original = returned_headers(incoming)
    told = named or addresses(original.first("to") if original else "")
    return told[0] if len(told) == 1 else ""


def original_id(incoming: Incoming) -> str | None:
    """The reported message's Message-ID: from the returned message or headers, else from headers quoted in the
    text, else from what the report says it answers.
    """
    original = returned_headers(incoming)
    found = ids(original.first("message-id")) if original else ()
    if found:
        return found[0]
    quoted = plain_bounces.quoted_id(incoming)
    answered = incoming.in_reply_to or incoming.references
    return quoted or (answered[-1] if answered else None)


def returned_headers(incoming: Incoming) -> Headers | None:
    """The headers of the message that came back, whole or as headers only."""
    for part in incoming.root.walk():
        if part.embeds and part.children:
            return part.children[0].headers
        if part.type in _HEADERS_ONLY:
            return _headers_of(part)
    return None


def _headers_of(part: Part) -> Headers:
    return parse_headers(part.text().lstrip("\n").partition("\n\n")[0].encode())
