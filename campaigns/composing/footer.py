"""The footer that every campaign e-mail ends with, and the image that tells of opens."""

from dataclasses import dataclass, replace
from html import escape
from typing import Final, Literal

from campaigns.composing.characters import clean, unescape
from campaigns.composing.links import NO_TRACK, all_hrefs
from campaigns.composing.message import Content

Language = Literal["en", "fr", "hi"]


@dataclass(frozen=True, slots=True)
class _Words:
    unsubscribe: str
    colon: str
    notice: str
    object: str


_WORDS: Final[dict[str, _Words]] = {
    "en": _Words("Unsubscribe", ": ", "This e-mail tells its sender when it is opened.", "You can object"),
    "fr": _Words(
        "Se désabonner",
        "\xa0: ",
        "Cet e-mail informe son expéditeur lorsqu’il est ouvert.",
        "Vous pouvez vous y opposer",
    ),
    "hi": _Words(
        "सदस्यता समाप्त करें",
        ": ",
        "यह ईमेल खोले जाने पर अपने भेजने वाले को सूचित करता है।",
        "आप इस पर आपत्ति कर सकते हैं",
    ),
}
_STYLE: Final = "margin-top:32px;padding-top:12px;border-top:1px solid #dddddd;font-size:12px;color:#666666"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """``postal_address`` may be empty or of several lines; ``tracking_notice`` where opens are tracked. The notice
    leads to ``preferences_url``, or to ``unsubscribe_url`` where that is empty.
    """

    unsubscribe_url: str
    postal_address: str = ""
    tracking_notice: bool = False
    language: Language = "en"
    preferences_url: str = ""


def footer_html(footer: Footer, *, link: bool = True) -> str:
    """The footer as HTML, or "" where nothing is in it; ``link``: whether the unsubscribe link belongs in it.

    Its links are never tracked.
    """
    words = _words(footer)
    rows = []
    if link:
        rows.append(_link(footer.unsubscribe_url, words.unsubscribe))
    if address := _address(footer):
        rows.append("<br>".join(escape(line) for line in address))
    if footer.tracking_notice:
        rows.append(f"{words.notice} {_link(_objection(footer), words.object)}")
    body = "".join(f'<p style="margin:0 0 8px">{row}</p>' for row in rows)
    return f'<div lang="{escape(footer.language)}" style="{_STYLE}">{body}</div>' if rows else ""


def footer_text(footer: Footer, *, link: bool = True) -> str:
    """The footer as plain text; see ``footer_html``."""
    words = _words(footer)
    rows = []
    if link:
        rows.append(f"{words.unsubscribe}{words.colon}{footer.unsubscribe_url}")
    if address := _address(footer):
        rows.append("\n".join(address))
    if footer.tracking_notice:
        rows.append(f"{words.notice} {words.object}{words.colon}{_objection(footer)}")
    # "-- " starts a signature (RFC 3676 section 4.3), which mail programs leave out of replies.
    return "\n".join(["-- ", *rows]) if rows else ""


def with_footer(content: Content, footer: Footer) -> Content:
    """The content with the footer at its end. A body that links to the unsubscribe page itself, as with
    ``{{unsubscribe_link}}``, isn't given that link twice.
    """
    # Nearly no body has that address anywhere: looking for it costs less than reading the tags.
    link = footer.unsubscribe_url not in unescape(content.html) or footer.unsubscribe_url not in all_hrefs(content.html)
    text, html = footer_text(footer, link=link), footer_html(footer, link=link)
    if not text:
        return content
    return replace(content, text=f"{content.text.rstrip()}\n\n{text}".lstrip("\n"), html=_at_end(content.html, html))


def with_pixel(html: str, url: str) -> str:
    """The HTML with an invisible image of one pixel at the end of its body."""
    image = f'<img src="{escape(url)}" width="1" height="1" alt="" style="border:0">'
    return _at_end(html, image)


def _at_end(html: str, addition: str) -> str:
    """Before ``</body>`` in a whole document, else at the end of the fragment."""
    for closing in ("</body>", "</BODY>"):
        before, found, after = html.rpartition(closing)
        if found:
            return f"{before.rstrip()}\n{addition}\n{found}{after}"
    return f"{html.rstrip()}\n{addition}".lstrip("\n")


def _words(footer: Footer) -> _Words:
    return _WORDS.get(footer.language, _WORDS["en"])


def _address(footer: Footer) -> list[str]:
    return [line.strip() for line in clean(footer.postal_address).split("\n") if line.strip()]


def _objection(footer: Footer) -> str:
    return footer.preferences_url or footer.unsubscribe_url


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" {NO_TRACK}="" style="color:#666666">{escape(text)}</a>'
