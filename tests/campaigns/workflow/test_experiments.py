import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.workflow.experiments import Decision, Tally, assign, confidence, decide


@pytest.mark.parametrize("split", [1, 10, 50, 90, 99])
def test_shares_follow_the_split(split: int) -> None:
    count = 20_000
    share = sum(assign("cam_1", "n1", f"con_{number}", split) == "b" for number in range(count)) / count
    # Five standard deviations.
    assert abs(share - split / 100) < 5 * math.sqrt(split * (100 - split) / 10_000 / count)


def test_assignment_stays_the_same_for_ever() -> None:
    drawn = "".join(assign("cam_1", "n1", f"con_{number}", 50) for number in range(20))
    assert drawn == "bbabbbaabbaaabbbabba"


def test_growing_the_split_moves_nobody_from_b_to_a() -> None:
    before = [number for number in range(2000) if assign("c", "n", str(number), 30) == "b"]
    assert all(assign("c", "n", str(number), 60) == "b" for number in before)


@pytest.mark.parametrize("other", [("cam_2", "n1"), ("cam_1", "n2")])
def test_each_experiment_draws_anew(other: tuple[str, str]) -> None:
    same = sum(assign("cam_1", "n1", str(n), 50) == assign(*other, str(n), 50) for n in range(10_000))
    assert 4_700 < same < 5_300


def test_ids_are_not_joined() -> None:
    drawn = {assign("ab", "c", str(n), 50) == assign("a", "bc", str(n), 50) for n in range(50)}
    assert drawn == {True, False}


def test_any_id_and_only_percentages() -> None:
    assert assign("\ud800", "", "\x00", 100) == "b"
    assert assign("\ud800", "", "\x00", 0) == "a"
    for split in (-1, 101, math.nan):
        with pytest.raises(ValueError, match="percentage"):
            assign("c", "n", "x", split)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # 20 of 100 against 30 of 100: pooled 0.25, z = 0.1 / sqrt(0.1875 × 0.02) = 1.63299, p = 0.10247.
        ((20, 100, 30, 100), 0.89753),
        # 100 of 1000 against 150 of 1000: z = 0.05 / sqrt(0.125 × 0.875 × 0.002) = 3.38062, p = 0.000723.
        ((100, 1000, 150, 1000), 0.999277),
        # 50 of 500 against 20 of 100: pooled 70/600, z = 0.1 / sqrt(0.103056 × 0.012) = 2.84364, p = 0.00446.
        ((50, 500, 20, 100), 0.99554),
    ],
)
def test_two_proportion_z_test(counts: tuple[int, int, int, int], expected: float) -> None:
    assert confidence(*counts) == pytest.approx(expected, abs=1e-5)
    assert confidence(*counts[2:], *counts[:2]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (0, 10, 0, 10), (10, 10, 10, 10), (5, 5, 0, 0)])
def test_nothing_can_be_said(counts: tuple[int, int, int, int]) -> None:
    assert confidence(*counts) == 0.0


def test_better_rate_wins_once_sample_and_wait_are_reached() -> None:
    a, b = Tally(100, opened=20, clicked=9, replied=2), Tally(100, opened=30, clicked=5, replied=2)
    assert decide(a, b, "opened", sample=200, waited=True) == Decision("b", confidence(20, 100, 30, 100), "better_rate")
    assert decide(a, b, "clicked", sample=None, waited=True).winner == "a"
    assert decide(a, b, "replied", sample=200, waited=True) == Decision(None, 0.0, "no_difference")
    assert decide(a, b, "opened", sample=201, waited=True).reason == "sample_too_small"
    waiting = decide(a, b, "opened", sample=200, waited=False)
    assert (waiting.winner, waiting.reason) == (None, "waiting")
    assert waiting.significance > 0.89


def test_a_version_nobody_got_never_loses() -> None:
    assert decide(Tally(50, opened=9), Tally(), "opened", sample=10, waited=True).reason == "sample_too_small"


def test_unknown_criterion() -> None:
    with pytest.raises(ValueError, match="opened, clicked, replied"):
        decide(Tally(), Tally(), "delivered", sample=1, waited=True)


@given(*[st.builds(Tally, *[st.integers(-5, 10**12)] * 4)] * 2, st.none() | st.integers(-1, 10**6), st.booleans())
def test_any_counts(a: Tally, b: Tally, sample: int | None, waited: bool) -> None:
    decision = decide(a, b, "clicked", sample=sample, waited=waited)
    assert 0 <= decision.significance <= 1
    mirrored = decide(b, a, "clicked", sample=sample, waited=waited)
    assert mirrored.winner == {"a": "b", "b": "a", None: None}[decision.winner]
    assert mirrored.significance == pytest.approx(decision.significance, abs=1e-6)
