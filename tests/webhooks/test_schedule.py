"""What follows each answer, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from fluenzr_site.webhooks.answer import Answer, parse_retry_after
from fluenzr_site.webhooks.schedule import Verdict, after

FIRST = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OFFSETS = [0 * MINUTE, MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
@pytest.mark.parametrize("attempt", [1, 5])
def test_2xx_is_delivered(status: int, attempt: int) -> None:
    assert after(attempt, Answer(status), FIRST, FIRST) == Verdict("delivered")


@pytest.mark.parametrize("status", [None, 101, 300, 301, 302, 307, 429, 500, 502, 503, 504, 599, 999])
def test_these_are_tried_again_on_schedule_and_fail_after_the_fifth(status: int | None) -> None:
    now, tried = FIRST, []
    for attempt in range(1, 6):
        tried.append(now - FIRST)
        verdict = after(attempt, Answer(status, "an error"), FIRST, now + 20 * SECOND)
        if verdict.retry_at:
            assert verdict.outcome == "retry"
            now = verdict.retry_at
    assert tried == OFFSETS
    assert verdict == Verdict("failed")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 413, 422, 451, 499])
def test_4xx_is_final(status: int) -> None:
    assert after(1, Answer(status), FIRST, FIRST) == Verdict("failed")


@pytest.mark.parametrize("attempt", [1, 5])
def test_410_wants_no_more_of_anything(attempt: int) -> None:
    assert after(attempt, Answer(410), FIRST, FIRST) == Verdict("disabled")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (0, FIRST + MINUTE),
        (10, FIRST + MINUTE),
        (600, FIRST + 30 * SECOND + 10 * MINUTE),
        (1e11, FIRST + 30 * SECOND + timedelta(hours=24)),
        (FIRST - timedelta(days=9), FIRST + MINUTE),
        (FIRST + 7 * MINUTE, FIRST + 7 * MINUTE),
        (FIRST + timedelta(days=9), FIRST + 30 * SECOND + timedelta(hours=24)),
    ],
)
def test_retry_after_is_heeded_but_never_hastens(status: int, asked: float | datetime, expected: datetime) -> None:
    answer = Answer(status, retry_after=asked)
    assert after(1, answer, FIRST, FIRST + 30 * SECOND) == Verdict("retry", expected)


@pytest.mark.parametrize("status", [301, 500, 502])
def test_others_cannot_ask_for_time(status: int) -> None:
    assert after(1, Answer(status, retry_after=600), FIRST, FIRST) == Verdict("retry", FIRST + MINUTE)


def test_asking_for_time_makes_no_sixth_attempt() -> None:
    assert after(5, Answer(503, retry_after=600), FIRST, FIRST + 120 * MINUTE) == Verdict("failed")


def test_after_a_long_wait_the_rest_is_not_spent_in_a_burst() -> None:
    late = FIRST + timedelta(hours=9)
    assert after(2, Answer(500), FIRST, late).retry_at == late + 4 * MINUTE
    assert after(4, Answer(500), FIRST, late).retry_at == late + 90 * MINUTE


def test_a_clock_set_back_loses_nothing() -> None:
    assert after(1, Answer(500), FIRST, FIRST - 60 * MINUTE) == Verdict("retry", FIRST + MINUTE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 28, tzinfo=UTC)),
        ("Wed, 21 Oct 2026 07:28:00 -0000", datetime(2026, 10, 21, 7, 28, tzinfo=UTC)),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", datetime(2026, 10, 21, 7, 28, tzinfo=UTC)),
        *[(text, None) for text in ("", "soon", "-1", "1.5", "١٢", "9" * 400, "Wed, 99 Oct 2026 07:28:00 GMT", "\0")],
    ],
)
def test_retry_after_is_read(text: str, expected: float | datetime | None) -> None:
    assert parse_retry_after(text) == expected
