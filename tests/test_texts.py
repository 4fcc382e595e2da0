"""Everything that people read is there in each language, with the same values in it."""

import re
from collections import Counter

import pytest

from tests.support import texts

pytestmark = pytest.mark.once

BOTH = pytest.mark.parametrize("domain", texts.DOMAINS)
EACH = pytest.mark.parametrize("language", texts.LANGUAGES)
VALUE = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+")


@EACH
@BOTH
def test_nothing_is_left_in_english(language: str, domain: str):
    missing = [text.id for text in texts.untranslated(language, domain)]
    assert missing == [], f"run tests/support/texts.py update and translate these in {texts.path_of(language, domain)}"


@EACH
@BOTH
def test_a_translation_has_the_values_and_tags_of_its_text(language: str, domain: str):
    wrong = [
        (id, string)
        for message in texts.written(language, domain)
        for id, string in pairs(message.id, message.string)
        if message.id and Counter(VALUE.findall(id)) != Counter(VALUE.findall(string))
    ]
    assert wrong == []


def pairs(id: str | tuple[str, str], string: str | tuple[str, ...]) -> list[tuple[str, str]]:
    """Each form of a translation beside the form in English that it stands for."""
    if isinstance(id, str):
        return [(id, str(string))]
    return [(id[0] if form == 0 and values(id[0]) == values(one) else id[1], one) for form, one in enumerate(string)]


def values(text: str) -> Counter[str]:
    return Counter(VALUE.findall(text))


@EACH
@BOTH
def test_spaces_around_a_text_stay(language: str, domain: str):
    for message in filter(lambda each: each.id, texts.written(language, domain)):
        for id, string in pairs(message.id, message.string):
            assert [id[:1].isspace(), id[-1:].isspace()] == [string[:1].isspace(), string[-1:].isspace()], (id, string)


@EACH
@BOTH
def test_the_catalogues_are_in_step(language: str, domain: str):
    """What is found now, in order, and compiled: ``tests/support/texts.py update`` writes both."""
    path = texts.path_of(language, domain)
    assert path.read_bytes() == texts.po(texts.fresh(language, domain))
    assert path.with_suffix(".mo").read_bytes() == texts.mo(language, domain)
