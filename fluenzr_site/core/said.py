"""What was said in English, in the language of whoever reads it now."""

from operator import itemgetter
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from fluenzr_site.core import system_words as system_words
from fluenzr_site.core.saying import SENTENCES, Said, number_of


def in_words(said: str | Exception) -> str:
    """The sentence, or the error's, in the active language; as it is where nobody knows it, as what a server answered.

    The one way from a refusal of the change functions to a page or a form.
    """
    text = str(said)
    if not text:
        return ""
    if isinstance(text, Said):
        return _again(text)
    translated = gettext(text)
    if translated != text:
        return translated
    heard = [(sentence.own, again) for sentence in SENTENCES if (again := sentence.heard_in(text))]
    return _again(max(heard, key=itemgetter(0))[1]) if heard else text


def _again(said: Said) -> str:
    values, one, many = said.values, said.template, said.plural
    words = ngettext(one, many, number_of(values["count"])) if many else gettext(one)
    return words % {name: _in_words(value) for name, value in values.items()} if values else words


def _in_words(value: Any) -> str:
    if isinstance(value, int):
        return number_format(value, force_grouping=True)
    return in_words(value) if isinstance(value, str | Exception) else str(value)
