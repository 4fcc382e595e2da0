import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.receiving.parsing import read
from campaigns.receiving.preview import reply_preview
from tests.campaigns.receiving.samples import raw

ATTRIBUTIONS = [
    "On Mon, 3 Mar 2025 at 10:00, Sam Sales <sales@example.com> wrote:",
    "On Mon, 3 Mar 2025 at 10:00, Sam Sales\n<sales@example.com>\nwrote:",
    "On 3 Mar 2025, at 10:00, Sam <sales@example.com> wrote:",
    "Le lun. 3 mars 2025 à 10:00, Sam <sales@example.com> a écrit\xa0:",
    "Le 3 mars 2025 à 10:00, Sam Sales\n<sales@example.com> a écrit :",
    "Am Mo., 3. März 2025 um 10:00 Uhr schrieb Sam <sales@example.com>:",
    "El lun, 3 mar 2025 a las 10:00, Sam (<sales@example.com>) escribió:",
    "Il giorno lun 3 mar 2025 alle ore 10:00 Sam <sales@example.com> ha scritto:",
    "Em seg., 3 de mar. de 2025 às 10:00, Sam <sales@example.com> escreveu:",
    "Op ma 3 mrt 2025 om 10:00 schreef Sam <sales@example.com>:",
    "सोम, 3 मार्च 2025 को 10:00 बजे Sam <sales@example.com> ने लिखा:",
    "-----Original Message-----\nFrom: Sam\nSent: Monday",
    "----- Message d'origine -----",
    "-----Ursprüngliche Nachricht-----",
    "-----Mensaje original-----",
    "-----मूल संदेश-----",
    "From: Sam <sales@example.com>\nSent: Monday, March 3, 2025 10:00\nTo: Jane\nSubject: A question",
    "From: Sam <sales@example.com>\nDate: Monday, 3 March 2025 at 10:00\nTo: Jane",
    "*From:* Sam <sales@example.com>\n*Sent:* Monday",
    "De : Sam <sales@example.com>\nEnvoyé : lundi 3 mars 2025 10:00\nÀ : Jane",
    "Von: Sam <sales@example.com>\nGesendet: Montag, 3. März 2025",
    "De: Sam <sales@example.com>\nEnviado el: lunes, 3 de marzo de 2025",
    "प्रेषक: Sam <sales@example.com>\nभेजा गया: सोमवार, 3 मार्च 2025",
    "________________________________\nFrom: Sam\nSent: Monday",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["", "> "])
def test_what_is_quoted_is_left_out(attribution: str, mark: str) -> None:
    assert reply_preview(f"Yes,\r\n  call me.\r\n\r\n{attribution}\n\n{mark}Old words") == "Yes, call me."


def test_answer_below_the_quotation() -> None:
    text = "On 3 Mar 2025, Sam <s@example.com> wrote:\n> Shall we?\n\nYes.\n\n> When?\n\nMonday.\n-- \nJane"
    assert reply_preview(text) == "Yes. Monday."


@pytest.mark.parametrize(
    "signature",
    ["-- \nJane Doe\nCEO", "--\nJane", "Sent from my iPhone", "Envoyé de mon iPhone", "Get Outlook for iOS<x>"],
)
def test_signature_is_left_out(signature: str) -> None:
    assert reply_preview(f"Yes.\n\n{signature}\n") == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I read what Bob wrote: nice words",
        "On Monday I told them:\nyes",
        "From: my side all is well",
        "From here it looks fine.\nSent: yes",
        "a -- b",
        "El plan:\nhablamos",
        "De : acord",
        "5 > 3 of course",
        "Yes.\nOn reflection, as Bob wrote:\nall is well",
        "Ja.\nVon meinem Standpunkt aus passt es.",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert reply_preview(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "preview"),
    [
        ("> only a quotation", "> only a quotation"),
        ("-- \nJane", "-- Jane"),
        (ATTRIBUTIONS[0], ATTRIBUTIONS[0]),
        ("", ""),
    ],
)
def test_never_empty_where_there_is_text(text: str, preview: str) -> None:
    assert reply_preview(text) == preview


def test_most() -> None:
    assert reply_preview("word " * 100, 20) == "word word word word…"
    assert len(reply_preview("x" * 500)) == 200
    assert [reply_preview("abc", most) for most in (3, 2, 1)] == ["abc", "a…", "…"]


def test_marks_that_turn_text_around_are_dropped() -> None:
    assert reply_preview("a\u202eb\u200b\x00c") == "abc"
    assert reply_preview("क्\u200dष") == "क्\u200dष"


@pytest.mark.parametrize(
    ("name", "preview"),
    [
        ("gmail", "Yes, call me."),
        ("suppressed_by_exchange", "Interested."),
        ("french", "Oui, volontiers."),
        ("german", "Gerne."),
        ("spanish", "Sí, claro."),
        ("hindi", "हाँ, कल बात करते हैं।"),
        ("quotes_a_bounce", "Strange, my mailbox is fine."),
    ],
)
def test_corpus(name: str, preview: str) -> None:
    assert reply_preview(read(raw(f"replies/{name}")).text) == preview


def test_html_reply() -> None:
    html = (
        b"Content-Type: text/html\n\n<div>Yes.</div><div>On 3 Mar 2025 Sam wrote:<br><blockquote>Old</blockquote></div>"
    )
    assert reply_preview(read(html).text) == "Yes."


@given(st.text(alphabet="ab >-_:\n\r@<1wrote"), st.integers(1, 50))
def test_bounded_and_one_line(text: str, most: int) -> None:
    found = reply_preview(text, most)
    assert len(found) <= most and "\n" not in found
    assert bool(found) == bool(text.strip())
