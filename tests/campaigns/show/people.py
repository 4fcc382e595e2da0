"""The 500 people of the show: who they are, what each does, and the file that they are imported from."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

Does = Literal[
    "nothing",
    "opens",
    "opens_by_proxy",
    "clicks",
    "clicks_without_pictures",
    "opens_then_replies",
    "opens_then_unsubscribes",
    "scans",
    "scans_before_taking",
    "replies",
    "replies_by_references",
    "replies_by_address",
    "is_away",
    "comes_back",
    "is_unknown",
    "is_full",
    "is_greylisted",
    "is_busy",
    "unsubscribes",
    "unsubscribes_on_page",
    "objects",
    "clicks_later",
    "comes_back_later",
]
#: How many do what; all others do nothing.
CAST: Final[dict[Does, int]] = {
    # The pixel, as a browser or as Gmail's proxy fetches it, twice.
    "opens": 70,
    "opens_by_proxy": 15,
    # Every link of the e-mail, with or without its pixel.
    "clicks": 35,
    "clicks_without_pictures": 10,
    # Something with the first e-mail, and something else with the second.
    "opens_then_replies": 8,
    "opens_then_unsubscribes": 6,
    # Machines: one a moment after the delivery, the other, which says it is a browser, before it takes the e-mail.
    "scans": 15,
    "scans_before_taking": 8,
    "replies": 12,
    "replies_by_references": 6,
    "replies_by_address": 6,
    "is_away": 10,
    # The server takes the e-mail and reports later that it couldn't be delivered.
    "comes_back": 10,
    # The server refuses the recipient: for good, four times, once; or the first time the e-mail itself.
    "is_unknown": 8,
    "is_full": 3,
    "is_greylisted": 6,
    "is_busy": 4,
    # By RFC 8058's POST, or the button of the page.
    "unsubscribes": 8,
    "unsubscribes_on_page": 6,
    # To tracking, on the same page.
    "objects": 4,
    # With the e-mail that those get who haven't opened the first.
    "clicks_later": 10,
    "comes_back_later": 4,
}
COUNT: Final = 500
OPENS: Final = ("opens", "opens_by_proxy", "clicks", "opens_then_replies", "opens_then_unsubscribes")
CLICKS: Final = ("clicks", "clicks_without_pictures")
REPLIES: Final = ("replies", "replies_by_references", "replies_by_address")
UNSUBSCRIBES: Final = ("unsubscribes", "unsubscribes_on_page")
REFUSED: Final = ("is_unknown", "is_full")
#: Of the first e-mail, as the campaign knows it: a click tells of an open too.
KNOWN_OPENERS: Final = (*OPENS, "clicks_without_pictures")

_FIRST: Final = ("Zoë", "Łukasz", "राहुल", "美咲", "", "Олена", "Ann", "محمد", "Jean-Luc", "Siobhán", "Nguyễn Thị")
_LAST: Final = ("D'Arcy", "Müller, Dr.", "शर्मा", "", "Nowak", "García (Jr)", "van der Berg", 'the "Rock" Smith')
_COMPANIES: Final = (
    "Bäcker & Söhne, GmbH",
    "Acme",
    "",
    '"Quoted" Ltd',
    "<b>Bold</b> Inc",
    "株式会社ひかり",
    "R; Co.",
)
_CITIES: Final = ("Zürich", "", "Straßburg", "Kraków", "वाराणसी", "New York", "São Paulo, SP")
#: A domain that isn't spelled in ASCII, as people write it and as mail carries it.
_INTERNATIONAL: Final = ("bücher.test", "xn--bcher-kva.test")


@dataclass(frozen=True, slots=True)
class Person:
    """``email`` is the address as it is kept, ``on_wire`` as mail carries it, ``typed`` as it stands in the file."""

    number: int
    does: Does
    typed: str
    email: str
    on_wire: str
    first: str
    last: str
    company: str
    city: str

    @property
    def full_name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def code(self) -> str:
        return f"K-{self.number:04}"


def everybody() -> list[Person]:
    """The same people each time, those who do the same far from each other."""
    parts: list[Does] = [does for does, count in CAST.items() for _ in range(count)]
    parts += ["nothing"] * (COUNT - len(parts))
    earlier: Counter[Does] = Counter()
    people = []
    for number in range(COUNT):
        # 37 and 500 have no common divisor: each part is given once.
        does = parts[number * 37 % COUNT]
        people.append(_person(number, does, earlier[does]))
        earlier[does] += 1
    return people


def _person(number: int, does: Does, earlier: int) -> Person:
    """``earlier``: how many do the same. The first of them, and every sixth then, have unusual addresses."""
    email = on_wire = typed = f"person+{number}@there{number % 5}.test"
    if earlier % 6 == 0:
        name, ascii_name = _INTERNATIONAL
        email, on_wire = f"p{number}@{name}", f"p{number}@{ascii_name}"
        typed = email
    elif earlier % 6 == 1:
        typed = f"  Person+{number}@There{number % 5}.TEST "
    names = (_FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)])
    return Person(number, does, typed, email, on_wire, *names, _COMPANIES[number % 7], _CITIES[number // 7 % 7])


def as_csv(people: list[Person]) -> bytes:
    """As a spreadsheet saves it."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["E-mail", "First name", "Last name", "Company", "City", "Customer no."])
    writer.writerows([each.typed, each.first, each.last, each.company, each.city, each.code] for each in people)
    return file.getvalue().encode("utf-8-sig")


def those(people: list[Person], *does: str) -> list[Person]:
    found = [each for each in people if each.does in does]
    assert found, f"Nobody {' or '.join(does)}"
    return found
