"""A card's HTML. Not a template: a board has up to 25 in each column, and a template takes ten times as long.

So everything that comes from people is escaped here, by hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Card:
    """A contact as a column shows it."""

    id: str
    name: str
    address: str
    detail: str
    owner: str
    here: str
    activity: str
    is_stale: bool
    tags: Sequence[str]
    more_tags: Sequence[str]


def cards_html(cards: Iterable[Card]) -> SafeString:
    words = _Words()
    return SafeString("".join(words.card(card) for card in cards))


class _Words:
    """What every card says, translated and escaped once."""

    def __init__(self) -> None:
        self.move = escape(_("Move to another stage"))
        self.owner = escape(_("Owner"))
        self.stale = escape(_("No move for a long time"))
        self.here = escape(_("Time in this stage"))
        self.activity = escape(_("Last activity"))

    def card(self, card: Card) -> str:
        name = escape(card.name)
        detail = f'<p class="flz-tile-detail"><bdi>{escape(card.detail)}</bdi></p>' if card.detail else ""
        kind = "flz-tile flz-tile-stale" if card.is_stale else "flz-tile"
        return (
            f'<li class="{kind}" data-card="{escape(card.id)}" data-name="{name}"><div class="flz-tile-head">'
            f'<a href="{escape(card.address)}" draggable="false"><bdi>{name}</bdi></a>'
            f'<button type="button" data-move title="{self.move}" aria-label="{self.move}: {name}">'
            f"{_icon('arrow_forward')}</button></div>{detail}{self._tags(card)}"
            f'<p class="flz-tile-foot">{self._here(card)}{self._activity(card)}{self._owner(card)}</p></li>\n'
        )

    def _here(self, card: Card) -> str:
        told = f"{self.stale}. {self.here}" if card.is_stale else self.here
        icon = _icon("hourglass_empty" if card.is_stale else "schedule")
        return f'<span class="flz-tile-here" title="{told}">{_unseen(told)}{icon}{escape(card.here)}</span>'

    def _activity(self, card: Card) -> str:
        said = f"{_unseen(self.activity)}{_icon('bolt')}{escape(card.activity)}"
        return f'<span title="{self.activity}">{said}</span>'

    def _owner(self, card: Card) -> str:
        if not card.owner:
            return ""
        initials = escape("".join(word[0] for word in card.owner.split()[:2]).upper())
        told = f"{self.owner}: {escape(card.owner)}"
        shown = f'<span aria-hidden="true">{initials}</span><span class="flz-unseen">{told}</span>'
        return f'<span class="flz-tile-owner" title="{told}">{shown}</span>'

    def _tags(self, card: Card) -> str:
        chips = "".join(f'<span class="flz-chip"><b>{escape(tag)}</b></span>' for tag in card.tags)
        if card.more_tags:
            chips += f'<span class="flz-chip" title="{escape(", ".join(card.more_tags))}">+{len(card.more_tags)}</span>'
        return f'<p class="flz-tile-tags">{chips}</p>' if chips else ""


def _icon(name: str) -> str:
    return f'<span class="flz-icon" data-icon="{name}" aria-hidden="true"></span>'


def _unseen(escaped: str) -> str:
    return f'<span class="flz-unseen">{escaped}: </span>'
