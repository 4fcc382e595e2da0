"""The pipeline's figures of a workspace, and how long contacts have been where they are."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef

from contacts.models import PipelineStage, StageMove
from contacts.queries import Contacts
from contacts.stats.figures import Figures, Move, Tally, stays_of, without_slips

READ_AT_ONCE = 5000
_COLUMNS = ("contact_id", "from_stage_id", "to_stage_id", "moved_at", "contact__owner_id")


def figures_of(
    contacts: Contacts, stages: Iterable[PipelineStage], parts: Sequence[datetime], until: datetime | None = None
) -> Figures:
    """What the moves of these contacts amount to since the first of ``parts``, the moments at which each begins."""
    tally = Tally({stage.pk: stage.kind for stage in stages}, parts, until)
    since = StageMove.objects.filter(contact=OuterRef("pk"), moved_at__gte=parts[0])
    since = since.filter(moved_at__lt=until) if until else since
    moves = StageMove.objects.filter(contact__in=contacts.order_by().filter(Exists(since)))
    for contact_moves, owner in _by_contact(moves.values_list(*_COLUMNS)):
        tally.take(contact_moves, owner)
    return tally.figures


def entered_at(contact_ids: Sequence[str]) -> dict[str, datetime]:
    """When each contact came to the stage where it is, for those that ever moved. One query."""
    moves = StageMove.objects.filter(contact_id__in=contact_ids)
    found = {}
    for contact_id, rows in _grouped(moves.values_list(*_COLUMNS[:4])):
        stays = stays_of(without_slips(Move(*row[1:4]) for row in rows))
        if stays and stays[-1].until is None:
            found[contact_id] = stays[-1].since
    return found


def _by_contact(rows: Any) -> Iterator[tuple[list[Move], int | None]]:
    for _contact_id, one in _grouped(rows):
        whole = list(one)
        yield [Move(*row[1:4]) for row in whole], whole[0][4]


def _grouped(rows: Any) -> Iterator[tuple[str, Iterator[Any]]]:
    ordered = rows.order_by("contact_id", "moved_at", "id").iterator(chunk_size=READ_AT_ONCE)
    return groupby(ordered, key=itemgetter(0))
