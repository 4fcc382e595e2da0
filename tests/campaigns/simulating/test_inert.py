"""An e-mail that is looked at leads nowhere and loads nothing."""

import pytest

from campaigns.composing.links import all_hrefs
from campaigns.simulating.inert import inert


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://evil.test/?a=1&amp;b=2">x</a>',
        "<a href='https://evil.test'>x</a>",
        "<a href=https://evil.test>x</a>",
        '<a title="kept" href="https://evil.test">x</a>',
        '<a href="mailto:ann@evil.test"><b>x</b></a>',
    ],
)
def test_links_lead_to_the_e_mail_itself(html: str) -> None:
    assert all_hrefs(inert(html)) == ["#"]


def test_a_link_says_where_it_leads() -> None:
    assert inert('<a href="https://x.co/?a=1&amp;b=&quot;2">x</a>') == (
        '<a href="#" title="https://x.co/?a=1&amp;b=&quot;2">x</a>'
    )


def test_pictures_are_boxes_of_their_size() -> None:
    shown = inert('<p><img src="https://evil.test/x.png" alt="Chart" width="300" height="120"></p>')
    assert "evil.test" not in shown
    assert 'src="data:image/svg+xml,' in shown
    assert "%22300%22" in shown
    assert 'alt="Chart"' in shown


@pytest.mark.parametrize("width", ["100%", "-4", "999999", "³", ""])
def test_a_picture_of_no_size_has_the_usual_one(width: str) -> None:
    assert "%22160%22" in inert(f'<img src="cid:x" width="{width}">')


def test_what_is_harmless_stays() -> None:
    html = "<p>1 &lt; 2 <b>so</b> <!-- x --></p>"
    assert inert(html) == html
