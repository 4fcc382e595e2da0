"""The pipeline's figures as a page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.admin.board_statistics import lasted, percent
from contacts.changes.contacts import Edit, edit_many
from contacts.changes.pipeline import move_contact
from contacts.models import Contact, PipelineStage, StageMove
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import BY

STATS = "admin:contacts_board_stats"
Make = Callable[..., Contact]


def test_without_moves_it_says_so(admin: Client, contact: Make) -> None:
    contact("ann@x.co")
    assert "Not enough moves yet" in admin.get(reverse(STATS)).text


@pytest.fixture
def closed(acme: Workspace, ada: User, contact: Make) -> list[Contact]:
    """Ann, whom Ada won after four days; Ben, who belongs to nobody and was lost."""
    lead, won, lost = (PipelineStage.objects.of(acme).get(name=name) for name in ("Lead", "Won", "Lost"))
    people = [contact(f"{name}@x.co", pipelineStageId=lead.pk) for name in ("ann", "ben")]
    StageMove.objects.update(moved_at=clock.now() - timedelta(days=4, hours=1))
    for person, stage in zip(people, (won, lost), strict=True):
        move_contact(acme, person.pk, stage.pk, seen=lead.pk, by=BY)
    edit_many(acme, [people[0].pk], Edit(owner_id=ada.pk, owner_given=True), by=BY)
    return people


def test_the_figures_and_what_they_lead_to(admin: Client, acme: Workspace, closed: list[Contact]) -> None:
    page = admin.get(reverse(STATS))
    rows = {row.stage.name: row for row in page.context["rows"]}
    lead, won = rows["Lead"], rows["Won"]
    assert (lead.figures.entered, lead.went_on, lead.lost, lead.median, lead.here) == (2, "50 %", "50 %", "4 days", 0)
    assert (won.figures.entered, won.here) == (1, 1)
    assert page.context["rate"] == "50 %"
    assert "it says little yet" in page.text
    list_of_won = admin.get(reverse("admin:contacts_contact_changelist") + won.link)
    assert [each.pk for each in list_of_won.context["cl"].result_list] == [closed[0].pk]
    assert {row.name: (row.closing.won, row.closing.lost) for row in page.context["owners"]} == {
        "ada": (1, 0), "Nobody": (0, 1),
    }  # fmt: skip


def test_owner_group_and_period_narrow(admin: Client, ada: User, closed: list[Contact], zebras: dict[str, str]) -> None:
    def rate(**asked: str) -> str:
        return str(admin.get(reverse(STATS), asked).context["rate"])

    assert (rate(owner=str(ada.pk)), rate(owner="none")) == ("100 %", "0 %")
    assert rate(group=zebras["group"]) == "–"
    StageMove.objects.update(moved_at=clock.now() - timedelta(days=200))
    closed[0].workspace.touch()
    assert (rate(period="30"), rate(period="365")) == ("–", "50 %")
    page = admin.get(reverse(STATS), {"period": "30", "owner": "none"})
    assert [(chip.said, chip.without) for chip in page.context["chips"]] == [("owner: Nobody's", "?period=30")]


def test_free_days_are_told_as_they_stood_at_their_end(
    admin: Client, ada: User, closed: list[Contact], acme: Workspace
) -> None:
    today = clock.now().date()
    first, last = (today - timedelta(days=days) for days in (6, 2))
    days = {"from": first.isoformat(), "to": last.isoformat()}
    page = admin.get(reverse(STATS), {**days, "owner": str(ada.pk)})
    # Ann came to be a lead four days ago, and was won today.
    lead = next(row for row in page.context["rows"] if row.stage.name == "Lead")
    assert (lead.figures.entered, lead.went_on, lead.figures.remaining) == (1, "0 %", 1)
    assert (page.context["closing"].moved, page.context["closing"].won) == (1, 0)
    assert sum(int(numbers[0]) for _day, numbers in page.context["chart"].rows) == 1
    chips = {chip.said.partition(":")[0]: chip.without for chip in page.context["chips"]}
    assert chips == {"period": f"?owner={ada.pk}&period=90", "owner": f"?from={first}&to={last}"}
    assert f'<input type="hidden" name="from" value="{first}">' in page.text
    earlier = {"from": (first - timedelta(days=9)).isoformat(), "to": first.isoformat()}
    assert "Not enough moves yet" in admin.get(reverse(STATS), earlier).text
    assert admin.get(reverse(STATS), {**earlier, "period": "30"}).context["closing"].moved == 2


@pytest.mark.parametrize(("first", "last"), [("x", ""), ("0001-01-01", "9999-12-31"), ("2026-01-02", "2026-01-01")])
def test_wrong_days_are_the_usual_ones_and_say_so(admin: Client, closed: list[Contact], first: str, last: str) -> None:
    page = admin.get(reverse(STATS), {"from": first, "to": last})
    assert (page.status_code, page.context["period"].name) == (200, "90")
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, "–"),
        (timedelta(), "0 minutes"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_how_long_in_words(time: timedelta | None, said: str) -> None:
    assert lasted(time) == said


def test_no_rate_is_a_dash() -> None:
    assert (percent(None), percent(0), percent(1 / 3)) == ("–", "0 %", "33 %")
