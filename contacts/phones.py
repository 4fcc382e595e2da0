"""Telephone numbers: read in whatever form people write them, kept as E.164."""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

#: What people put between the digits.
SEPARATORS: Final = (" ", "-", ".", "(", ")", "/", "[", "]", "\t", "\u00a0", "\u202f", "\u2010", "\u2011", "\u2013")
_WRITTEN = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
_UNREADABLE: Final = "Must be a phone number with its country code, such as +33612345678"


class InvalidNumber(ValueError):
    """Text that can't be read as one telephone number; ``str()`` says what would be right."""

    def __init__(self) -> None:
        super().__init__(_UNREADABLE)


def e164(text: str) -> str:
    """``+`` and up to 15 digits. Raises InvalidNumber.

    ``0033…`` is ``+33…``; digits alone are taken where they are a valid number with its country code, as
    messaging platforms write it. A national number can't be told from another country's.
    """
    compact = "".join(character for character in text.strip() if character not in SEPARATORS)
    if not _WRITTEN.fullmatch(compact):
        # The library reads letters as keys of a telephone, and passes parameters over.
        raise InvalidNumber
    told = compact.startswith(("+", "00"))
    if compact.startswith("00"):
        compact = f"+{compact[2:]}"
    elif not compact.startswith("+"):
        compact = f"+{compact}"
    try:
        number = phonenumbers.parse(compact)
    except NumberParseException as error:
        raise InvalidNumber from error
    if not (phonenumbers.is_possible_number if told else phonenumbers.is_valid_number)(number):
        raise InvalidNumber
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def spellings(number: str) -> tuple[str, ...]:
    """How an E.164 number reads in a free-text field once its separators are taken out."""
    return number, f"00{number[1:]}", number[1:]
