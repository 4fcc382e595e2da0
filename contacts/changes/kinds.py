"""The kinds of changes of many contacts: how each is made, and how it is taken back. Apps add theirs."""

from collections.abc import Sequence
from typing import Final

from contacts.models import BulkChange, EarlierValues
from fluenzr_site.events.recording import Actor


class Kind:
    """Each method does some of the contacts, inside the transaction of its caller."""

    def make(self, change: BulkChange, contact_ids: Sequence[str], by: Actor) -> int:
        """Change them, keep what they were; how many were changed. Raises Invalid when it can't be done at all."""
        raise NotImplementedError

    def take_back(self, change: BulkChange, rows: Sequence[EarlierValues], by: Actor) -> dict[str, str]:
        """Put back what the rows say; the outcome of each contact that stays as it is, by its id."""
        raise NotImplementedError

    def take_back_rest(self, change: BulkChange, by: Actor) -> tuple[int, int] | None:
        """Take back what no row is kept of: how many were deleted and how many stay; None when nothing is left."""
        return None

    def undone(self, change: BulkChange) -> None:
        """All is taken back."""


_kinds: Final[dict[str, Kind]] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def of(change: BulkChange) -> Kind:
    return _kinds[change.kind]
