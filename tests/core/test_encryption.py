"""Secrets at rest: bound to their place, readable under older keys, and never told by an error."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fluenzr_site.core.encryption import CannotDecrypt, current_key_id, decrypt, encrypt, key_id_of

FIRST, SECOND = "first " * 8, "second " * 8
PLACE = "email_account:acc_1:smtp_password"


@pytest.fixture(autouse=True)
def one_key(settings: Settings) -> None:
    settings.FLUENZR_SECRET_KEYS = [FIRST]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_went_in_comes_out(plain: str, context: str) -> None:
    assert decrypt(encrypt(plain, context=context), context=context) == plain


def test_the_text_names_its_key_and_differs_each_time() -> None:
    stored = encrypt("hunter2", context=PLACE)
    version, key_id, sealed = stored.split(".")
    assert (version, key_id) == ("v1", current_key_id())
    assert key_id_of(stored) == key_id and len(key_id) == 8
    # Nonce, one byte for each, tag.
    assert len(base64.urlsafe_b64decode(sealed + "==")) == 12 + 7 + 16
    assert encrypt("hunter2", context=PLACE) != stored


def test_the_format_stays(settings: Settings) -> None:
    settings.FLUENZR_SECRET_KEYS = ["k" * 32]
    assert current_key_id() == KEY_ID_OF_32_K
    assert decrypt(STORED_UNDER_32_K, context="place") == "café"


def test_another_place_cannot_read_it() -> None:
    stored = encrypt("hunter2", context=PLACE)
    for place in ("email_account:acc_2:smtp_password", "", PLACE + " "):
        with pytest.raises(CannotDecrypt, match=current_key_id()) as caught:
            decrypt(stored, context=place)
        assert "hunter2" not in repr(caught.value)


def test_keys_rotate(settings: Settings) -> None:
    old, old_id = encrypt("hunter2", context=PLACE), current_key_id()
    settings.FLUENZR_SECRET_KEYS = [SECOND, FIRST]
    assert decrypt(old, context=PLACE) == "hunter2"
    assert key_id_of(encrypt("x", context=PLACE)) == current_key_id() != old_id
    settings.FLUENZR_SECRET_KEYS = [SECOND]
    with pytest.raises(CannotDecrypt, match=old_id):
        decrypt(old, context=PLACE)


def test_every_altered_byte_is_noticed() -> None:
    head, _, sealed = encrypt("hunter2", context=PLACE).rpartition(".")
    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    for index in range(len(raw)):
        altered = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
        with pytest.raises(CannotDecrypt):
            decrypt(f"{head}.{base64.urlsafe_b64encode(altered).decode().rstrip('=')}", context=PLACE)


@pytest.mark.parametrize(
    "text", ["", "hunter2", "v1", "v1..", "v2.00000000.AAAA", "v1.0000000g.AAAA", "v1.00000000.A+/="]
)
def test_other_texts_are_told_apart(text: str) -> None:
    for read in (key_id_of, lambda stored: decrypt(stored, context=PLACE)):
        with pytest.raises(CannotDecrypt):
            read(text)


@pytest.mark.parametrize("sealed", ["A", "AA", "AAAAAAAAAAAAAAAA", "A" * 400])
def test_too_short_and_invented_ones_are_refused(sealed: str) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(f"v1.{current_key_id()}.{sealed}", context=PLACE)


@pytest.mark.parametrize("keys", [[], ["short"], ["k" * 31]])
def test_without_a_good_key_nothing_is_encrypted(keys: list[str], settings: Settings) -> None:
    settings.FLUENZR_SECRET_KEYS = keys
    with pytest.raises(ImproperlyConfigured) as caught:
        encrypt("hunter2", context=PLACE)
    assert not keys or keys[0] not in str(caught.value)


def test_the_error_for_lone_surrogates_does_not_hold_them() -> None:
    with pytest.raises(ValueError) as caught:
        encrypt("hunter2\ud800", context=PLACE)
    assert not isinstance(caught.value, UnicodeError) and "hunter2" not in repr(caught.value)


KEY_ID_OF_32_K = "248c63d4"
STORED_UNDER_32_K = "v1.248c63d4.AAECAwQFBgcICQoLRHMJmoQQxBRI36ZigKxexVFxf1bi"
