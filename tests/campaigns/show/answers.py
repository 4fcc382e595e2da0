"""The messages that recipients and their servers write back: replies, out-of-office, delivery reports."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, localtime
from typing import Final

from tests.campaigns.show.people import Person
from tests.campaigns.show.reading import Mail

#: What a person adds: the preview of each reply.
WORDS: Final = "Merci, ça m’intéresse – Thursday at 10?"
NO_SUCH_USER: Final = "550 5.1.1 No such user here"
_POLICY: Final = SMTP.clone(max_line_length=200)


def reply(person: Person, mail: Mail, *, names: str = "In-Reply-To") -> bytes:
    """What a person answers, with the e-mail quoted below. ``names``: the field that says what it answers, or none."""
    answer = _from(person, mail, "reply", f"Re: {mail.decoded('Subject')}" if names else "Your e-mail")
    if names == "In-Reply-To":
        answer["In-Reply-To"] = mail.field("Message-ID")
    if names == "References":
        answer["References"] = f"<other.thread@elsewhere.test> {mail.field('Message-ID')}"
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
    answer.set_content(f"{WORDS}\n\nOn {mail.field('Date')}, {mail.mailbox('From')[1]} wrote:\n{quoted}\n")
    return answer.as_bytes()


def out_of_office(person: Person, mail: Mail) -> bytes:
    answer = _from(person, mail, "away", "I am away")
    answer["In-Reply-To"] = answer["References"] = mail.field("Message-ID")
    answer["Auto-Submitted"] = "auto-replied"
    answer.set_content("I am back on Monday.\n")
    return answer.as_bytes()


def unasked(person: Person, to: str) -> bytes:
    """What somebody wrote without having been written to."""
    answer = EmailMessage(_POLICY)
    answer["From"], answer["To"], answer["Subject"] = person.on_wire, to, "Hello"
    answer["Date"], answer["Message-ID"] = format_datetime(localtime()), f"<unasked.{person.number}@there.test>"
    answer.set_content("A word of my own.\n")
    return answer.as_bytes()


def delivery_report(person: Person, mail: Mail) -> bytes:
    """RFC 3464: what was taken can't be delivered. The headers of the e-mail come back as they were."""
    head = mail.delivery.content.partition(b"\r\n\r\n")[0]
    report = f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.there.test>
To: {mail.mailbox("From")[1]}
Subject: Undelivered Mail Returned to Sender
Date: {format_datetime(localtime())}
Message-ID: <report.{person.number}.{mail.field("Message-ID")[1:-1].split("@")[0]}@mx.there.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_parts"

--=_parts
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{person.on_wire}>: {NO_SUCH_USER}

--=_parts
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.there.test

Final-Recipient: rfc822; {person.on_wire}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; {NO_SUCH_USER}

--=_parts
Content-Type: text/rfc822-headers

"""
    return report.replace("\n", "\r\n").encode() + head + b"\r\n\r\n--=_parts--\r\n"


def _from(person: Person, mail: Mail, kind: str, subject: str) -> EmailMessage:
    answer = EmailMessage(_POLICY)
    answer["From"] = formataddr((person.full_name, person.on_wire))
    answer["To"] = mail.mailbox("From")[1]
    answer["Subject"] = subject
    answer["Date"] = format_datetime(localtime())
    answer["Message-ID"] = f"<{kind}.{mail.field('Message-ID')[1:-1].replace('@', '.')}@{person.on_wire.split('@')[1]}>"
    return answer
