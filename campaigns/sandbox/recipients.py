"""What scripted recipients do with the e-mails they get, and the messages they write. Pure: no database, no clock."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any, Final, Literal, get_args

from contacts.addresses import InvalidAddress, normalise

Does = Literal[
    "reply",
    "out_of_office",
    "hard_bounce",
    "soft_bounce",
    "late_bounce",
    "open",
    "click",
    "scanner",
    "unsubscribe",
    "nothing",
]
EVERYBODY: Final = "*"
#: How long after the delivery a scanner looks, whatever its rule says.
SCANS_AFTER: Final = timedelta(seconds=1)
#: What a recipient's server answers to an e-mail that it won't take.
REFUSALS: Final[dict[Does, str]] = {
    "hard_bounce": "550 5.1.1 No such user here",
    "soft_bounce": "452 4.2.2 The mailbox is full",
}
_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%")
_MOST_HOURS: Final = 24 * 366
_MOST_EMAIL: Final = 1000
_KNOWN: Final = ("who", "does", "after", "email")
_HASH_BITS: Final = 64
_OWN: Final = policy.SMTPUTF8.clone(max_line_length=998)


@dataclass(frozen=True, slots=True)
class Rule:
    """``who``: an address, ``*``, or empty for a share of the people: the part from ``first`` to ``last`` of 0 to 1."""

    who: str
    does: Does
    after: timedelta
    email: int
    first: float = 0.0
    last: float = 0.0


@dataclass(frozen=True, slots=True)
class Script:
    """Who does what with which e-mail. Of the rules for an e-mail, the most particular count alone: those that name
    the address; where none does, the one whose share the address falls into; where there is none, those of ``*``.
    """

    rules: tuple[Rule, ...]

    @property
    def named(self) -> frozenset[str]:
        """The addresses that rules name."""
        return frozenset(rule.who for rule in self.rules if "@" in rule.who)

    def for_email(self, address: str, number: int) -> tuple[Rule, ...]:
        """What this address does with the e-mail of that number that it gets: the same whenever it is asked."""
        rules = [rule for rule in self.rules if rule.email == number]
        drawn = _drawn(address, number)
        return (
            tuple(rule for rule in rules if rule.who == address)
            or tuple(rule for rule in rules if rule.first <= drawn < rule.last)
            or tuple(rule for rule in rules if rule.who == EVERYBODY)
        )


def parse_script(data: Any) -> Script:
    """A list of rules as JSON gives it. Raises ValueError naming the first rule that is wrong, and what it must be."""
    if not isinstance(data, list):
        raise ValueError("A script must be a list of rules")
    rules: list[Rule] = []
    used: dict[int, float] = {}
    for number, item in enumerate(data, 1):
        try:
            rules.append(_rule(item, used))
        except ValueError as error:
            raise ValueError(f"Rule {number}: {error}") from None
    return Script(tuple(rules))


def _rule(item: Any, used: dict[int, float]) -> Rule:
    if not isinstance(item, Mapping):
        raise ValueError("must be an object with who and does")
    for key in item:
        if key not in _KNOWN:
            raise ValueError(f"{key!r} isn't known: use {', '.join(_KNOWN)}")
    email = item.get("email", 1)
    does: Does | None = next((known for known in get_args(Does) if known == item.get("does")), None)
    if does is None:
        raise ValueError(f"does must be one of {', '.join(get_args(Does))}")
    if type(email) is not int or not 1 <= email <= _MOST_EMAIL:
        raise ValueError(f"email must be a whole number from 1 to {_MOST_EMAIL}: 1 is the first e-mail")
    after = timedelta(hours=_hours(item.get("after", 1)))
    who = item.get("who")
    share = _SHARE.fullmatch(who) if isinstance(who, str) else None
    if not share:
        return Rule(_who(who), does, after, email)
    first = used.get(email, 0.0)
    last = first + float(share[1]) / 100
    if last > 1 + 1e-9:
        raise ValueError(f"the shares of e-mail {email} come to more than 100%")
    used[email] = last
    return Rule("", does, after, email, first, last)


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_HOURS:
        raise ValueError(f"after must be a number of hours from 0 to {_MOST_HOURS}")
    return float(value)


def _who(value: Any) -> str:
    if value == EVERYBODY:
        return EVERYBODY
    try:
        return normalise(value) if isinstance(value, str) else _who("")
    except InvalidAddress:
        raise ValueError('who must be an e-mail address, "*" or a share such as "30%"') from None


def _drawn(address: str, number: int) -> float:
    """Where an address falls from 0 up to 1, for each e-mail anew."""
    digest = hashlib.sha256(f"{number}\0{address}".encode()).digest()
    return float(int.from_bytes(digest[: _HASH_BITS // 8], "big") / 2**_HASH_BITS)


def _default() -> Script:
    """A plausible mixture: most who do anything open, a few answer, addresses fail at first, machines come along."""
    first = [
        ("4%", "hard_bounce", 0),
        ("2%", "soft_bounce", 0),
        ("2%", "late_bounce", 0.2),
        ("6%", "out_of_office", 0.02),
        ("8%", "scanner", 0),
        ("18%", "open", 2),
        ("10%", "open", 20),
        ("10%", "click", 3),
        ("5%", "reply", 5),
        ("3%", "reply", 26),
        ("3%", "unsubscribe", 1),
    ]
    later = [
        ("5%", "out_of_office", 0.02),
        ("6%", "scanner", 0),
        ("22%", "open", 4),
        ("8%", "click", 6),
        ("7%", "reply", 8),
        ("2%", "unsubscribe", 2),
    ]
    rules = [(*rule, email) for email in range(1, 11) for rule in (first if email == 1 else later)]
    return parse_script(
        [{"who": who, "does": does, "after": after, "email": email} for who, does, after, email in rules]
    )


DEFAULT_SCRIPT: Final = _default()


# ------------------------------------------------------------------------------------------- what they get


@dataclass(frozen=True, slots=True)
class Delivered:
    """An e-mail of ours as a recipient's program reads it. ``unsubscribe`` is the address of List-Unsubscribe."""

    sender: str
    recipient: str
    recipient_name: str
    message_id: str
    references: tuple[str, ...]
    subject: str
    date: str
    text: str
    html: str
    unsubscribe: str
    head: bytes


def read(raw: bytes) -> Delivered:
    message = message_from_bytes(raw, policy=policy.default)
    addresses = {name: message[name].addresses[0] for name in ("From", "To")}
    way = re.search(r"<(https?://[^<>\s]+)>", str(message["List-Unsubscribe"] or ""))
    return Delivered(
        sender=addresses["From"].addr_spec,
        recipient=addresses["To"].addr_spec,
        recipient_name=addresses["To"].display_name,
        message_id=str(message["Message-ID"]).strip(),
        references=tuple(str(message["References"] or "").split()),
        subject=" ".join(str(message["Subject"] or "").split()),
        date=str(message["Date"]),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        unsubscribe=way[1] if way else "",
        head=raw.partition(b"\r\n\r\n")[0],
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def addresses_of(mail: Delivered, site: str, path: str) -> list[str]:
    """The addresses in the e-mail that lead to ``site`` and there to ``path`` (``o`` or ``c``), each once."""
    found = re.findall(rf"{re.escape(site)}/{path}/[\w.-]+", mail.html)
    return list(dict.fromkeys(found))


# ----------------------------------------------------------------------------------------- what they write


def reply(mail: Delivered, at: datetime) -> bytes:
    """A person's answer, with what it answers quoted below."""
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
    answer = _answer(mail, at, "reply", f"Re: {mail.subject}")
    words = "Thank you, that sounds interesting.\nCould we talk on Thursday?"
    answer.set_content(f"{words}\n\nOn {mail.date}, {mail.sender} wrote:\n{quoted}\n")
    return answer.as_bytes()


def out_of_office(mail: Delivered, at: datetime) -> bytes:
    """What a responder sends by itself (RFC 3834)."""
    answer = _answer(mail, at, "away", f"Out of office: {mail.subject}")
    answer["Auto-Submitted"] = "auto-replied"
    answer.set_content("I am out of the office until Monday and will answer then.\n")
    return answer.as_bytes()


def _answer(mail: Delivered, at: datetime, kind: str, subject: str) -> EmailMessage:
    answer = EmailMessage(_OWN)
    answer["From"] = formataddr((mail.recipient_name, mail.recipient))
    answer["To"] = mail.sender
    answer["Subject"] = subject
    answer["Date"] = format_datetime(at)
    answer["Message-ID"] = _message_id(mail, kind)
    answer["In-Reply-To"] = mail.message_id
    answer["References"] = " ".join([*mail.references, mail.message_id])
    return answer


def _message_id(mail: Delivered, kind: str) -> str:
    digest = hashlib.sha256(mail.message_id.encode()).hexdigest()[:24]
    return f"<{kind}.{digest}@sandbox.invalid>"


def delivery_report(mail: Delivered, at: datetime) -> bytes:
    """That the e-mail, taken at first, can't be delivered after all (RFC 3464): the address doesn't exist."""
    host = mail.recipient.rpartition("@")[2]
    boundary = "=_sandbox_" + hashlib.sha256(mail.head).hexdigest()[:24]
    head = f"""\
From: Mail Delivery System <MAILER-DAEMON@{host}>
To: {mail.sender}
Subject: Undelivered Mail Returned to Sender
Date: {format_datetime(at)}
Message-ID: {_message_id(mail, "report")}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"

--{boundary}
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to one or more recipients.

<{mail.recipient}>: 550 5.1.1 No such user here

--{boundary}
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}
Arrival-Date: {mail.date}

Final-Recipient: rfc822; {mail.recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user here

--{boundary}
Content-Type: text/rfc822-headers

"""
    return head.replace("\n", "\r\n").encode() + mail.head + f"\r\n\r\n--{boundary}--\r\n".encode()
