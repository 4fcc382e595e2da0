"""Bounces that are only text: qmail, old Exim, Sendmail, Exchange's HTML, and whatever lost its machine part.

Only for messages that a mail system sent: in a person's mail the same words are a quotation.
"""

import re
from collections.abc import Collection
from typing import Final

from campaigns.receiving.failure import Action, Failure, reason_sentence
from campaigns.receiving.parsing import Incoming, addresses
from campaigns.receiving.phrases import phrases
from campaigns.receiving.severity import basic_in, judge, status_in

#: Characters of the text that are read.
MOST_TEXT: Final = 20_000
_MOST_RECIPIENTS = 20

_FAILED_SUBJECTS = phrases(
    "undeliver|delivery status notification|delivery failure|delivery failed|delivery has failed|failure notice"
    "|mail delivery failed|mail delivery failure|returned mail|mail system error|delivery notification"
    "|message could not be delivered|mail could not be delivered|delivery problem|returned to sender"
    "|non delivery|non-delivery|failed delivery|delivery error|unzustellbar|non remis|non distribu|échec de la remise"
    "|échec de remise|no se puede entregar|no entregado|mancato recapito|mailer-daemon|message not delivered"
    "|não entregue|onbestelbaar|address not found|message blocked|couldn't be delivered"
)
_FAILED_OPENINGS = phrases(
    "this is the qmail-send program|could not be delivered|couldn't be delivered|wasn't delivered"
    "|was not delivered|unable to deliver|permanent fatal errors|permanent error|delivery has failed"
    "|delivery failed|delivery to the following|undeliverable|not able to deliver|has been rejected|not been delivered"
    "|failed permanently|did not reach the following|n'a pas pu être|konnte nicht zugestellt|no se pudo entregar"
    "|transcript of session|cannot be delivered|address not found|message blocked|failed to deliver"
)
_DELAYED = phrases(
    "delayed mail (still being retried)|notification (delay)|delivery delayed|warning: could not send|warning only"
    "|warning message only|still be retried|will be retried|will keep trying|will continue to try"
    "|not yet been delivered|do not need to resend|still trying to deliver|delivery is delayed|gmail will retry"
    "|no action is required on your part|message delayed|will retry for"
)
_GIVEN_UP = phrases("giving up|given up|i've given up|retry time|retry timeout exceeded|no longer be retried")
# From here on the text is the message that came back.
_COPY = re.compile(
    r"^[ \t>]{0,10}-{2,60} ?(?:below this line is a copy|this is a copy of|original message|message header"
    r"|returned message|transcript of original|the header of the original|unsent message|forwarded message)"
    r"|^[ \t>]{0,10}original message headers?:",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_ID = re.compile(r"message-id:[ \t\n>]{0,10}(<[^<>\s]{1,250}>)", re.IGNORECASE)
_ANY_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,200}\.\w{2,63}")
# Where failing addresses stand alone or lead: "<jane@example.com>:", "  jane@example.com", "To: jane@example.com".
_LEADING = re.compile(
    r"^[ \t]{0,10}(?:to:|recipient:|rcpt to:)?[ \t]{0,4}<?([\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,200}\.\w{2,63})>?"
    r"(?=[ \t]{0,4}[:(]|[ \t]{0,4}$)",
    re.IGNORECASE | re.MULTILINE,
)
_DAEMONS = ("mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mail.daemon", "mdaemon")
_REPLY_PREFIX = re.compile(r"(?:re|aw|sv|tr|fwd?|wg) ?:", re.IGNORECASE)


def is_mail_system(incoming: Incoming) -> bool:
    """Whether a mail system sent it: a daemon's address, the null reverse-path (RFC 5321 section 4.5.5), or
    Exim's and Gmail's header. A postmaster may be a person, who answers with a reply's subject.
    """
    local = incoming.sender.partition("@")[0]
    if local in _DAEMONS or local.startswith("microsoftexchange"):
        return True
    null_path = incoming.headers.first("return-path").replace(" ", "") == "<>"
    if null_path or "x-failed-recipients" in incoming.headers:
        return True
    return local == "postmaster" and not _REPLY_PREFIX.match(incoming.subject)


def failures(incoming: Incoming, ours: Collection[str] = ()) -> tuple[Failure, ...]:
    """What the text tells of each recipient; empty where it doesn't look like a bounce. ``ours`` are
    addresses that can't be the failing ones.
    """
    text = incoming.text[:MOST_TEXT].replace("’", "'")
    told = text[: _copy_start(text)]
    action = _action(incoming, told)
    if action is None:
        return ()
    recipients = _recipients(incoming, told, {*ours, *incoming.recipients, incoming.sender})
    return tuple(_failure(each, action, _about(each, told, recipients)) for each in recipients or [""])


def quoted_id(incoming: Incoming) -> str | None:
    """The Message-ID among the headers that the text quotes, the copy's own part first."""
    text = incoming.text[:MOST_TEXT]
    found = _QUOTED_ID.search(text, _copy_start(text)) or _QUOTED_ID.search(text)
    return found[1] if found and found[1] != incoming.message_id else None


def is_delay(subject: str, told: str) -> bool:
    """Whether the words say that delivery goes on being tried."""
    text = f"{subject}\n{told}".lower().replace("’", "'")
    return _any(text, _DELAYED) and not _any(text, _GIVEN_UP)


def _action(incoming: Incoming, told: str) -> Action | None:
    if is_delay(incoming.subject, told[:3000]):
        return "delayed"
    subject, opening = incoming.subject.lower().replace("’", "'"), told[:2000].lower()
    if _any(subject, _FAILED_SUBJECTS) or _any(opening, _FAILED_OPENINGS):
        return "failed"
    return "failed" if "x-failed-recipients" in incoming.headers else None


def _recipients(incoming: Incoming, told: str, never: set[str]) -> list[str]:
    """The header that Exim and Gmail set, else addresses that lead a line, else the first one at all."""
    named = addresses(", ".join(incoming.headers.all("x-failed-recipients")))
    leading = _LEADING.findall(told)
    anywhere = _ANY_ADDRESS.findall(told)
    for candidates in (named, leading):
        kept = _kept(candidates, never)
        if kept:
            return kept
    return _kept(anywhere, never)[:1]


def _kept(candidates: Collection[str], never: set[str]) -> list[str]:
    lowered = (each.lower().strip(".'`") for each in candidates)
    kept = [each for each in dict.fromkeys(lowered) if each not in never and not _is_daemon(each)]
    return kept[:_MOST_RECIPIENTS]


def _is_daemon(address: str) -> bool:
    return address.partition("@")[0] in (*_DAEMONS, "postmaster", "abuse")


def _about(recipient: str, told: str, recipients: list[str]) -> str:
    """The text from the last place that introduces the recipient up to where another one is introduced."""
    if not recipient:
        return told
    lowered = told.lower()
    if len(lowered) != len(told):
        return told
    start = lowered.find(recipient)
    ends = [lowered.find(other, start + len(recipient)) for other in recipients if other != recipient]
    return told[max(start, 0) : min((end for end in ends if end > 0), default=len(told))]


def _failure(recipient: str, action: Action, about: str) -> Failure:
    status, code = status_in(about), basic_in(about)
    verdict = judge(status, code, about[:2000])
    return Failure(
        recipient=recipient,
        action=action,
        hardness=verdict.hardness,
        cause=verdict.cause,
        status=status,
        code=code,
        reason=reason_sentence(_telling(about, recipient, status or code)),
    )


def _telling(about: str, recipient: str, code: str) -> str:
    """The paragraph from the line that holds the code, else the one after the address, else the first."""
    if code and code in about:
        line = about.rfind("\n", 0, about.find(code)) + 1
        return about[line:].partition("\n\n")[0]
    paragraphs = [each for each in about.split("\n\n") if each.strip()]
    chosen = paragraphs[0] if paragraphs else ""
    chosen = chosen[len(recipient) :] if recipient and chosen.lower().startswith(recipient) else chosen
    stripped = chosen.lstrip(" \t\n>:,.)(")
    if stripped:
        return stripped
    return paragraphs[1] if len(paragraphs) > 1 else about


def _copy_start(text: str) -> int:
    found = _COPY.search(text)
    return found.start() if found else len(text)


def _any(text: str, wanted: tuple[str, ...]) -> bool:
    return any(phrase in text for phrase in wanted)
