"""The columns of the board and the cards in them, in a number of queries that doesn't grow with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Max, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.admin.board_filters import NONE, STALE_DAYS, Asked, days_ago
from contacts.admin.board_html import Card, cards_html
from contacts.documents import tags_of
from contacts.models import Contact, PipelineStage
from contacts.queries import Contacts, contacts_of
from contacts.stats.pipeline import entered_at
from fluenzr_site.api.totals import remembered
from fluenzr_site.core import ids
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace

PER_COLUMN: Final = 25
SHOWN_TAGS: Final = 2
Row = dict[str, Any]
_SHOWN: Final = (
    *("id", "email", "first_name", "last_name", "company", "job_title", "phone"),
    *("stage_id", "created_at", "updated_at"),
    *("owner__username", "owner__first_name", "owner__last_name"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A stage, or none (its id is "none"): how many contacts it has, the first cards, and where the rest begins."""

    id: str
    name: str
    color: str
    kind: str
    kind_label: str
    count: int
    cards: SafeString
    before: str
    contacts: str


def columns(workspace: Workspace, asked: Asked) -> list[Column]:
    """Every stage in its order; first of all those in no stage."""
    stages = list(PipelineStage.objects.of(workspace))
    contacts = asked.narrowed(workspace)
    counts = _counts(workspace, contacts, asked)
    keys: list[str | None] = [None, *(stage.pk for stage in stages)]
    found = _first_of_each(contacts, [key for key in keys if counts.get(key)])
    rows = list(_shown(contacts_of(workspace).filter(pk__in=found)))
    kinds: dict[str | None, str] = {stage.pk: stage.kind for stage in stages}
    cards: dict[str | None, list[Card]] = {key: [] for key in keys}
    for row, card in zip(rows, _cards(workspace, rows, kinds), strict=True):
        cards[row["stage_id"]].append(card)
    nowhere = PipelineStage(id="", name=_("No stage"), kind="")
    return [
        _column(stage, counts.get(key, 0), cards[key], asked)
        for key, stage in zip(keys, [nowhere, *stages], strict=True)
    ]


def more_cards(workspace: Workspace, asked: Asked, stage_id: str | None, before: str) -> tuple[SafeString, str]:
    """The next cards of a column after the one with the id ``before``, and where those after them begin."""
    contacts = asked.narrowed(workspace).filter(stage_id=stage_id, pk__lt=before)
    rows = list(_shown(contacts)[: PER_COLUMN + 1])
    shown = rows[:PER_COLUMN]
    kinds: dict[str | None, str] = dict(PipelineStage.objects.of(workspace).values_list("pk", "kind"))
    return cards_html(_cards(workspace, shown, kinds)), shown[-1]["id"] if len(rows) > PER_COLUMN else ""


def one_card(workspace: Workspace, contact_id: str) -> SafeString:
    """A contact's card as it is now."""
    kinds: dict[str | None, str] = dict(PipelineStage.objects.of(workspace).values_list("pk", "kind"))
    return cards_html(_cards(workspace, list(_shown(contacts_of(workspace).filter(pk=contact_id))), kinds))


def _shown(contacts: Contacts) -> QuerySet[Contact, Row]:
    """What their cards show. Plain values: making the objects took as long as the queries."""
    return contacts.order_by("-id").values(*_SHOWN)


def _column(stage: PipelineStage, count: int, cards: list[Card], asked: Asked) -> Column:
    shown = cards[:PER_COLUMN]
    kept = {name: value for name, value in asked.set_ones().items() if name in ("q", "group", "owner", "tag")}
    return Column(
        id=stage.pk or NONE,
        name=stage.name,
        color=stage.color,
        kind=stage.kind,
        kind_label=str(stage.get_kind_display()),
        count=count,
        cards=cards_html(shown),
        before=shown[-1].id if len(cards) > PER_COLUMN else "",
        contacts=Asked(**kept).address(stage=stage.pk or NONE),
    )


def _counts(workspace: Workspace, contacts: Contacts, asked: Asked) -> Mapping[str | None, int]:
    """How many of the contacts each stage has. What is said of days holds for a day."""
    by_stage = contacts.order_by().values_list("stage_id").annotate(size=Count("*"))
    question = ("board", asked, days_ago(0) if asked.entered else None)
    return remembered(workspace, question, lambda: dict(by_stage))


def _first_of_each(contacts: Contacts, stage_ids: Sequence[str | None]) -> list[str]:
    """The ids of the first contacts of each stage, one more than are shown. One query, in which each part stops
    as soon as it has enough: a window over them all would number every contact first."""
    if not stage_ids:
        return []
    parts = [
        contacts.filter(stage_id=stage_id).order_by("-id").values("pk")[: PER_COLUMN + 1].query.sql_with_params()
        for stage_id in stage_ids
    ]
    sql = " UNION ALL ".join(f"SELECT * FROM ({part}) AS c{place}" for place, (part, _params) in enumerate(parts))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _part, params in parts for value in params])
        return [row[0] for row in cursor.fetchall()]


def _cards(workspace: Workspace, contacts: Sequence[Row], kinds: Mapping[str | None, str]) -> list[Card]:
    """The cards of some contacts, in three queries."""
    keys = [contact["id"] for contact in contacts]
    if not keys:
        return []
    tags, entered, active = tags_of(keys), entered_at(keys), _last_events(workspace, keys)
    base, today = reverse("admin:contacts_contact_changelist"), days_ago(0)
    return [
        _card(
            contact,
            base,
            here=_days_since(entered.get(contact["id"]) or contact["created_at"], today),
            active=_days_since(active.get(contact["id"]) or contact["updated_at"], today),
            is_open=kinds.get(contact["stage_id"]) == PipelineStage.Kind.OPEN,
            tags=[name for _pk, name in tags[contact["id"]]],
        )
        for contact in contacts
    ]


def _card(contact: Row, base: str, *, here: int, active: int, is_open: bool, tags: list[str]) -> Card:
    """``here`` and ``active`` are days: in its stage, and since something happened."""
    name = _full_name(contact, "") or contact["email"] or contact["phone"] or contact["id"]
    return Card(
        id=contact["id"],
        name=name,
        address=f"{base}{contact['id']}/change/",
        detail=contact["company"]
        or contact["job_title"]
        or (contact["email"] if contact["email"] != name else "")
        or "",
        owner=_full_name(contact, "owner__") or contact["owner__username"] or "",
        here=_here(here),
        activity=_ago(active),
        is_stale=is_open and here > STALE_DAYS,
        tags=tags[:SHOWN_TAGS],
        more_tags=tags[SHOWN_TAGS:],
    )


def _full_name(row: Row, prefix: str) -> str:
    return f"{row[f'{prefix}first_name'] or ''} {row[f'{prefix}last_name'] or ''}".strip()


def _last_events(workspace: Workspace, contact_ids: Sequence[str]) -> dict[str, datetime]:
    """When something last happened to each: a change, an e-mail, an answer."""
    events = Event.objects.of(workspace).filter(subject_id__in=contact_ids).order_by()
    last = events.values_list("subject_id").annotate(last=Max("id"))
    return {contact_id: ids.made_at(event_id) for contact_id, event_id in last}


def _days_since(moment: datetime, today: datetime) -> int:
    """How many midnights lie between the moment and now; ``today`` is the last one."""
    return 0 if moment >= today else 1 + (today - moment).days


def _here(days: int) -> str:
    if not days:
        return _("here since today")
    return ngettext("%(count)d day here", "%(count)d days here", days) % {"count": days}


def _ago(days: int) -> str:
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days} if days else _("today")
