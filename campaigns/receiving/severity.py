"""Hard or soft: whether a failure says that the address is dead, or only that this mail didn't arrive.

Hard suppresses an address for good, so that it needs a statement about the recipient: RFC 3463 status codes
(with RFC 5248, 7293, 7504, 7505), else the words of the diagnostic, else the basic code of RFC 5321. What the
receiver holds against the sender (policy, reputation, size, relaying) is soft.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from campaigns.receiving.phrases import phrases

Hardness = Literal["hard", "soft"]

#: ``5.1.1`` anywhere in a diagnostic, not inside an IP address or a version.
STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
#: ``550`` at the start of a line or after a word's end, followed by white space, ``-`` or the end.
BASIC: Final = re.compile(r"(?<![\d.\w-])([45][0-5]\d|571)(?=[ \-#:]|$)", re.MULTILINE)

_FULL = phrases(
    "mailbox full|mailbox is full|mailbox for user is full|over quota|overquota|quota exceeded|exceeded quota"
    "|exceeds quota|exceeded storage|exceeded its storage|out of storage|insufficient storage|storage limit"
    "|quotaexceeded|over the maximum allowed|inbox is full|not enough disk space|exceeded the quota|mailbox quota"
    "|boîte pleine|boite pleine|postfach voll|quota dépassé"
)
_SENDER = phrases(
    "sender address rejected|sender domain|sender verify|sender denied|envelope sender|from address|sender rejected"
    "|unauthenticated sender|authenticated senders|sender not|ptr record|reverse dns|rdns|reverse hostname"
    "|spf|dkim|dmarc"
)
_UNKNOWN = phrases(
    "user unknown|unknown user|no such user|no such recipient|no such mailbox|no such address|no such person"
    "|does not exist|doesn't exist|user doesn't have|this user doesn|no mailbox here|no mailbox by that name"
    "|mailbox not found|recipient not found|recipientnotfound|resolver.adr.recip|address not found|user not found"
    "|invalid recipient|invalid mailbox|unrouteable address|unroutable address|unknown recipient"
    "|unknown local part|recipient unknown|mailbox unknown|mailbox disabled|account disabled|account is disabled"
    "|account has been disabled|mailbox is disabled|mailbox is inactive|account is inactive|inactive user"
    "|not a valid mailbox|not a known user|no account by that name|unknown address|no longer valid"
    "|no longer available|no longer works|wasn't found at|couldn't be found|could not be found"
    "|host or domain name not found|domain not found|couldn't find any host|no mx record|nullmx|null mx"
    "|host unknown|unknown host|name not found|non-existent|nonexistent|undeliverable address"
    "|n'existe pas|destinataire inconnu|utilisateur inconnu|existiert nicht|nicht gefunden|no existe"
    "|address unknown|mailbox does not|user is unknown|not listed in domino|not listed in public"
)
_POLICY = phrases(
    "blocked|blacklist|block list|blocklist|black list|spam|policy|reputation|spf|dkim|dmarc|relay|banned"
    "|access denied|rbl|unsolicited|rate limit|too many|throttl|not authorized|not permitted|reverse dns"
    "|ptr record|listed at|greylist|graylist|rejected for content|prohibited|not accepted|virus|suspicious"
)
_SIZE = phrases("too large|too big|size limit|size exceeds|exceeds size|maximum size|message size")

# Codes of class 5 that say nothing about whether the recipient exists, with what they say instead.
_SOFT_5: Final = {
    "1.7": "the sender's address is refused",
    "1.8": "the sender's address is refused",
    "2.2": "mailbox full",
    "2.3": "message too long for the mailbox",
    "2.4": "list expansion",
    "3.1": "the mail system is full",
    "3.2": "the system accepts no mail now",
    "3.3": "the system lacks a feature",
    "3.4": "message too big for the system",
    "3.5": "the system is misconfigured",
}
_HARD_7: Final = {"7.17": "the mailbox has a new owner", "7.18": "the domain has a new owner"}
# 5.4.x is about the way, not the address, but for these: no route, and Exchange's unknown recipient or domain.
_HARD_4: Final = {"4.4": "no route to the domain", "4.310": "the domain doesn't exist"}
_SOFT_BASIC = {"521": "the host accepts no mail", "552": "storage or size exceeded", "554": "refused without a cause"}
_SOFT_BASIC |= {"571": "policy", "500": "protocol", "501": "protocol", "503": "protocol", "530": "policy"}


@dataclass(frozen=True, slots=True)
class Severity:
    """The verdict and its cause in a few words."""

    hardness: Hardness
    cause: str


def judge(status: str, code: str, words: str) -> Severity:
    """The severity from the enhanced status (``5.1.1`` or empty), the basic code and the diagnostic's words."""
    text = words.lower().replace("’", "'")
    if status.startswith("2"):
        return Severity("soft", "delivered")
    if status.startswith("4") or (not status and code.startswith("4")):
        return Severity("soft", "temporary")
    detail = status.partition(".")[2]
    if _has(text, _FULL) or detail == "2.2":
        return Severity("soft", "mailbox full")
    if detail in _HARD_7:
        return Severity("hard", _HARD_7[detail])
    if _has(text, _SENDER):
        return Severity("soft", "the sender is refused")
    if _has(text, _UNKNOWN) or (detail == "4.1" and "recipient address rejected" in text):
        return Severity("hard", "unknown recipient")
    if detail and detail != "0.0":
        return _by_status(detail, text)
    return _by_words(text) or _by_code(code, known=bool(status))


def _by_status(detail: str, text: str) -> Severity:
    """Class 5 with a telling detail, and words that don't say the user is unknown."""
    subject = detail.partition(".")[0]
    if detail in _SOFT_5:
        return Severity("soft", _SOFT_5[detail])
    if subject == "4":
        return Severity("hard", _HARD_4[detail]) if detail in _HARD_4 else Severity("soft", "routing")
    if subject == "6":
        return Severity("soft", "content refused")
    if subject == "7":
        return Severity("soft", "policy")
    if subject == "5" and detail != "5.0":
        return Severity("soft", "protocol")
    if subject in "035" or detail == "1.0":
        return _by_words(text) or Severity("hard", "permanent failure")
    return Severity("hard", "permanent failure of the address")


def _by_words(text: str) -> Severity | None:
    if _has(text, _SIZE):
        return Severity("soft", "message too big")
    return Severity("soft", "policy") if _has(text, _POLICY) else None


def _by_code(code: str, known: bool) -> Severity:
    """No detail and no words; ``known`` tells that the class at least was said to be permanent."""
    if code in _SOFT_BASIC:
        return Severity("soft", _SOFT_BASIC[code])
    if code or known:
        return Severity("hard", "permanent failure")
    return Severity("soft", "no code and no known words")


def _has(text: str, wanted: tuple[str, ...]) -> bool:
    return any(phrase in text for phrase in wanted)


def status_in(text: str) -> str:
    """The first enhanced status code of class 4 or 5 in a text, or an empty string."""
    found = next((each for each in STATUS.finditer(text) if each[1] != "2"), None)
    return ".".join(found.groups()) if found else ""


def basic_in(text: str) -> str:
    """The first basic reply code (RFC 5321 section 4.2) of class 4 or 5 in a text, or an empty string."""
    found = BASIC.search(text)
    return found[1] if found else ""
