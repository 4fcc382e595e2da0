"""What the moves of a pipeline amount to: stated for any moves, then read from the database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.changes.contacts import create
from contacts.changes.pipeline import move_contact
from contacts.cleaning import clean
from contacts.models import PipelineStage, StageMove
from contacts.queries import contacts_of
from contacts.stats.figures import SLIP, Closing, Figures, Move, Tally, stays_of, without_slips
from contacts.stats.pipeline import entered_at, figures_of
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import create_workspace

BY = Actor("command", "test")
KINDS = {"lead": "open", "offer": "open", "won": "won", "lost": "lost"}
START = datetime(2026, 1, 1, tzinfo=UTC)
PARTS = [START + timedelta(days=days) for days in (0, 10, 20)]


@st.composite
def histories(draw: st.DrawFn) -> list[Move]:
    """One contact's moves, each from where the last one led, in time (some at the same moment)."""
    places = draw(st.lists(st.sampled_from([*KINDS, None, "deleted"]), max_size=8))
    hours = draw(st.lists(st.integers(0, 400), min_size=len(places), max_size=len(places)))
    at, before, moves = START - timedelta(days=15), None, []
    for place, gap in zip(places, hours, strict=True):
        at += timedelta(hours=gap, minutes=gap % 7)
        if place != before:
            moves.append(Move(before, place, at))
            before = place
    return moves


@settings(max_examples=40)
@given(st.lists(histories(), max_size=6), st.integers(0, 30))
def test_a_period_that_is_over_is_told_as_it_stood_then(everybody: list[list[Move]], days: int) -> None:
    until = START + timedelta(days=days)
    past, then = Tally(KINDS, PARTS, until), Tally(KINDS, PARTS)
    for moves in everybody:
        past.take(moves)
        # A slip that was taken back after the end was none, then as now.
        then.take([move for move in without_slips(moves) if move.at < until])
    assert past.figures == then.figures


def tallied(*all_moves: list[Move]) -> Figures:
    tally = Tally(KINDS, PARTS)
    for moves in all_moves:
        tally.take(moves)
    return tally.figures


@settings(max_examples=40)
@given(st.lists(histories(), max_size=6))
def test_nothing_is_counted_that_did_not_enter(everybody: list[list[Move]]) -> None:
    figures = tallied(*everybody)
    for name, stage in figures.stages.items():
        assert 0 <= stage.went_on <= stage.entered <= len(everybody)
        assert stage.went_on + stage.lost + stage.remaining == stage.entered
        assert stage.remaining >= 0
        assert stage.left <= len(everybody)
        assert stage.left <= len(stage.stays)
        assert sum(figures.entries[name]) >= stage.entered
        assert stage.conversion is None or 0 <= stage.conversion <= 1
    assert figures.closing.won + figures.closing.lost <= figures.closing.moved <= len(everybody)


@settings(max_examples=40)
@given(st.lists(histories(), max_size=6))
def test_times_are_never_negative(everybody: list[list[Move]]) -> None:
    for stage in tallied(*everybody).stages.values():
        assert all(stay >= timedelta() for stay in stage.stays)
        if stage.stays:
            assert stage.median is not None and stage.average is not None
            assert min(stage.stays) - SLIP / 300 <= stage.median <= max(stage.stays) + SLIP / 300


@settings(max_examples=40)
@given(st.lists(histories(), max_size=6), st.randoms())
def test_whose_moves_come_first_does_not_matter(everybody: list[list[Move]], random: object) -> None:
    shuffled = list(everybody)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = tallied(*everybody), tallied(*shuffled)
    for stage in (*one.stages.values(), *other.stages.values()):
        stage.stays.sort()
    assert (one.stages, one.entries, one.closing) == (other.stages, other.entries, other.closing)


@settings(max_examples=40)
@given(histories())
def test_a_slip_leaves_no_trace(moves: list[Move]) -> None:
    last = without_slips(moves)[-1] if without_slips(moves) else Move(None, "lead", START)
    elsewhere = "won" if last.after != "won" else "lost"
    # Far enough behind the last move that this isn't taken for its taking back.
    at = last.at + 2 * SLIP
    slip = [Move(last.after, elsewhere, at), Move(elsewhere, last.after, at + SLIP)]
    assert without_slips([*without_slips(moves), *slip]) == without_slips(moves)


@settings(max_examples=40)
@given(histories())
def test_stays_follow_one_another(moves: list[Move]) -> None:
    stays = stays_of(moves)
    for stay, following in zip(stays, stays[1:], strict=False):
        assert stay.until is not None and stay.since <= stay.until <= following.since


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_the_figures_of_some_histories() -> None:
    figures = tallied(
        [Move(None, "lead", day(1)), Move("lead", "offer", day(3)), Move("offer", "won", day(8))],
        [Move(None, "lead", day(2)), Move("lead", "lost", day(6))],
        [Move(None, "lead", day(12))],
        # Back in a stage: once for the stage, twice for its stays.
        [Move(None, "lead", day(1)), Move("lead", "offer", day(2)), Move("offer", "lead", day(4))],
        # Won, and opened again: neither won nor lost.
        [Move("lead", "won", day(5)), Move("won", "offer", day(9))],
        # Before the period.
        [Move(None, "won", day(-3))],
    )
    lead, offer = figures.stages["lead"], figures.stages["offer"]
    assert (lead.entered, lead.went_on, lead.lost, lead.remaining, lead.left) == (4, 2, 1, 1, 3)
    assert (offer.entered, offer.went_on, offer.left) == (3, 1, 2)
    assert (lead.median, lead.average) == (timedelta(days=2), timedelta(days=7) / 3)
    assert figures.entries["lead"] == [4, 1, 0]
    assert figures.closing == Closing(moved=5, won=1, lost=1)
    assert figures.closing.rate == 0.5


def test_nothing_known_is_no_rate() -> None:
    figures = tallied()
    assert figures.closing.rate is None
    assert figures.stages["lead"].conversion is figures.stages["lead"].median is figures.stages["lead"].average is None


@pytest.mark.django_db
def test_figures_of_a_workspace_are_its_own() -> None:
    acme, zebra = create_workspace("Acme"), create_workspace("Zebra")
    stages = list(PipelineStage.objects.of(acme))
    for workspace in (acme, zebra):
        lead, won = PipelineStage.objects.of(workspace)[0], PipelineStage.objects.of(workspace).get(name="Won")
        draft = clean({"email": "ann@x.co", "pipelineStageId": lead.pk}, needs_email=True)
        contact_id = create(workspace, draft, by=BY)
        StageMove.objects.filter(to_stage=lead).update(moved_at=clock.now() - timedelta(days=3))
        move_contact(workspace, contact_id, won.pk, seen=lead.pk, note="called", by=BY)
        StageMove.objects.filter(to_stage=won).update(moved_at=clock.now() - timedelta(days=1))
    figures = figures_of(contacts_of(acme), stages, [clock.now() - timedelta(days=7)])
    assert figures.closing == Closing(moved=1, won=1)
    assert [stage.entered for stage in figures.stages.values()] == [1, 0, 0, 0, 1, 0]
    assert figures.stages[stages[0].pk].stays[0].days == 2
    contact = contacts_of(acme).get()
    assert (clock.now() - entered_at([contact.pk])[contact.pk]).days == 1
    assert StageMove.objects.filter(contact=contact, note="called").count() == 1
