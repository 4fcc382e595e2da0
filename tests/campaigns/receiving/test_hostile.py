"""Hostile mail costs bounded work and never an exception."""

import time
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.receiving.classify import Kind
from campaigns.receiving.failure import MOST_REASON
from campaigns.receiving.mime import MOST_PARTS
from campaigns.receiving.parsing import MOST_ADDRESSES, MOST_IDS, MOST_TEXT, read
from campaigns.receiving.preview import reply_preview
from tests.campaigns.receiving.samples import CORPUS, classified

PATIENT = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
SAMPLES = [path.read_bytes() for path in sorted(CORPUS.rglob("*.eml"))]
TOKENS = [
    *(b"\x00", b"\xff\xfe", b"\n\n", b"\r", b"=?utf-8?B?", b"?=", b"<", b">", b'"', b"\\", b"--", b"%", b"*0*=", b";"),
    *(b"Content-Type: multipart/report; boundary=b\n", b"Content-Transfer-Encoding: base64\n", b"charset=utf-7"),
    *(b"Content-Type: message/rfc822\n\n", b"charset=idna", b"filename*=x'y'%zz", b"Date: 1 Jan 99999 99:99:99\n"),
]
#: Seconds; what is quadratic in these sizes takes minutes.
SOON = 4.0


def check(raw: bytes) -> None:
    found = read(raw)
    classification = classified(found)
    assert classification.kind in get_args(Kind)
    assert (classification.report is not None) == (classification.kind in ("bounce", "delayed", "complaint"))
    assert len(found.text) <= MOST_TEXT and len(found.attachments) <= MOST_PARTS
    assert max(len(found.references), len(found.in_reply_to)) <= MOST_IDS
    assert len(found.recipients) <= MOST_ADDRESSES
    assert found.date is None or found.date.tzinfo is not None
    stored = [found.text, found.subject, found.sender, found.message_id or "", *found.references]
    stored += [each.name for each in found.attachments]
    for failure in classification.report.failures if classification.report else ():
        assert len(failure.reason) <= MOST_REASON
        stored += [failure.reason, failure.recipient]
    assert "\x00" not in "".join(stored)
    "".join(stored).encode()
    assert bool(reply_preview(found.text)) == bool(reply_preview(found.text, 1))


@PATIENT
@given(st.binary(max_size=2000))
def test_random_bytes(raw: bytes) -> None:
    check(raw)


@PATIENT
@given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=8), max_size=60))
def test_random_tokens(tokens: list[bytes]) -> None:
    check(b"".join(tokens))


@settings(PATIENT, max_examples=400)
@given(st.sampled_from(SAMPLES), st.data())
def test_mutated_corpus(sample: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(sample)))
        cut = data.draw(st.integers(0, 40))
        sample = sample[:at] + data.draw(st.sampled_from(TOKENS) | st.binary(max_size=6)) + sample[at + cut :]
    check(sample)


def nested(distinct: bool) -> bytes:
    levels = (
        f"Content-Type: multipart/mixed; boundary=b{i if distinct else ''}\n\n--b{i if distinct else ''}\n"
        for i in range(10_000)
    )
    return "".join(levels).encode() + b"\nend"


def html(piece: str) -> bytes:
    return b"From: a@example.org\nContent-Type: text/html\n\n" + piece.encode() * (3_000_000 // len(piece))


def bounce(piece: bytes) -> bytes:
    return b"From: mailer-daemon@x.example\nSubject: failure notice\n\n" + piece * (1_000_000 // len(piece))


def header(start: bytes, piece: bytes) -> bytes:
    return b"From: a@example.org\n" + start + piece * (3_000_000 // len(piece)) + b"\n\nHello"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested": lambda: nested(False),
    "nested, other boundaries": lambda: nested(True),
    "nested messages": lambda: b"Content-Type: message/rfc822\n\n" * 10_000,
    "many parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "many headers": lambda: b"X: y\n" * 1_000_000 + b"\nHello",
    "long header line": lambda: header(b"X: ", b"y"),
    "folded header": lambda: header(b"References: <a@x>", b"\n <b@x>"),
    "open brackets": lambda: header(b"References: ", b"<"),
    "open quotes": lambda: header(b"To: ", b'"\\'),
    "open comments": lambda: header(b"To: ", b"("),
    "encoded words": lambda: header(b"Subject: ", b"=?utf-8?q?"),
    "parameters": lambda: header(b"Content-Type: text/plain", b'; a="'),
    "continued parameters": lambda: header(b"Content-Type: text/plain", b"; a*0*=x"),
    "disposition": lambda: header(b"Content-Disposition: attachment", b"; filename*1*="),
    "dates": lambda: header(b"Date: ", b"1 "),
    "html brackets": lambda: html("<"),
    "html comments": lambda: html("<!--"),
    "html scripts": lambda: html("<script>"),
    "html quotes": lambda: html("<blockquote>"),
    "html entities": lambda: html("&#"),
    "html names": lambda: html("<a"),
    "bounce addresses": lambda: bounce(b"a" * 64 + b"@" + b"a." * 100),
    "bounce ids": lambda: bounce(b"message-id:"),
    "bounce spaces": lambda: bounce(b" "),
    "bounce blank lines": lambda: bounce(b" \n"),
    "bounce dashes": lambda: bounce(b"- "),
    "status groups": lambda: bounce(b"Final-Recipient: rfc822;a@x.y\nAction: failed\n\n"),
    "attributions": lambda: bounce(b"On 1\n"),
    "rules": lambda: bounce(b"_" * 30 + b"\nFrom: x\n"),
    "wrote": lambda: bounce(b"On 1 wrote "),
    "nulls": lambda: b"\x00" * 3_000_000,
    "no line ends": lambda: b"a" * 30_000_000,
    "punycode": lambda: b"Content-Type: text/plain; charset=punycode\n\n" + b"a-9" * 1_000_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_bounded_work(name: str) -> None:
    raw = HOSTILE[name]()
    start = time.process_time()
    check(raw)
    assert time.process_time() - start < SOON
