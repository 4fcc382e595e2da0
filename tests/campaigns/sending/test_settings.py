"""Settings as the API takes and shows them."""

from typing import Any

import pytest

from campaigns.sending.calendar import InvalidSettings, default_settings, parse_settings

DEFAULTS = {
    "sendDays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "sendHoursStart": 9,
    "sendHoursEnd": 18,
    "timezone": "UTC",
    "maxEmailsPerHour": 30,
}


def test_nothing_given_is_the_defaults() -> None:
    assert parse_settings({}).as_json() == DEFAULTS
    assert parse_settings({}, default_settings("Asia/Kolkata")).as_json() == DEFAULTS | {"timezone": "Asia/Kolkata"}


def test_keys_merge_one_by_one_over_what_was_there() -> None:
    before = parse_settings({"sendDays": ["sunday", "monday", "sunday"], "timezone": "Asia/Kolkata"})
    after = parse_settings({"maxEmailsPerHour": 1, "sendHoursEnd": 24, "other": object()}, before)
    assert after.as_json() == {
        "sendDays": ["monday", "sunday"],
        "sendHoursStart": 9,
        "sendHoursEnd": 24,
        "timezone": "Asia/Kolkata",
        "maxEmailsPerHour": 1,
    }
    assert parse_settings(after.as_json()) == after


WRONG: dict[str, list[Any]] = {
    "sendDays": [[], None, "monday", {"monday": 1}, ["Monday"], ["funday"], ["monday", 0], [["monday"]], [None]],
    "sendHoursStart": [-1, 24, 9.5, True, "9", None, 10**5000],
    "sendHoursEnd": [0, 25, 18.5, float("inf"), True, "18", None, -(10**5000)],
    "timezone": ["Mars/Olympus", "", None, 1, "../etc/passwd", "Europe", "europe/paris", "localtime", "a\0", "\ud800"],
    "maxEmailsPerHour": [0, -1, 1.5, 1e7, True, "30", None, 10**5000],
}


CASES = [(name, number) for name, values in WRONG.items() for number in range(len(values))]


@pytest.mark.parametrize("name, number", CASES)
def test_a_bad_value_is_named(name: str, number: int) -> None:
    with pytest.raises(InvalidSettings) as caught:
        parse_settings({name: WRONG[name][number]})
    assert list(caught.value.problems) == [name]
    assert [message[:7] for message in caught.value.problems[name]] == ["Must be"]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert parse_settings({"sendHoursStart": 8.0}).as_json()["sendHoursStart"] == 8


def test_every_bad_field_is_named_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        parse_settings({name: values[0] for name, values in WRONG.items()})
    assert caught.value.problems == {
        "sendDays": [
            "Must be a list of at least one of monday, tuesday, wednesday, thursday, friday, saturday, sunday"
        ],
        "sendHoursStart": ["Must be a whole number from 0 to 23"],
        "sendHoursEnd": ["Must be a whole number from 1 to 24"],
        "timezone": ['Must be the name of an IANA time zone, such as "Europe/Paris"'],
        "maxEmailsPerHour": ["Must be a whole number from 1 to 1000000"],
    }


@pytest.mark.parametrize(
    "data, problems",
    [
        ({"sendHoursStart": 18}, {"sendHoursStart": ["Must be less than sendHoursEnd (18)"]}),
        ({"sendHoursEnd": 9}, {"sendHoursEnd": ["Must be greater than sendHoursStart (9)"]}),
        (
            {"sendHoursStart": 20, "sendHoursEnd": 8},
            {"sendHoursEnd": ["Must be greater than sendHoursStart (20)"]},
        ),
    ],
)
def test_hours_out_of_order_are_named_where_they_were_given(data: dict[str, int], problems: object) -> None:
    with pytest.raises(InvalidSettings) as caught:
        parse_settings(data)
    assert caught.value.problems == problems


@pytest.mark.parametrize("data", [[], None, "monday", 3])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(InvalidSettings, match="settings: Must be a JSON object"):
        parse_settings(data)


def test_an_unknown_default_zone_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="timezone"):
        default_settings("Mars/Olympus")
