"""What kind of message came in, so that only a person's reply and a real failure change anything."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from campaigns.receiving import automatic, bounces, subjects
from campaigns.receiving.bounces import Report
from campaigns.receiving.failure import Failure
from campaigns.receiving.mime import Headers, parse_headers
from campaigns.receiving.parsing import Incoming, addresses
from campaigns.receiving.severity import Hardness

Kind = Literal["reply", "automatic", "bounce", "delayed", "complaint", "receipt", "challenge", "own", "other"]

_COMPLAINTS = ("abuse", "fraud", "virus", "other", "opt-out", "")


@dataclass(frozen=True, slots=True)
class Classification:
    """``reason`` tells in a few words what decided it; ``report`` is there for bounce, delayed and complaint.

    - reply: a person wrote it. Whether it answers us is for ``matching.match`` to say, by id or address.
    - automatic: a responder, a list or a notification; shown, stops nothing.
    - bounce: at least one recipient failed; each in ``report.failures``. delayed: none failed yet.
    - complaint: RFC 5965; the complainant is the one in ``report.failures``, where it is told.
    - receipt: read (RFC 8098) or delivered. challenge: a filter wants a proof of humanity.
    - own: written by us (a Sent copy) or ours come back. other: nobody to answer, or nothing that fits.
    """

    kind: Kind
    reason: str
    report: Report | None = None

    @property
    def failed(self) -> tuple[Failure, ...]:
        """The recipients that failed, in the report's order; delayed and delivered ones left out."""
        return tuple(each for each in self.report.failures if each.action == "failed") if self.report else ()

    @property
    def hardness(self) -> Hardness | None:
        """For a bounce, hard where any recipient failed hard: look at ``failed`` where there are several."""
        if self.kind != "bounce":
            return None
        return "hard" if any(each.hardness == "hard" for each in self.failed) else "soft"


def kind(
    incoming: Incoming,
    *,
    own_addresses: Collection[str],
    own_message_ids_lookup: Callable[[str], bool],
) -> Classification:
    """Classifies a message read by ``parsing.read``. Raises only what the lookup raises.

    ``own_addresses``: the accounts' addresses, any case. ``own_message_ids_lookup`` answers whether a
    Message-ID (``<left@right>``) is one that we gave out; it is asked at most ``2 * parsing.MOST_IDS + 1`` times.
    """
    ours = {address.lower() for address in own_addresses}
    if incoming.message_id and own_message_ids_lookup(incoming.message_id):
        return Classification("own", "a Message-ID of ours")
    found = _reported(incoming, ours)
    if found:
        return found
    if incoming.sender in ours:
        return Classification("own", "an address of ours")
    if subjects.is_challenge(incoming.subject):
        return Classification("challenge", "subject")
    return _written(incoming, own_message_ids_lookup)


def _reported(incoming: Incoming, ours: set[str]) -> Classification | None:
    """Complaints, receipts and delivery reports, told by their parts. What we wrote ourselves may quote them."""
    is_report = incoming.root.type == "multipart/report"
    if not is_report and incoming.sender in ours:
        return None
    complaint = _complaint(incoming) if is_report else None
    if complaint:
        return complaint
    if bounces.has_part(incoming, "message/disposition-notification", "message/global-disposition-notification"):
        return Classification("receipt", "disposition-notification")
    report = bounces.read_report(incoming, ours)
    if report:
        return _delivery(report)
    return Classification("automatic", "multipart/report") if is_report else None


def _delivery(report: Report) -> Classification:
    actions = {failure.action for failure in report.failures}
    if "failed" in actions:
        failed = [failure for failure in report.failures if failure.action == "failed"]
        worst = next((failure for failure in failed if failure.hardness == "hard"), failed[0])
        return Classification("bounce", worst.cause, report)
    if "delayed" in actions:
        return Classification("delayed", "delivery goes on being tried", report)
    return Classification("receipt", "delivered")


def _complaint(incoming: Incoming) -> Classification | None:
    """Feedback of RFC 5965; ``not-spam`` and authentication reports (RFC 6591) aren't complaints."""
    part = next((each for each in incoming.root.walk() if each.type == "message/feedback-report"), None)
    if part is None:
        return None
    fields = parse_headers(part.text().replace("\n\n", "\n").lstrip("\n").encode())
    feedback = fields.first("feedback-type").strip().lower()
    if feedback not in _COMPLAINTS:
        return Classification("automatic", f"feedback-report: {feedback[:40]}")
    recipient = _complainant(fields, bounces.returned_headers(incoming))
    failure = Failure(recipient, "failed", "hard", "complaint", reason=f"Complaint: {feedback or 'abuse'}")
    return Classification(
        "complaint", f"feedback-report: {feedback}", Report((failure,), bounces.original_id(incoming))
    )


def _complainant(fields: Headers, original: Headers | None) -> str:
    """Who complained: the recipient that the report names, else the original's only addressee."""
    named = addresses(fields.first("original-rcpt-to")) or addresses(fields.first("removal-recipient"))
    told = named or (addresses(original.first("to")) if original else ())
    return told[0] if len(told) == 1 else ""


def _written(incoming: Incoming, is_ours: Callable[[str], bool]) -> Classification:
    answers_ours = any(is_ours(each) for each in (*incoming.in_reply_to, *incoming.references))
    why = automatic.reason(incoming, answers_ours=answers_ours)
    if why:
        return Classification("automatic", why)
    if not incoming.sender:
        return Classification("other", "no sender")
    if answers_ours:
        return Classification("reply", "names a Message-ID of ours")
    if incoming.in_reply_to or incoming.references or subjects.is_reply(incoming.subject):
        return Classification("reply", "answers something")
    return Classification("reply", "written by a person")
