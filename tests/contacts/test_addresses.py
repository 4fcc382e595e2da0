import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.addresses import MAX_LENGTH, InvalidAddress, first_in_cell, normalise

# The first text drawn builds the table of all characters, which takes a while on a busy machine.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LETTERS = "abZ09.@-_+ \t\x00\"'<>,;/|é\u0130ßＡ．名\u200b\ufeff\ud800"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("  Jane.Doe@Example.COM ", "jane.doe@example.com"),
        ("paul+news@example.test", "paul+news@example.test"),
        ("x@doe.invalid", "x@doe.invalid"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("owner@xn--caf-dma.com", "owner@café.com"),
        ("hans@München.de", "hans@münchen.de"),
        ("ömil@example.invalid", "ömil@example.invalid"),
        ("जॉन@उदाहरण.भारत", "जॉन@उदाहरण.भारत"),
    ],
)
def test_valid(text: str, address: str) -> None:
    assert normalise(text) == unicodedata.normalize("NFC", address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "plain", "bademail@", "@example.com", "a@b", "a@@b.com", "a..b@example.com", ".a@example.com"),
        *(
            "a@-b.com",
            "a@b-.com",
            "a@b..com",
            "a@1.2.3.4",
            '"a b"@example.com',
            "a@[1.2.3.4]",
            "a b@example.com",
        ),
        *("a@exa\nmple.com", "a\x00@example.com", "é\x00@example.com", "\ud800@example.com", "a@é"),
        *("a" * 65 + "@example.com", "a@" + "b" * 64 + ".com", "a@" + "b." * 130 + "com", "{{email}}"),
    ],
)
def test_invalid(text: str) -> None:
    with pytest.raises(InvalidAddress, match="^Invalid email format$"):
        normalise(text)


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("\ufeff\u3000 \xa0JANE@EXAMPLE.COM\u200b", "jane@example.com"),
        ('"jane@example.com"', "jane@example.com"),
        ("mailto:jane@example.com?subject=Hi", "jane@example.com"),
        ("Tim Tangelo <tim@example.com>", "tim@example.com"),
        ("Doe, Jane <jane@example.com>; x@example.com", "jane@example.com"),
        ("a@example.com, Bob <b@example.com>", "a@example.com"),
        ("a@example.com; b@example.com", "a@example.com"),
        ("a@example.com / b@example.com", "a@example.com"),
        ("a@example.com  b@example.com", "a@example.com"),
        ("a@example.com\nb@example.com", "a@example.com"),
        ("a@example.com ::: b@example.com", "a@example.com"),
        ("+33 6 12 34 56 78 / a@example.com", "a@example.com"),
    ],
)
def test_first_in_cell(cell: str, address: str) -> None:
    assert first_in_cell(cell) == address


@pytest.mark.parametrize("cell", ["", "  ", "\xa0\u3000\ufeff", '""'])
def test_blank_cell(cell: str) -> None:
    assert first_in_cell(cell) is None


@pytest.mark.parametrize("cell", ["call later", "john doe@example.com", "+918888888888", "bademail@", "Jo <jo>"])
def test_first_candidate_is_no_address(cell: str) -> None:
    with pytest.raises(InvalidAddress):
        first_in_cell(cell)


@PATIENT
@given(st.one_of(st.text(st.characters()), st.text(LETTERS), st.emails()))
def test_any_text_is_settled_or_refused(text: str) -> None:
    try:
        address = normalise(text)
    except InvalidAddress:
        return
    assert normalise(address) == address
    assert len(address) <= MAX_LENGTH
    assert address == unicodedata.normalize("NFC", address).lower()


@PATIENT
@given(st.text(LETTERS + "éa"), st.text("aé.-ＡİΣς0x", min_size=1))
def test_any_international_address_is_settled_or_refused(local: str, domain: str) -> None:
    test_any_text_is_settled_or_refused.hypothesis.inner_test(f"{local}@{domain}.com")  # type: ignore[attr-defined]


@PATIENT
@given(st.one_of(st.text(st.characters()), st.text(LETTERS)))
def test_any_cell_is_read_or_refused(cell: str) -> None:
    try:
        address = first_in_cell(cell)
    except InvalidAddress:
        return
    assert address is None or normalise(address) == address
