"""The footer and the image of opens."""

from dataclasses import replace

import pytest

from campaigns.composing.footer import Footer, Language, footer_html, footer_text, with_footer, with_pixel
from campaigns.composing.html import sanitise, to_text
from campaigns.composing.links import all_hrefs, hrefs
from campaigns.composing.message import Content, prepare

URL = "https://u.example/1?a=1&b=2"
FOOTER = Footer(unsubscribe_url=URL, postal_address="ACME <Ltd>\r\n\n 1 Road ")
BODY = Content("s", "Hi", "<p>Hi</p>")


def test_footer() -> None:
    made = with_footer(BODY, FOOTER)
    assert made.text == f"Hi\n\n-- \nUnsubscribe: {URL}\nACME <Ltd>\n1 Road"
    assert all_hrefs(made.html) == [URL] and hrefs(made.html) == []
    assert made.html.startswith("<p>Hi</p>\n<div") and "ACME &lt;Ltd&gt;<br>1 Road" in made.html
    assert "opened" not in made.html
    assert sanitise(made.html) == made.html


@pytest.mark.parametrize(("language", "word"), [("en", "Unsubscribe"), ("fr", "Se désabonner"), ("hi", "सदस्यता")])
def test_languages(language: Language, word: str) -> None:
    footer = replace(FOOTER, language=language, tracking_notice=True, preferences_url="https://p.example")
    for text in (footer_text(footer), to_text(footer_html(footer))):
        assert word in text and "https://p.example" in text
    assert f'lang="{language}"' in footer_html(footer)


def test_the_notice() -> None:
    noticed = footer_text(replace(FOOTER, tracking_notice=True))
    assert f"This e-mail tells its sender when it is opened. You can object: {URL}" in noticed


@pytest.mark.parametrize("body", ["Bye\n{{unsubscribe_link}}", '<p>Bye <a href="{{unsubscribe_link}}">no more</a></p>'])
def test_the_link_is_not_repeated(body: str) -> None:
    composed = prepare("s", body).compose({"unsubscribe_link": URL})
    made = with_footer(composed, FOOTER)
    assert all_hrefs(made.html) == [URL] and "Unsubscribe" not in made.text and "1 Road" in made.text
    assert with_footer(composed, replace(FOOTER, postal_address="")) == composed
    other = with_footer(composed, replace(FOOTER, unsubscribe_url=f"{URL}2"))
    assert "Unsubscribe" in other.text and "Unsubscribe" in other.html


def test_the_pixel() -> None:
    image = '<img src="https://o.example/?a=1&amp;b" width="1" height="1" alt="" style="border:0">'
    assert with_pixel("<p>x</p>", "https://o.example/?a=1&b") == f"<p>x</p>\n{image}"
    assert with_pixel("<body>x</body></html>", "https://o.example/?a=1&b") == f"<body>x\n{image}\n</body></html>"
    assert with_pixel("", "https://o.example/?a=1&b") == image
