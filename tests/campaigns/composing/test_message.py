"""The message's bytes: what they say, and that nothing hostile changes their headers."""

import email
import email.policy
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composing.characters import clean, one_line
from campaigns.composing.message import Content, Envelope, InvalidAddress, InvalidTemplate, build, prepare
from campaigns.receiving.decoding import decode_words
from tests.campaigns.composing.hostile import PATIENT, evil_lines, sources, values

PLAIN = Envelope(
    message_id="<1.a@mail.example>",
    sender="sam@sender.example",
    sender_name="Sam Sender",
    recipient="rita@reader.example",
    recipient_name="Rita",
    subject="Hello",
    text="Hi",
    html="<p>Hi</p>",
    date=datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=2))),
)
HEADERS = ["Message-ID", "Date", "From", "To", "Subject", "MIME-Version", "Content-Type"]


def read(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))


def raw_headers(raw: bytes) -> list[tuple[str, str]]:
    """Names and unfolded values, decoded by nobody."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
    assert "\r" not in head.replace("\r\n", "") and "\n" not in head.replace("\r\n", "")
    return [cast(tuple[str, str], tuple(line.split(": ", 1))) for line in head.split("\r\n")]


def header(raw: bytes, name: str) -> str:
    [value] = [value for each, value in raw_headers(raw) if each == name]
    return value


def content(raw: bytes, subtype: str) -> str:
    part = read(raw).get_body((subtype,))
    assert part is not None
    data = cast(bytes, part.get_payload(decode=True))
    return data.decode("utf-8").replace("\r\n", "\n")


def test_a_plain_message() -> None:
    raw = build(PLAIN)
    assert [name for name, _value in raw_headers(raw)] == HEADERS
    message = read(raw)
    assert message["From"] == "Sam Sender <sam@sender.example>" and message["To"] == "Rita <rita@reader.example>"
    assert header(raw, "Date") == "Sat, 21 Nov 2026 07:30:00 +0000"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert content(raw, "plain") == "Hi"
    assert "<body>\n<p>Hi</p>\n</body>" in content(raw, "html")
    assert raw == build(PLAIN) and b"Auto-Submitted" not in raw


def test_every_header() -> None:
    raw = build(
        replace(
            PLAIN,
            in_reply_to="<0@x.example>",
            references=("<0@x.example>", "evil\r\nBcc: x", "<a b@c>", "<00@x.example>"),
            unsubscribe_url="https://u.example/1?a=1,2",
            unsubscribe_mailto="u@sender.example?subject=1",
            reply_to="reply@sender.example",
        )
    )
    assert header(raw, "List-Unsubscribe") == "<https://u.example/1?a=1,2>, <mailto:u@sender.example?subject=1>"
    assert header(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert header(raw, "In-Reply-To") == "<0@x.example>"
    assert header(raw, "References") == "<0@x.example> <00@x.example>"
    assert header(raw, "Reply-To") == "reply@sender.example"


def test_one_click_needs_a_url() -> None:
    raw = build(replace(PLAIN, unsubscribe_mailto="mailto:u@sender.example"))
    assert header(raw, "List-Unsubscribe") == "<mailto:u@sender.example>"
    assert b"List-Unsubscribe-Post" not in raw


def test_references_are_the_first_and_the_newest() -> None:
    ids = tuple(f"<{number}@x.example>" for number in range(50))
    assert header(build(replace(PLAIN, references=ids)), "References").split() == [ids[0], *ids[-19:]]


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "<a@b>\r\nBcc: x"},
        {"message_id": "a@b"},
        {"date": datetime(2026, 1, 1)},
        {"unsubscribe_url": "javascript:x"},
        {"unsubscribe_url": "https://x.example/>, <mailto:x"},
        {"unsubscribe_url": "https://x.example/\r\nBcc: x"},
        {"unsubscribe_url": "httpſ://x.example/"},
        {"unsubscribe_mailto": "x@example.com\nBcc: y"},
    ],
)
def test_the_callers_own_mistakes(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        build(replace(PLAIN, **changes))


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "x",
            "x@",
            "@x",
            "a b@x.example",
            "a@x.example\r\nBcc: b@y.example",
            "a@x.example,b@y.example",
            "<a@x.example>",
        ),
        *(
            "a@x\u2028.example",
            "a@x.example\x00",
            "a\u0085@x.example",
            "a@b@c.example",
            '"a b"@x.example',
            "a@x..example",
        ),
        *("é@x.example", "a@-x.example", "a" * 65 + "@x.example", "a@" + "x." * 200 + "example", "a;b@x.example"),
        *("=?UTF-8?Q?=0A?=@x.example", "a@=?utf-8?q?x?=.example", "a@\u00ad", "a.@x.example", "a@[127.0.0.1]"),
    ],
)
@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
def test_invalid_addresses(field: str, address: str) -> None:
    if field == "reply_to" and not address:
        return
    with pytest.raises(InvalidAddress):
        build(replace(PLAIN, **cast(Any, {field: address})))


def test_international_addresses() -> None:
    raw = build(replace(PLAIN, recipient="jo@müller.example", sender="a@Straße.example"))
    assert header(raw, "To") == "Rita <jo@xn--mller-kva.example>"
    assert header(raw, "From") == "Sam Sender <a@xn--strae-oqa.example>"
    with pytest.raises(InvalidAddress, match="SMTPUTF8"):
        build(replace(PLAIN, recipient="jö@x.example"))


@pytest.mark.parametrize(
    "subject",
    [
        *("Hello", "", "Zoë’s plan", "=?UTF-8?Q?=0A?= x", "=?utf-8?b?QmNjOiB4?=", "a" * 998, "नमस्ते " * 60, "😀" * 200),
        *("word " * 90 + "end", "two  spaces " * 20 + "x", "?= =?", "q=?", "tab\tand\r\nline\x85s"),
    ],
)
def test_subjects_read_literally(subject: str) -> None:
    raw = build(replace(PLAIN, subject=subject))
    expected = one_line(subject)[:998].strip()
    assert decode_words(header(raw, "Subject")) == " ".join(expected.split())
    assert [name for name, _value in raw_headers(raw)] == HEADERS


@pytest.mark.parametrize(
    "name", ["Doe, Jane", 'Jane "JD" \\ Doe', "Zoë", "", "a@b.example", "x" * 500, "A " * 90, "=?u?q?x?="]
)
def test_names(name: str) -> None:
    raw = build(replace(PLAIN, recipient_name=name))
    expected = one_line(name)[:200].strip()
    [(phrase, address)] = getaddresses([header(raw, "To")])
    assert decode_words(phrase) == expected and address == "rita@reader.example"


@PATIENT
@given(evil_lines, evil_lines, evil_lines, evil_lines, evil_lines)
def test_hostile_text_makes_no_header(sender: str, recipient: str, subject: str, text: str, html: str) -> None:
    hostile = replace(PLAIN, sender_name=sender, recipient_name=recipient, subject=subject, text=text, html=html)
    raw = build(hostile)
    fields = raw_headers(raw)
    assert [name for name, _value in fields] == HEADERS
    assert all(len(line) <= 78 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    for name, address in (("From", PLAIN.sender), ("To", PLAIN.recipient)):
        assert [found for _name, found in getaddresses([header(raw, name)])] == [address]
    parsed = read(raw)
    assert len(list(parsed.iter_parts())) == 2 and not parsed.defects
    assert content(raw, "plain") == clean(text)
    assert clean(html) in content(raw, "html")
    assert one_line(decode_words(header(raw, "Subject"))) == " ".join(one_line(subject)[:998].split())


@PATIENT
@given(evil_lines)
def test_hostile_addresses_are_refused_or_harmless(address: str) -> None:
    try:
        raw = build(replace(PLAIN, recipient=f"a@{address}"))
    except InvalidAddress:
        return
    assert [name for name, _value in raw_headers(raw)] == HEADERS


@PATIENT
@given(st.text(max_size=3000))
def test_bodies_come_back(text: str) -> None:
    raw = build(replace(PLAIN, text=text))
    assert content(raw, "plain") == clean(text)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_boundary_in_the_body() -> None:
    boundary = read(build(PLAIN)).get_boundary()
    raw = build(replace(PLAIN, text=f"--{boundary}--\n.\nFrom x\n{'y' * 2000}  "))
    assert content(raw, "plain") == f"--{boundary}--\n.\nFrom x\n{'y' * 2000}  "


def test_prepared() -> None:
    prepared = prepare(
        "Hi {{firstName|there}}\r\n ",
        '<p>Dear {{firstName}}</p><p><a href="{{website}}">a</a> <a href="https://x.example/?n={{firstName}}">b</a></p>',
    )
    assert prepared.names == {"firstName", "website"}
    assert prepared.compose({"firstName": "<i>", "website": "javascript:alert(1)"}) == Content(
        "Hi <i>",
        "Dear <i>\n\na b (https://x.example/?n=<i>)",
        '<p>Dear &lt;i&gt;</p><p><a>a</a> <a href="https://x.example/?n=&lt;i&gt;">b</a></p>',
    )
    assert all_safe(prepared.compose({"website": "https://x.example/'><script>alert(1)</script>"}))
    assert pickle.loads(pickle.dumps(prepared)) == prepared


def all_safe(content: Content) -> bool:
    return "<script" not in content.html


def test_a_plain_body_stays_plain_whatever_the_values() -> None:
    composed = prepare("x", "Hi {{a}},\n\nbye").compose({"a": "<p onclick=x>T</p>"})
    assert composed == Content(
        "x", "Hi <p onclick=x>T</p>,\n\nbye", "<p>Hi &lt;p onclick=x&gt;T&lt;/p&gt;,</p>\n<p>bye</p>"
    )


def test_subjects_are_one_short_line() -> None:
    composed = prepare(" {{a}} ", "x").compose({"a": "line\r\nBcc: x\u2028" + "y" * 2000})
    assert composed.subject.startswith("line Bcc: x y") and len(composed.subject) == 998


def test_problems_of_both() -> None:
    with pytest.raises(InvalidTemplate) as refused:
        prepare("{{", "a\n{% for %}")
    assert refused.value.problems == [
        "In the subject, line 1: “{{” isn't closed; write }} where it ends.",
        "In the body, line 2: {% for %} can't be used; only if, elif, else and endif.",
    ]


@PATIENT
@given(sources, sources, values)
def test_what_is_composed_can_be_sent(subject: str, body: str, given: dict[str, Any]) -> None:
    try:
        prepared = prepare(subject, body)
    except InvalidTemplate:
        return
    made = prepared.compose(given)
    assert len(made.subject) <= 998 and made.subject == one_line(made.subject)
    raw = build(
        replace(PLAIN, subject=made.subject, text=made.text, html=made.html, date=datetime(2026, 1, 1, tzinfo=UTC))
    )
    assert [name for name, _value in raw_headers(raw)] == HEADERS
