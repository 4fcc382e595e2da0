"""Sentences are plain English for programs, and are said again in the language of whoever reads them."""

import copy
import json
import pickle
from collections.abc import Iterator

import pytest
from django.utils import translation

from fluenzr_site.core.said import in_words
from fluenzr_site.core.saying import SENTENCES, Counted, Said, Sentence, say
from tests.support.marking import mark

HERE = "tests/core/test_saying.py"


@pytest.fixture(autouse=True)
def _forget_sentences() -> Iterator[None]:
    before = SENTENCES[:]
    yield
    SENTENCES[:] = before


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this module says is translated, and a person reads French."""
    mark(monkeypatch, HERE)
    with translation.override("fr"):
        yield


def parts() -> Counted:
    return Counted("%(count)s part of %(whole)s", "%(count)s parts of %(whole)s")


def test_a_sentence_is_its_english():
    said = say("%(name)s has %(size)s of %(most)s", name="Ann", size=1200, most="1500")
    assert said == "Ann has 1,200 of 1500"
    assert isinstance(said, str)
    assert {said: 1}["Ann has 1,200 of 1500"] == 1


def test_without_values_nothing_is_filled_in():
    assert say("100% sure") == "100% sure"


def test_a_missing_value_is_noticed_when_it_is_said():
    with pytest.raises(KeyError):
        say("It has %(size)s", weight=3)
    with pytest.raises(KeyError):
        parts()(whole="it")


def test_there_is_one_of_one_thing_and_several_of_others():
    counted = parts()
    said = [counted(count=count, whole="x") for count in (0, 1, 2, 1200, "1", "15")]
    assert said == ["0 parts of x", "1 part of x", "2 parts of x", "1,200 parts of x", "1 part of x", "15 parts of x"]


def test_an_error_says_it_whole():
    said = say("Ann has %(size)s", size=2)
    assert str(ValueError(said)) is said
    assert str(said) is said


def test_it_is_kept_whole_where_python_keeps_it_and_in_english_elsewhere():
    said = parts()(count=2, whole=say("the %(what)s", what="house"))
    for again in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):  # noqa: S301 - our own
        assert (again, again.template, again.plural) == (said, said.template, said.plural)
        assert isinstance(again.values["whole"], Said)
    assert json.loads(json.dumps({"said": said})) == {"said": "2 parts of the house"}
    assert type(json.loads(json.dumps(said))) is str


def test_a_page_says_it_in_its_reader_s_language(french: None):
    assert in_words(say("Ann has %(size)s", size=2)) == "«Ann has 2»"
    assert in_words(ValueError(say("Ann has %(size)s", size=2))) == "«Ann has 2»"
    # As French groups numbers.
    assert in_words(say("Ann has %(size)s", size=1200)) == "«Ann has 1\xa0200»"


def test_plurals_are_the_language_s_own(french: None):
    counted = parts()
    assert in_words(counted(count=2, whole="it")) == "«2 parts of it»"
    assert in_words(counted(count="1", whole="it")) == "«1 part of it»"
    # None is one to the French.
    assert in_words(counted(count=0, whole="it")) == "«0 part of it»"


def test_sentences_in_sentences_are_said_too(french: None):
    assert in_words(parts()(count=2, whole=say("the %(what)s", what="house"))) == "«2 parts of «the house»»"


def test_what_a_person_wrote_stays_as_it_is(french: None):
    assert in_words(say("Ann has %(size)s", size="50% %(of)s them")) == "«Ann has 50% %(of)s them»"


def test_english_that_was_kept_is_recognised(french: None):
    missing, counted = Sentence("No %(what)s (yet)"), parts()
    assert in_words(str(json.loads(json.dumps(missing(what="*"))))) == "«No * (yet)»"
    assert in_words(json.loads(json.dumps(counted(count="1500", whole="a\nb")))) == "«1500 parts of a\nb»"
    assert in_words(json.loads(json.dumps(say("the %(what)s", what="house")))) == "the house"


def test_what_nobody_knows_stays_as_it_was_said(french: None):
    parts()
    for unknown in ("", "550 no such user", "several parts of it", "2 parts", "%(count)s part of %(whole)s!"):
        assert in_words(unknown) == unknown


def test_of_two_sentences_the_one_that_says_more_itself_is_heard(french: None):
    Sentence("%(host)s: %(why)s (lost)"), Sentence("The post is closed: %(why)s (lost)")
    assert in_words("The post is closed: no sun (lost)") == "«The post is closed: no sun (lost)»"


def test_the_same_name_is_the_same_value_wherever_it_stands(french: None):
    Sentence("%(what)s is %(what)s")
    assert in_words("x y is x y") == "«x y is x y»"
    assert in_words("x is y") == "x is y"


def test_an_error_among_the_values_is_said_again_too(french: None):
    error = ValueError(say("the %(what)s", what="house"))
    assert in_words(say("Ann has %(size)s", size=error)) == "«Ann has «the house»»"


def test_in_english_it_is_what_it_was():
    with translation.override("en"):
        said = parts()(count=1200, whole=say("the %(what)s", what="house"))
        assert in_words(said) == said == "1,200 parts of the house"


def test_for_nobody_it_is_english():
    with translation.override(None):
        assert in_words(say("Ann has %(size)s", size=2)) == "Ann has 2"
