"""French in which what some modules say stands between marks: on a page they show that it was found and looked up."""

from typing import Final

import pytest
from django.utils.translation import trans_real

from tests.support import texts

_MOST_FORMS: Final = 3


def mark(patch: pytest.MonkeyPatch, *modules: str) -> None:
    """Translate "text" to "«text»" for each text that ``texts`` finds in these modules, to the test's end."""
    catalogue = trans_real.translation("fr")._catalog._catalogs[0]
    for module in modules:
        for id, _context in texts._read(texts.ROOT / module):
            for key, words in _forms(id):
                patch.setitem(catalogue, key, f"«{words}»")


def _forms(id: texts.Id) -> list[tuple[str | tuple[str, int], str]]:
    if isinstance(id, str):
        return [(id, id)]
    return [((id[0], form), id[min(form, 1)]) for form in range(_MOST_FORMS)]
