import base64
from datetime import UTC, datetime

import pytest

from campaigns.receiving.decoding import decode, decode_words
from campaigns.receiving.mime import MOST_DEPTH
from campaigns.receiving.parsing import MOST_IDS, addresses, ids, read
from tests.campaigns.receiving.samples import message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@x>", ["<a@x>"]),
        ("<a@x> <b@x>\n <c@x>", ["<a@x>", "<b@x>", "<c@x>"]),
        ("<a@x><b@x>,<c@x>;<a@x>", ["<a@x>", "<b@x>", "<c@x>"]),
        ("a@x b@x", ["<a@x>", "<b@x>"]),
        ("a@x>", ["<a@x>"]),
        ("<a@x", ["<a@x>"]),
        ("<a@x <b@x>", ["<a@x>", "<b@x>"]),
        ("<a@x b@x>", ["<a@x>", "<b@x>"]),
        ("<long\r\n er@x>", ["<longer@x>"]),
        ("< a@x >", ["<a@x>"]),
        ("jane@example.org's message of Monday <a@x>", ["<a@x>"]),
        ("<no-at-sign>", ["<no-at-sign>"]),
        ("", []),
        ("<>", []),
        ("nothing here", []),
    ],
)
def test_ids(value: str, expected: list[str]) -> None:
    assert list(ids(value)) == expected


def test_newest_ids_are_kept() -> None:
    found = ids(" ".join(f"<{each}@x>" for each in range(1000)))
    assert (len(found), found[-1]) == (MOST_IDS, "<999@x>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jane <Jane@Example.org>", ["jane@example.org"]),
        ('"Doe, Jane <x@evil.example>" <jane@example.org>', ["jane@example.org"]),
        ("jane@example.org (Jane <x@evil.example>)", ["jane@example.org"]),
        ("a@example.org, B <b@example.org>; c@example.org", ["a@example.org", "b@example.org", "c@example.org"]),
        ("x@evil.example <jane@example.org>", ["jane@example.org"]),
        ("Doe, Jane <jane@example.org>", ["jane@example.org"]),
        ("a@example.org, b@example.org", ["a@example.org", "b@example.org"]),
        ("A <a@example.org>, B <b@example.org>, A <A@example.org>", ["a@example.org", "b@example.org"]),
        ('"Jane <jane@example.org>', ["jane@example.org"]),
        ('"Ja\\"ne" <jane@example.org>', ["jane@example.org"]),
        ("mailto:jane@example.org", ["jane@example.org"]),
        ("undisclosed-recipients:;", []),
        ("<>", []),
        ("", []),
    ],
)
def test_addresses(value: str, expected: list[str]) -> None:
    assert list(addresses(value)) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=?iso-8859-1?q?caf=E9_noir?= ok", "café noir ok"),
        ("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"),
        ("=?utf-8?Q?a?=\n =?iso-8859-1?Q?=E9?=", "aé"),
        ("=?utf-8?Q?two words?=", "two words"),
        ("=?nonsense?Q?abc?=", "abc"),
        ("=?utf-8*en?Q?abc?=", "abc"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?never ends", "=?utf-8?Q?never ends"),
        ("Re:=?utf-8?Q?_x?=", "Re: x"),
        ("plain  text\x00", "plain text"),
        ("=?utf-7?Q?+2AA-?=x", "x"),
    ],
)
def test_decode_words(value: str, text: str) -> None:
    assert decode_words(value) == text


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"caf\xe9 \x80", "iso-8859-1", "café €"),
        (b"caf\xc3\xa9", "no-such-charset", "café"),
        (b"caf\xc3\xa9", None, "café"),
        (b"\xd0\xcf", "koi8-r", "по"),
        (b"abc", "punycode", "abc"),
        (b"abc", "base64", "abc"),
        (b"a\x00b\r\nc\rd", "utf-8", "ab\nc\nd"),
    ],
)
def test_decode(data: bytes, charset: str | None, text: str) -> None:
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Mon, 3 Mar 2025 10:00:00 +0100", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ("Mon, 3 Mar 2025 10:00:00 -0000", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("3 Mar 2025 10:00:00 GMT (comment)", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 99 Foo 2025 10:00:00", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("", None),
    ],
)
def test_date(value: str, moment: datetime | None) -> None:
    found = message(f"Date: {value}").date
    assert found == moment and (found is None or found.tzinfo is not None)


ALTERNATIVE = b"""From: Jane <jane@example.org>
To: Sam <sales@example.com>, x@example.com
Cc: y@example.com
Content-Type: multipart/mixed; boundary="out er"

preamble
--out er
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

caf=E9 =
now
--in
Content-Type: text/html

<p>html</p>
--in--
--out er
Content-Type: application/pdf; name*=utf-8''offre%20%C3%A9t%C3%A9.pdf
Content-Disposition: attachment
Content-Transfer-Encoding: base64

AAAA
AAA=
--out er
Content-Type: text/plain; name="../notes.txt"

not the text
--out er--
epilogue
"""


def test_multipart() -> None:
    found = read(ALTERNATIVE)
    assert found.text == "café now"
    assert found.recipients == ("sales@example.com", "x@example.com", "y@example.com")
    assert [(each.name, each.type, each.size) for each in found.attachments] == [
        ("offre été.pdf", "application/pdf", 5),
        ("../notes.txt", "text/plain", 12),
    ]


def test_html_alone() -> None:
    html = """<html><head><title>t</title><style>p{}</style></head><body><!-- <p>c</p> --><p>One &amp;
    two &lt;3<br>three</p><script>alert("<p>")</script><table><tr><td>a</td><td>b</td></tr></table>
    <blockquote>old<p>older</p></blockquote>new 1 < 2</body></html>"""
    found = message("From: a@example.org\r\nContent-Type: text/html", html)
    lines = [line for line in found.text.split("\n") if line]
    assert lines == ["One & two <3", "three", "a b", "> old", "> older", "new 1 < 2"]


def test_blank_plain_text_gives_way_to_html() -> None:
    text = "--b\n\n \n--b\nContent-Type: text/html\n\n<b>yes</b>\n--b--"
    assert message("Content-Type: multipart/alternative; boundary=b", text).text == "yes"


def test_message_inside_is_an_attachment_not_the_text() -> None:
    text = "--b\n\nmine\n--b\nContent-Type: message/rfc822\n\nSubject: s\n\ntheirs\n--b--"
    found = message("Content-Type: multipart/mixed; boundary=b", text)
    assert (found.text, [each.type for each in found.attachments]) == ("mine", ["message/rfc822"])


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed; boundary=never",
        'Content-Type: multipart/x; b="',
    ],
)
def test_missing_boundary_shows_the_text(headers: str) -> None:
    assert message(headers, "some words").text == "some words"


def test_missing_last_boundary() -> None:
    assert message("Content-Type: multipart/mixed; boundary=b", "--b\n\nwords").text == "words"


def test_base64_with_rubbish() -> None:
    body = base64.b64encode("नमस्ते".encode()).decode()
    found = message(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: BASE64", f"{body[:5]}!\n{body[5:]}"
    )
    assert found.text == "नमस्ते"


def test_headers_lookup() -> None:
    found = message("X-Note: =?utf-8?Q?caf=C3=A9?=\r\nx-note: two\r\n folded\r\nnot a header\r\nSubject:\r\n late")
    assert found.header("x-NOTE") == "café"
    assert found.headers.all("X-Note") == ["=?utf-8?Q?caf=C3=A9?=", "two folded"]
    assert (found.subject, found.header("missing")) == ("late", "")


def test_empty() -> None:
    found = read(b"")
    assert (found.message_id, found.sender, found.text, found.date, found.attachments) == (None, "", "", None, ())


def test_nesting_is_bounded() -> None:
    part, depth = read(b"Content-Type: message/rfc822\n\n" * 50).root, 0
    while part.children:
        part, depth = part.children[0], depth + 1
    assert depth == MOST_DEPTH
