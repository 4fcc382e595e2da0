"""Bodies to safe HTML, HTML to text, links."""

import html as stdlib_html

import pytest
from hypothesis import given

from campaigns.composing.html import from_text, is_html, sanitise, to_html, to_text
from campaigns.composing.links import all_hrefs, hrefs, rewrite_links
from campaigns.composing.markup import tags
from campaigns.composing.plain_text import MOST_TEXT
from tests.campaigns.composing.hostile import PATIENT, evil_lines, sources


@pytest.mark.parametrize("body", ["<p>x", "a<br>b", "a<BR />", '<a href="x">', "x</div>", "<h2>y</h2>", "<b\nc=d>"])
def test_is_html(body: str) -> None:
    assert is_html(body)


@pytest.mark.parametrize(
    "body", ["", "a < b > c", "Jane <jane@example.com>", "<https://x.example>", "<pb>", "<3", "< p >"]
)
def test_is_plain(body: str) -> None:
    assert not is_html(body)


def test_plain_text_to_paragraphs() -> None:
    assert to_html("Hi <you>,\r\nhow & why\n\n \n\nBye") == "<p>Hi &lt;you&gt;,<br>how &amp; why</p>\n<p>Bye</p>"
    assert to_html("") == ""


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://a.example/x?a=1&b=2.", "https://a.example/x?a=1&b=2"),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)"),
        ("www.a.example, or", "https://www.a.example"),
        ("HTTP://A.example!", "HTTP://A.example"),
    ],
)
def test_links_in_plain_text(text: str, url: str) -> None:
    assert all_hrefs(from_text(text)) == [url]
    assert to_text(from_text(text)) == text


def test_what_is_no_link() -> None:
    assert all_hrefs(from_text("https:// www. javascript:alert(1) ftp://x https://" + "x" * 3000)) == []


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<script>alert(1)</script>x<style>p{}</style><title>t</title>", "x"),
        ('<p onclick="x" class=y id=z>a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href=" java\tscript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="&#106;avascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a><img src="data:image/png;base64,x">', "<a>a</a><img>"),
        ('<a href="cid:x">a</a><img src="mailto:x@example.com">', "<a>a</a><img>"),
        (
            '<a href="mailto:x@example.com" data-no-track="1">a</a>',
            '<a href="mailto:x@example.com" data-no-track="1">a</a>',
        ),
        ('<a href="#top">a</a><a href="/x">b</a>', '<a href="#top">a</a><a>b</a>'),
        ('<a href="www.a.example/x">a</a>', '<a href="https://www.a.example/x">a</a>'),
        ('<a href="//a.example">a</a>', '<a href="https://a.example">a</a>'),
        ('<img src="cid:logo" alt="L" width=10>', '<img src="cid:logo" alt="L" width="10">'),
        ("<iframe src=x>y</iframe><form><input>z</form><!-- c -->", "z"),
        (
            '<p style="COLOR: rgb(1,2,3); position:fixed;background:url(x);width:10px">a</p>',
            '<p style="color:rgb(1,2,3);width:10px">a</p>',
        ),
        ('<p style="color:expression(alert(1));width:\\75rl(x);height:url(//x)">a</p>', "<p>a</p>"),
        ("<table bgcolor=red><tr><td colspan=2>x", None),
    ],
)
def test_sanitised(markup: str, expected: str | None) -> None:
    cleaned = sanitise(markup)
    if expected is not None:
        assert cleaned == expected
    assert sanitise(cleaned) == cleaned


@pytest.mark.parametrize("piece", ["<b>", "<i><b><div>", "<noscript><b>", "<!-- --!><b>", "<dt><li>", "<div><b></div>"])
def test_markup_that_nobody_means_is_flattened(piece: str) -> None:
    cleaned = sanitise(piece * (500_000 // len(piece)) + "x")
    assert len(cleaned) < 100


def test_many_attributes_and_ampersands_are_flattened() -> None:
    assert sanitise("<b " + " ".join(f"a{number}" for number in range(100_000)) + ">x</b>") == "<p>x</p>"
    assert sanitise("<b>&</b>" * 120_000).startswith("<p>&amp;")


def test_to_text() -> None:
    markup = (
        "<style>p{}</style><h1>Title &amp; more</h1><p>Hello   <b>you</b>,<br>see <a href='https://a.example/?a=1&amp;b=2'>"
        "this</a> or <a href=https://b.example>https://b.example</a>.</p><ul><li>one</li><li>two<ul><li>in</li></ul></li>"
        '</ul><blockquote>said</blockquote><hr><img alt="Logo"><a href="mailto:x@example.com">x@example.com</a>'
        "<script>alert(1)</script><!-- gone -->"
    )
    assert to_text(markup) == (
        "Title & more\n\nHello you,\nsee this (https://a.example/?a=1&b=2) or https://b.example.\n\n"
        "- one\n- two\n  - in\n\n> said\n\n---\n\nLogox@example.com"
    )


@PATIENT
@given(sources | evil_lines)
def test_anything_is_sanitised_and_read(markup: str) -> None:
    cleaned = to_html(markup)
    cleaned.encode()
    assert "<script" not in cleaned.lower()
    allowed = ("http://", "https://", "mailto:", "#")
    assert all(href.lower().startswith(allowed) for href in all_hrefs(cleaned))
    assert len(to_text(markup)) <= MOST_TEXT and len(to_text(cleaned)) <= 3 * len(markup) + 100
    assert "\x00" not in to_text(markup)


@PATIENT
@given(evil_lines)
def test_plain_text_survives_as_it_is(text: str) -> None:
    shown = " ".join(to_text(from_text(text)).split())
    kept = " ".join(to_text(stdlib_html.escape(text)).split())
    assert shown == kept


PIECES = [
    "<",
    "<a ",
    "<!--",
    "</",
    '<a href="',
    "&",
    "&#1",
    "<script>",
    "</script",
    "<p>",
    "<ul>",
    "<blockquote>x<br>",
    "\n",
]


@pytest.mark.parametrize("piece", [*PIECES, '<x a="', "<a href=https://x>", "</p>", "<title><"])
def test_large_markup_takes_linear_time(piece: str) -> None:
    markup = piece * (300_000 // len(piece))
    assert len(to_text(markup)) <= MOST_TEXT
    assert len(rewrite_links(markup, str.lower)) <= 2 * len(markup)


def test_entities_of_thousands_of_digits() -> None:
    assert to_text("&#" + "1" * 100_000 + ";x") == "\ufffdx"


def test_links_are_rewritten() -> None:
    markup = (
        '<p title="<a href=https://no.example>">x</p><a class=b HREF=\'https://a.example/?x=1&amp;y="\'>a</a>'
        '<A href=http://b.example >b</A><a href="mailto:x@example.com">m</a><a href="#x">t</a>'
        '<a data-no-track href="https://c.example">c</a><img src="https://d.example">'
        '<!-- <a href="https://e.example"> -->'
    )
    assert hrefs(markup) == ['https://a.example/?x=1&y="', "http://b.example"]
    assert rewrite_links(markup, lambda url: url) == markup
    changed = rewrite_links(markup, lambda url: f"https://t.example/?u={url}&z")
    assert hrefs(changed) == [
        'https://t.example/?u=https://a.example/?x=1&y="&z',
        "https://t.example/?u=http://b.example&z",
    ]
    assert "&amp;y=&quot;&amp;z" in changed and changed.count("t.example") == 2
    assert len(list(tags(changed))) == len(list(tags(markup)))


@PATIENT
@given(sources, evil_lines)
def test_a_replaced_link_stays_one_attribute(markup: str, url: str) -> None:
    cleaned = to_html('<a href="https://x.example">x</a>' + markup)
    changed = rewrite_links(cleaned, lambda _url: f"https://t.example/{url}")
    assert len(list(tags(changed))) == len(list(tags(cleaned)))
    assert len(hrefs(changed)) == len(hrefs(cleaned)) > 0
