"""The pipeline's board: who is where, moving, filters that stay, nothing foreign, few queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.admin import board_cards
from contacts.changes.contacts import Edit, edit_many
from contacts.changes.groups import create_group
from contacts.models import Contact, PipelineStage, StageMove
from fluenzr_site.api import totals
from fluenzr_site.core import clock
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import BY

BOARD = "admin:contacts_board"
Make = Callable[..., Contact]


@pytest.fixture
def stages(acme: Workspace) -> list[PipelineStage]:
    return list(PipelineStage.objects.of(acme))


def shown(client: Client, **asked: str) -> dict[str, Any]:
    page = client.get(reverse(BOARD), asked)
    assert page.status_code == 200
    return {column.name: column for column in page.context["columns"]}


def counts(client: Client, **asked: str) -> dict[str, int]:
    return {name: column.count for name, column in shown(client, **asked).items() if column.count}


def move(client: Client, contact: str, seen: str, stage: str, **more: str) -> Any:
    return client.post(reverse("admin:contacts_board_move"), {"contact": contact, "seen": seen, "stage": stage, **more})


def been_there(contact: Contact, days: int) -> None:
    StageMove.objects.filter(contact=contact).update(moved_at=clock.now() - timedelta(days=days))


def test_a_card_tells_what_matters(
    admin: Client, acme: Workspace, ada: User, contact: Make, stages: list[PipelineStage]
) -> None:
    ann = contact("ann@x.co", firstName="Ann", company="Acme & Co", tags=["vip"], pipelineStageId=stages[0].pk)
    edit_many(acme, [ann.pk], Edit(owner_id=ada.pk, owner_given=True), by=BY)
    been_there(ann, 3)
    card = shown(admin)["Lead"].cards
    for said in ("Ann", "Acme &amp; Co", "vip", "3 days here", "Owner: ada", ann.pk):
        assert said in card
    assert "No move for a long time" not in card


def test_columns_have_exact_counts_and_the_newest_cards(
    admin: Client, contact: Make, stages: list[PipelineStage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_cards, "PER_COLUMN", 2)
    made = [contact(f"a{number}@x.co", pipelineStageId=stages[0].pk) for number in range(5)]
    contact("nowhere@x.co")
    columns = shown(admin)
    assert {name: column.count for name, column in columns.items()} | {"Lead": 5, "No stage": 1} == {
        "No stage": 1, "Lead": 5, "Qualified": 0, "Proposal": 0, "Negotiation": 0, "Won": 0, "Lost": 0,
    }  # fmt: skip
    lead = columns["Lead"]
    assert made[4].pk in lead.cards and made[3].pk in lead.cards and made[2].pk not in lead.cards
    more = admin.get(reverse("admin:contacts_board_more"), {"stage": stages[0].pk, "before": lead.before}).json()
    assert made[2].pk in more["html"] and made[1].pk in more["html"] and made[3].pk not in more["html"]
    rest = admin.get(reverse("admin:contacts_board_more"), {"stage": stages[0].pk, "before": more["before"]}).json()
    assert made[0].pk in rest["html"] and rest["before"] == ""


def test_cards_of_open_stages_grow_stale(admin: Client, contact: Make, stages: list[PipelineStage]) -> None:
    old, young = (contact(f"{name}@x.co", pipelineStageId=stages[0].pk) for name in ("old", "young"))
    won = contact("won@x.co", pipelineStageId=stages[4].pk)
    Contact.objects.update(created_at=clock.now() - timedelta(days=90))
    been_there(old, 15)
    been_there(young, 14)
    been_there(won, 60)
    assert shown(admin)["Lead"].cards.count("flz-tile-stale") == 1
    assert "No move for a long time" not in shown(admin)["Won"].cards
    stale = shown(admin, entered="stale")
    assert old.pk in stale["Lead"].cards
    assert {name: column.count for name, column in stale.items() if column.count} == {"Lead": 1}
    assert counts(admin, entered="30") == {"Lead": 2}
    assert counts(admin, entered="90") == {"Lead": 2, "Won": 1}


def test_a_move_is_kept_with_who_and_why(
    member: Client, mia: User, acme: Workspace, contact: Make, stages: list[PipelineStage]
) -> None:
    ann = contact("ann@x.co", firstName="Ann", pipelineStageId=stages[0].pk)
    answer = move(member, ann.pk, stages[0].pk, stages[4].pk, note=" She signed. ")
    assert (answer.status_code, answer.json()["message"]) == (200, "Moved Ann to “Won”.")
    assert "here since today" in answer.json()["card"]
    ann.refresh_from_db()
    assert ann.stage == stages[4]
    kept = StageMove.objects.filter(contact=ann).latest("id")
    assert (kept.from_stage, kept.to_stage, kept.actor, kept.note) == (
        stages[0], stages[4], f"user:{mia.pk}", "She signed.",
    )  # fmt: skip
    assert Event.objects.of(acme).about(ann.pk)[0].actor == f"user:{mia.pk}"
    assert move(member, ann.pk, stages[4].pk, "none").json()["stage"] == "none"
    ann.refresh_from_db()
    assert ann.stage is None


def test_taking_a_move_back_takes_the_time_back_too(admin: Client, contact: Make, stages: list[PipelineStage]) -> None:
    ann = contact("ann@x.co", pipelineStageId=stages[0].pk)
    been_there(ann, 9)
    move(admin, ann.pk, stages[0].pk, stages[4].pk)
    move(admin, ann.pk, stages[4].pk, stages[0].pk)
    assert StageMove.objects.filter(contact=ann).count() == 3
    assert "9 days here" in shown(admin)["Lead"].cards


def test_a_card_that_somebody_else_moved_is_refused(
    admin: Client, acme: Workspace, contact: Make, stages: list[PipelineStage]
) -> None:
    ann = contact("ann@x.co", firstName="Ann", pipelineStageId=stages[0].pk)
    edit_many(acme, [ann.pk], Edit(stage_id=stages[2].pk, stage_given=True), by=BY)
    answer = move(admin, ann.pk, stages[0].pk, stages[1].pk)
    assert (answer.status_code, answer.json()["stage"]) == (409, stages[2].pk)
    assert "Proposal" in answer.json()["message"]
    assert move(admin, ann.pk, stages[0].pk, stages[2].pk).status_code == 200
    assert StageMove.objects.filter(contact=ann).count() == 2


def test_what_is_gone_is_refused(admin: Client, contact: Make, stages: list[PipelineStage]) -> None:
    ann = contact("ann@x.co", pipelineStageId=stages[0].pk)
    assert move(admin, "con_00000000000000000000", "none", stages[1].pk).status_code == 404
    assert move(admin, ann.pk, stages[0].pk, "stg_00000000000000000000").status_code == 400
    assert admin.get(reverse("admin:contacts_board_move")).status_code == 405


def test_nothing_of_another_workspace(
    admin: Client, contact: Make, zebras: dict[str, str], stages: list[PipelineStage]
) -> None:
    ann = contact("ann@x.co", pipelineStageId=stages[0].pk)
    assert "zebra" not in admin.get(reverse(BOARD)).text.lower()
    assert move(admin, zebras["contact"], zebras["pipelinestage"], stages[0].pk).status_code == 404
    assert move(admin, ann.pk, stages[0].pk, zebras["pipelinestage"]).status_code == 400
    foreign = {"stage": zebras["pipelinestage"], "before": "con_zzzzzzzzzzzzzzzzzzzz"}
    assert admin.get(reverse("admin:contacts_board_more"), foreign).status_code == 404
    assert counts(admin, group=zebras["group"]) == counts(admin, tag="zebra-tag") == {}
    assert Contact.objects.get(pk=zebras["contact"]).stage_id == zebras["pipelinestage"]
    ann.refresh_from_db()
    assert ann.stage == stages[0]


@pytest.mark.parametrize("name", ["contacts_board", "contacts_board_stats", "contacts_board_more"])
def test_strangers_stay_outside(db: None, name: str) -> None:
    assert Client().get(reverse(f"admin:{name}")).status_code == 302
    outsider = Client()
    outsider.force_login(User.objects.create(username="nobody", is_staff=True))
    assert outsider.get(reverse(f"admin:{name}")).status_code == 403


def test_filters(admin: Client, acme: Workspace, ada: User, contact: Make, stages: list[PipelineStage]) -> None:
    group = create_group(acme, {"name": "Readers"})
    ann = contact("ann@x.co", firstName="Ann", tags=["vip"], groupIds=[group.pk], pipelineStageId=stages[0].pk)
    contact("ben@x.co", company="Bolts", pipelineStageId=stages[1].pk)
    edit_many(acme, [ann.pk], Edit(owner_id=ada.pk, owner_given=True), by=BY)
    ann_only = {"Lead": 1}
    for asked in ({"group": group.pk}, {"tag": "VIP"}, {"owner": str(ada.pk)}, {"q": "ann"}):
        assert counts(admin, **asked) == ann_only
    assert counts(admin, owner="none") == counts(admin, q="bolts") == {"Qualified": 1}
    assert counts(admin, owner="none", q="ann") == counts(admin, owner="x\0", group="\0") == {}
    assert counts(admin, entered="nonsense", clear="1") == {"Lead": 1, "Qualified": 1}


def test_filters_stay_until_they_are_cleared(admin: Client, contact: Make) -> None:
    contact("ann@x.co", tags=["vip"])
    page = admin.get(reverse(BOARD), {"tag": "vip", "q": "ann"})
    said = {chip.said: chip.without for chip in page.context["chips"]}
    assert said == {"search: ann": "?tag=vip", "tag: vip": "?q=ann"}
    back = admin.get(reverse(BOARD))
    assert (back.status_code, back.headers["Location"]) == (302, reverse(BOARD) + "?q=ann&tag=vip")
    assert admin.get(reverse(BOARD) + "?clear=1").context["chips"] == []
    assert admin.get(reverse(BOARD)).status_code == 200


def test_an_empty_board_says_what_to_do(admin: Client, contact: Make) -> None:
    assert "Nobody is in the pipeline yet" in admin.get(reverse(BOARD)).text
    contact("ann@x.co")
    assert "Nobody is in the pipeline yet" not in admin.get(reverse(BOARD)).text


def test_names_are_inert(admin: Client, contact: Make) -> None:
    contact("ann@x.co", firstName='"><script>alert(1)</script>', company="<b>x", tags=["<i>"])
    assert "<script>alert" not in admin.get(reverse(BOARD)).text
    assert "<b>x" not in admin.get(reverse(BOARD)).text


# Stages; counts, cards, their contacts, tags, moves and events; what the menus of groups and tags offer.
OWN = 9
TABLES = ("contacts_", "events_event")


def test_more_cards_cost_no_more_queries(admin: Client, contact: Make, stages: list[PipelineStage]) -> None:
    def queries() -> list[str]:
        totals._remembered.clear()
        with CaptureQueriesContext(connection) as asked:
            admin.get(reverse(BOARD) + "?clear=1")
        return [query["sql"] for query in asked]

    contact("a@x.co", tags=["vip"], pipelineStageId=stages[0].pk)
    contact("none@x.co")
    queries()
    few = queries()
    for number in range(12):
        contact(f"b{number}@x.co", tags=[f"t{number}"], pipelineStageId=stages[number % 6].pk)
    many = queries()
    assert len(many) == len(few)
    assert len([sql for sql in many if any(f'FROM "{table}' in sql for table in TABLES)]) == OWN
