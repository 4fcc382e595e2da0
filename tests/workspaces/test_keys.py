"""What a key looks like and what is kept of it."""

import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluenzr_site.workspaces import keys

ALPHABET = string.ascii_letters + string.digits


def test_a_key_is_its_prefix_and_32_alphanumerics():
    made = {keys.make() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch("flz_sk_[A-Za-z0-9]{32}", key) and keys.is_well_formed(key) for key in made)


@given(st.integers(7, 38), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(position: int, character: str):
    key = keys.make()
    wrong = key[:position] + character + key[position + 1 :]
    assert keys.is_well_formed(wrong) == (wrong == key)


@given(st.text())
def test_text_is_no_key(text: str):
    assert not keys.is_well_formed(text)
    assert not keys.is_well_formed(keys.PREFIX + text)


@pytest.mark.parametrize(
    "change", [str.upper, str.strip, lambda key: key[:-1], lambda key: key + "a", lambda key: key[7:]]
)
def test_a_key_is_itself_and_nothing_like_it(change: Any):
    key = keys.make()
    assert keys.is_well_formed(change(key)) == (change(key) == key)


def test_the_digest_depends_on_the_pepper(settings: Any):
    key = keys.make()
    first = keys.digest(key)
    assert re.fullmatch("[0-9a-f]{64}", first) and keys.digest(key) == first
    settings.FLUENZR_KEY_PEPPER = "another"
    assert keys.digest(key) != first
