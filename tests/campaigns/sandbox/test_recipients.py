"""What scripted recipients do, and that what they write is read as what it is."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from campaigns.composing.message import Envelope, build
from campaigns.receiving import classify, parsing
from campaigns.sandbox import recipients
from campaigns.sandbox.recipients import DEFAULT_SCRIPT, Delivered, parse_script

AT = datetime(2026, 11, 24, 9, 3, tzinfo=UTC)
SITE = "https://crm.example/app"
LONG = "a" * 60


def does(data: list[dict[str, Any]], address: str, number: int = 1) -> list[str]:
    return [rule.does for rule in parse_script(data).for_email(address, number)]


def people(count: int) -> list[str]:
    return [f"person{number}@example.com" for number in range(count)]


def test_a_rule_s_defaults():
    (rule,) = parse_script([{"who": " Ann@Example.COM ", "does": "reply"}]).rules
    assert (rule.who, rule.after, rule.email) == ("ann@example.com", timedelta(hours=1), 1)


def test_the_most_particular_rules_count_alone():
    script = [
        {"who": "*", "does": "open"},
        {"who": "*", "does": "click"},
        {"who": "50%", "does": "unsubscribe"},
        {"who": "ann@example.com", "does": "reply"},
        {"who": "ann@example.com", "does": "open", "email": 2},
    ]
    assert does(script, "ann@example.com") == ["reply"]
    assert does(script, "ann@example.com", 2) == ["open"]
    assert {tuple(does(script, each)) for each in people(50)} == {("open", "click"), ("unsubscribe",)}
    assert does(script, "ben@example.com", 2) == []
    assert parse_script(script).named == {"ann@example.com"}


def test_shares_are_of_other_people_and_always_the_same():
    script = [{"who": "30%", "does": "open"}, {"who": "70%", "does": "reply"}]
    drawn = [tuple(does(script, each)) for each in people(1000)]
    assert set(drawn) == {("open",), ("reply",)}
    assert 250 < drawn.count(("open",)) < 350
    assert drawn == [tuple(does(script, each)) for each in people(1000)]


def test_the_default_script_is_a_mixture():
    drawn = [rule.does for each in people(500) for rule in DEFAULT_SCRIPT.for_email(each, 1)]
    assert set(drawn) == set(get_args(recipients.Does)) - {"nothing"}
    assert 250 < len(drawn) < 400, "many do nothing"
    assert {rule.email for rule in DEFAULT_SCRIPT.rules} == set(range(1, 11))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("reply", "must be an object"),
        ({"does": "reply"}, "who must be an e-mail address"),
        ({"who": "ann", "does": "reply"}, "who must be an e-mail address"),
        ({"who": ["a@x.co"], "does": "reply"}, "who must be an e-mail address"),
        ({"who": "*", "does": "dance"}, "does must be one of reply, out_of_office"),
        ({"who": "*", "does": []}, "does must be one of"),
        ({"who": "*"}, "does must be one of"),
        ({"who": "*", "does": "open", "after": -1}, "after must be a number"),
        ({"who": "*", "does": "open", "after": True}, "after must be a number"),
        ({"who": "*", "does": "open", "after": float("nan")}, "after must be a number"),
        ({"who": "*", "does": "open", "after": 10**400}, "after must be"),
        ({"who": "*", "does": "open", "email": 0}, "email must be a whole number"),
        ({"who": "*", "does": "open", "email": 1.5}, "email must be a whole number"),
        ({"who": "*", "does": "open", "mail": 1}, "'mail' isn't known"),
        ({"who": "60%", "does": "open"}, "the shares of e-mail 1 come to more than 100%"),
    ],
)
def test_a_bad_rule_is_named(rule: Any, said: str):
    with pytest.raises(ValueError, match=f"^Rule 2: .*{said}"):
        parse_script([{"who": "50%", "does": "nothing"}, rule])


@pytest.mark.parametrize("data", [None, {}, "reply", 1])
def test_a_script_is_a_list(data: Any):
    with pytest.raises(ValueError, match="list of rules"):
        parse_script(data)


# ------------------------------------------------------------------------------------------- what they write


def message(**changes: Any) -> bytes:
    values: dict[str, Any] = {
        "message_id": f"<msg_1@{LONG}.{LONG}.example>",
        "sender": "sam@sender.example",
        "sender_name": "Sam, Söhne & Co",
        "recipient": "ann@example.com",
        "recipient_name": "Ann Émile",
        "subject": "Hellö " + "long " * 30,
        "text": "First line\nsecond — line\n",
        "html": f'<a href="{SITE}/c/msg.lnk.sig-_1">x</a><a href="https://else.example/c/no">y</a>'
        f'<a href="{SITE}/c/msg.lnk.sig-_1">again</a><img src="{SITE}/o/msg.sig.gif">',
        "date": AT,
        "in_reply_to": None,
        "references": (f"<msg_0@{LONG}.{LONG}.example>",),
        "unsubscribe_url": f"{SITE}/u/msg.sig",
        "unsubscribe_mailto": None,
    }
    return build(Envelope(**values | changes))


@pytest.fixture
def mail() -> Delivered:
    return recipients.read(message())


def classified(raw: bytes, mail: Delivered) -> tuple[parsing.Incoming, classify.Classification]:
    incoming = parsing.read(raw)
    ours = {mail.message_id, *mail.references}
    known = classify.kind(
        incoming, own_addresses=["sam@sender.example"], own_message_ids_lookup=lambda each: each in ours
    )
    return incoming, known


def test_an_e_mail_is_read(mail: Delivered):
    assert (mail.sender, mail.recipient, mail.recipient_name) == ("sam@sender.example", "ann@example.com", "Ann Émile")
    assert mail.subject.startswith("Hellö long") and "second — line" in mail.text
    assert recipients.addresses_of(mail, SITE, "o") == [f"{SITE}/o/msg.sig.gif"]
    assert recipients.addresses_of(mail, SITE, "c") == [f"{SITE}/c/msg.lnk.sig-_1"]
    assert mail.unsubscribe == f"{SITE}/u/msg.sig"


def test_a_reply_is_a_person_s(mail: Delivered):
    raw = recipients.reply(mail, AT)
    incoming, known = classified(raw, mail)
    assert (known.kind, incoming.sender) == ("reply", "ann@example.com")
    assert incoming.in_reply_to == (mail.message_id,)
    assert incoming.references == (*mail.references, mail.message_id)
    assert incoming.subject == f"Re: {mail.subject}" and incoming.date == AT
    assert "> second — line" in incoming.text


def test_an_out_of_office_is_automatic(mail: Delivered):
    incoming, known = classified(recipients.out_of_office(mail, AT), mail)
    assert (known.kind, known.reason) == ("automatic", "Auto-Submitted: auto-replied")
    assert incoming.in_reply_to == (mail.message_id,)


def test_a_delivery_report_is_a_hard_bounce_of_that_e_mail(mail: Delivered):
    incoming, known = classified(recipients.delivery_report(mail, AT), mail)
    assert (known.kind, known.hardness) == ("bounce", "hard")
    assert [each.recipient for each in known.failed] == ["ann@example.com"]
    assert known.report is not None and known.report.original_id == mail.message_id
    assert incoming.date == AT


def test_what_they_write_has_ids_of_its_own(mail: Delivered):
    other = recipients.read(message(message_id="<msg_2@sender.example>"))
    makers = (recipients.reply, recipients.out_of_office, recipients.delivery_report)
    found = [parsing.read(make(each, AT)).message_id for make in makers for each in (mail, other)]
    assert len(set(found)) == 6 and all(found)
    assert recipients.reply(mail, AT) == recipients.reply(mail, AT)
