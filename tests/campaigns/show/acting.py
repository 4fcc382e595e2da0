"""What the scripted people do with the e-mails they get, through the public links and the mailbox alone."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tests.campaigns.show import answers
from tests.campaigns.show.campaign import SENDER
from tests.campaigns.show.dovecot import Dovecot
from tests.campaigns.show.people import CLICKS, OPENS, UNSUBSCRIBES, Person, those
from tests.campaigns.show.reading import Mail, read
from tests.campaigns.show.server import BROWSER, Installation
from tests.campaigns.show.wire import Delivery, Wire

_PROXY: Final = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
_SCANNER: Final = "Mozilla/5.0 (compatible; Barracuda Sentinel (EE); +https://www.barracuda.com)"
_GIF: Final = b"GIF89a"


class People:
    """Each method is done when everybody concerned has done it."""

    def __init__(self, people: list[Person], wire: Wire, installation: Installation, dovecot: Dovecot) -> None:
        self._people, self._wire, self._there, self._dovecot = people, wire, installation, dovecot
        # Messages that were put into the mailbox.
        self.written = 0

    # ------------------------------------------------------------------------------------- the first e-mail

    def scan(self) -> None:
        self._each(("scans",), 0, lambda _, mail: scan(self._there, mail, _SCANNER))

    def write(self) -> None:
        """What nothing becomes of comes first: whoever sees what became of the last has seen them all."""
        self._mail("is_away", 0, answers.out_of_office)
        self._mail("replies", 0, answers.reply)
        self._mail("replies_by_references", 0, lambda person, mail: answers.reply(person, mail, names="References"))
        self._mail("replies_by_address", 0, lambda person, mail: answers.reply(person, mail, names=""))
        self._mail("comes_back", 0, answers.delivery_report)

    def look(self) -> None:
        self._each(("objects",), 0, self._object)
        self._each(OPENS, 0, self._open)
        self._each(CLICKS, 0, self._click_all)
        self._each(UNSUBSCRIBES, 0, self._unsubscribe)

    # ------------------------------------------------------------------------------------------ the second

    def go_on(self) -> None:
        self._each(("opens", "opens_by_proxy"), 1, self._open)
        self._each(("clicks_later",), 1, self._click_all)
        self._each(("opens_then_unsubscribes",), 1, self._unsubscribe)
        self._mail("opens_then_replies", 1, answers.reply)
        self._mail("comes_back_later", 1, answers.delivery_report)

    # --------------------------------------------------------------------------------------------------

    def _open(self, person: Person, mail: Mail) -> None:
        (pixel,) = mail.page.images
        for _ in range(2):
            got = self._there.fetch(pixel, agent=_PROXY if person.does == "opens_by_proxy" else BROWSER)
            assert (got.status, got.type, got.body[:6]) == (200, "image/gif", _GIF)

    def _click_all(self, person: Person, mail: Mail) -> None:
        """Every tracked link, in their order."""
        for link in tracked(self._there, mail):
            assert self._there.fetch(link).status == 302

    def _unsubscribe(self, person: Person, mail: Mail) -> None:
        if person.does == "unsubscribes":
            # As RFC 8058 says: nothing but this, from the recipient's mail provider.
            form = {"List-Unsubscribe": "One-Click"}
            assert self._there.fetch(mail.unsubscribe, "POST", form=form, agent="Provider").status == 200
            return
        page = self._there.fetch(mail.unsubscribe, language="fr")
        assert page.status == 200 and "Se désabonner" in page.body.decode() and '<form method="post">' in str(page.body)
        done = self._there.fetch(mail.unsubscribe, "POST", form={}, language="fr")
        assert done.status == 200 and "Vous êtes désabonné" in done.body.decode()

    def _object(self, person: Person, mail: Mail) -> None:
        form = {"preferences": "1", "tracking": "on"}
        assert self._there.fetch(mail.unsubscribe, "POST", form=form).status == 200
        self._open(person, mail)
        self._click_all(person, mail)

    def _each(self, does: Iterable[str], number: int, act: Callable[[Person, Mail], Any]) -> None:
        """With the e-mail of that number, several people at a time. Raises what went wrong first."""
        people = those(self._people, *does)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda person: act(person, self._read(person, number)), people))

    def _mail(self, does: str, number: int, written: Callable[[Person, Mail], bytes]) -> None:
        people = those(self._people, does)
        self._dovecot.deliver(SENDER, *(written(person, self._read(person, number)) for person in people))
        self.written += len(people)

    def _read(self, person: Person, number: int) -> Mail:
        return read(self._wire.to(person)[number])


def tracked(there: Installation, mail: Mail) -> list[str]:
    return [link for link in mail.page.links if link.startswith(f"{there.site}/c/")]


def scan(there: Installation, mail: Mail, agent: str) -> None:
    """Everything in the e-mail that leads to us, as mail gateways do: HEAD, then GET."""
    for url in mail.ours(there.site):
        for method in ("HEAD", "GET"):
            assert there.fetch(url, method, agent=agent).status in (200, 302)


def scan_before_taking(there: Installation, delivery: Delivery) -> None:
    """By a gateway that says it is somebody's browser."""
    scan(there, Mail(delivery), BROWSER)
