"""The show's campaign, and what must be read in each of its e-mails, worked out by hand and not by the composer."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.campaigns.show.people import KNOWN_OPENERS, Person
from tests.campaigns.workflow.examples import email, graph, node

Step = Literal["hello", "thanks", "another"]
SENDER: Final = "sam@sender.test"
SENDER_NAME: Final = "Sam Sündér, Acme"
POSTAL_ADDRESS: Final = "Acme & Co\n1 Main Street"
#: Half an hour off the others, so that hours of the campaign aren't hours of UTC.
ZONE: Final = "Asia/Kolkata"
SETTINGS: Final = {
    "sendDays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "sendHoursStart": 0,
    "sendHoursEnd": 24,
    "timezone": ZONE,
    "maxEmailsPerHour": 1_000_000,
}
DAYS: Final = 3

SUBJECT_A: Final = "{{firstName|Hello}}, a question about {{company|your company}}"
SUBJECT_B: Final = "An idea for {{company|your company}} – {{firstName|hello}}"
_CITY: Final = "{% if city %}How is {{city|uppercase}}?{% else %}Where do you work?{% endif %}"
_BODY_A: Final = f"""\
<p>Hi {{{{firstName|there}}}},</p>
<p>{_CITY} Your number at {{{{company|work}}}} is {{{{code}}}}.</p>
<p>Read <a href="https://acme.example/guide?ref=mail&amp;lang=en">our guide</a> or
<a href="https://acme.example/for/{{{{code}}}}">your page</a>, or <a href="mailto:{SENDER}">write</a>.</p>"""
_BODY_B: Final = f"""\
Hi {{{{firstName|there}}}},

{_CITY} Your number at {{{{company|work}}}} is {{{{code}}}}.
.A line that begins with a dot.

See https://acme.example/demo?a=1&b=2 or https://acme.example/for/{{{{code}}}}."""
_THANKS: Final = "Glad that you looked, {{fullName|friend}}.\n\nMore: https://acme.example/more"
_ANOTHER: Final = """\
<p>It is {{current_date}}, {{firstName|friend}}.</p>
<p><a href="https://acme.example/last">A last chance</a>, or <a href="{{unsubscribe_link}}">leave</a>.</p>"""
SUBJECTS: Final = {"thanks": "Thank you, {{firstName|friend}}", "another": "Another try, {{firstName|friend}}"}
_NOTICE: Final = "This e-mail tells its sender when it is opened."

WORKFLOW: Final = graph(
    [
        node("start", "start"),
        email(
            "hello",
            subject=SUBJECT_A,
            body=_BODY_A,
            trackOpens=True,
            trackClicks=True,
            variantB={"subject": SUBJECT_B, "body": _BODY_B, "split": 50, "criterion": "opened"},
        ),
        node("wait", "delay", days=DAYS),
        node("ask", "condition", criterion="opened", nodeId="hello"),
        email("thanks", subject=SUBJECTS["thanks"], body=_THANKS, trackOpens=True, trackClicks=False),
        email("another", subject=SUBJECTS["another"], body=_ANOTHER, trackOpens=False, trackClicks=True),
        node("end", "end"),
    ],
    *("start hello", "hello wait", "wait ask", "ask thanks yes", "ask another no", "thanks end", "another end"),
)


def draft(account_id: str) -> dict[str, Any]:
    return {"name": "The show", "emailAccountId": account_id, "settings": SETTINGS, "workflow": WORKFLOW}


def second_step(person: Person) -> Step:
    """Where the condition leads who is still there."""
    return "thanks" if person.does in KNOWN_OPENERS else "another"


@dataclass(frozen=True, slots=True)
class Content:
    """``text`` is the plain part to the letter. Of the HTML, its words and, in order, where its links lead and whether
    through us; ``pixel`` tells whether there is one.
    """

    subject: str
    text: str
    words: str
    links: tuple[tuple[str, bool], ...]
    pixel: bool


def expected(person: Person, step: Step, version: str, unsubscribe: str, today: str) -> Content:
    """``version``: A or B of the first e-mail. ``unsubscribe`` is this very e-mail's link, ``today`` the date in the
    campaign's zone.
    """
    if step == "thanks":
        return _thanks(person, unsubscribe)
    if step == "another":
        return _another(person, unsubscribe, today)
    return _hello_a(person, unsubscribe) if version == "A" else _hello_b(person, unsubscribe)


def version_of(person: Person, subject: str) -> str:
    """A or B, by its subject."""
    versions = [version for version in "AB" if subject == _hello_subject(person, version)]
    assert len(versions) == 1, f"No version of the first e-mail has the subject {subject!r}"
    return versions[0]


def _hello_subject(person: Person, version: str) -> str:
    company = person.company or "your company"
    if version == "A":
        return f"{person.first or 'Hello'}, a question about {company}"
    return f"An idea for {company} – {person.first or 'hello'}"


def _greeting(person: Person) -> tuple[str, str]:
    city = f"How is {person.city.upper()}?" if person.city else "Where do you work?"
    return f"Hi {person.first or 'there'},", f"{city} Your number at {person.company or 'work'} is {person.code}."


def _hello_a(person: Person, unsubscribe: str) -> Content:
    hi, number = _greeting(person)
    guide, page = "https://acme.example/guide?ref=mail&lang=en", f"https://acme.example/for/{person.code}"
    read = f"Read our guide ({guide}) or your page ({page}), or write ({SENDER})."
    return Content(
        _hello_subject(person, "A"),
        f"{hi}\n\n{number}\n\n{read}\n\n{_footer_text(unsubscribe)}",
        f"{hi} {number} Read our guide or your page, or write. {_FOOTER_WORDS}",
        ((guide, True), (page, True), (f"mailto:{SENDER}", False), (unsubscribe, False), (unsubscribe, False)),
        True,
    )


def _hello_b(person: Person, unsubscribe: str) -> Content:
    hi, number = _greeting(person)
    demo, page = "https://acme.example/demo?a=1&b=2", f"https://acme.example/for/{person.code}"
    dot, see = ".A line that begins with a dot.", f"See {demo} or {page}."
    return Content(
        _hello_subject(person, "B"),
        f"{hi}\n\n{number}\n{dot}\n\n{see}\n\n{_footer_text(unsubscribe)}",
        f"{hi} {number} {dot} {see} {_FOOTER_WORDS}",
        ((demo, True), (page, True), (unsubscribe, False), (unsubscribe, False)),
        True,
    )


def _thanks(person: Person, unsubscribe: str) -> Content:
    glad, more = f"Glad that you looked, {person.full_name or 'friend'}.", "https://acme.example/more"
    return Content(
        f"Thank you, {person.first or 'friend'}",
        f"{glad}\n\nMore: {more}\n\n{_footer_text(unsubscribe)}",
        f"{glad} More: {more} {_FOOTER_WORDS}",
        ((more, False), (unsubscribe, False), (unsubscribe, False)),
        True,
    )


def _another(person: Person, unsubscribe: str, today: str) -> Content:
    """Its body has the unsubscribe link itself, so that the footer is the postal address alone."""
    it_is, last = f"It is {today}, {person.first or 'friend'}.", "https://acme.example/last"
    return Content(
        f"Another try, {person.first or 'friend'}",
        f"{it_is}\n\nA last chance ({last}), or leave ({unsubscribe}).\n\n-- \n{POSTAL_ADDRESS}",
        f"{it_is} A last chance, or leave. {_POSTAL_WORDS}",
        # Who objects to tracking is followed nowhere.
        ((last, person.does != "objects"), (unsubscribe, False)),
        False,
    )


def _footer_text(unsubscribe: str) -> str:
    notice = f"{_NOTICE} You can object: {unsubscribe}"
    return "\n".join(["-- ", f"Unsubscribe: {unsubscribe}", POSTAL_ADDRESS, notice])


_POSTAL_WORDS: Final = POSTAL_ADDRESS.replace("\n", " ")
_FOOTER_WORDS: Final = f"Unsubscribe {_POSTAL_WORDS} {_NOTICE} You can object"
