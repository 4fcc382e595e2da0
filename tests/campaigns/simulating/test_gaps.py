"""Variables that come out as nothing are named; those with a fallback, or that aren't shown, are not."""

import pytest

from campaigns.composing.message import prepare
from campaigns.simulating.gaps import compared, empty_variables

ANN = {"firstName": "Ann", "company": " ", "plan": "pro"}


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("{{firstName}}", ()),
        ("{{company}} {{company}}", ("company",)),
        ("{{company|your company}}", ()),
        ("{{lastName|uppercase}} {{company}}", ("lastName", "company")),
        ("{% if company %}at {{company}}{% else %}hello{% endif %}", ()),
        ("{% if not company %}{{company}}{% endif %}", ("company",)),
        ('{% if plan == "pro" %}{{lastName}}{% else %}{{company}}{% endif %}', ("lastName",)),
        ('{% if plan != "pro" %}{{lastName}}{% elif company %}{{company}}{% endif %}', ()),
    ],
)
def test_what_is_shown_without_a_value(body: str, missing: tuple[str, ...]) -> None:
    assert empty_variables(prepare("Hi", body), ANN) == missing


def test_the_subject_counts_too() -> None:
    assert empty_variables(prepare("{{company}}", "Hi"), ANN) == ("company",)


def test_only_what_is_compared_needs_its_very_value() -> None:
    assert compared(prepare("{{company}}", '{% if plan == "pro" %}{% if company %}x{% endif %}{% endif %}')) == {"plan"}
