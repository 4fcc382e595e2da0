"""What people read, in each language: finds every text, keeps ``locale/`` in step, says what isn't translated.

    python tests/support/texts.py update    write what was found to the catalogues, keeping their translations
    python tests/support/texts.py compile   make the binary catalogues that Django reads
    python tests/support/texts.py missing fr    print what has no translation yet, as JSON

Texts come from our code, templates and scripts; and from the packages that a person meets, as far as their own
catalogues lack the language. Needs no gettext on the machine.
"""

import io
import json
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.plurals import get_plural

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LOCALE: Final = ROOT / "locale"
LANGUAGES: Final = ("fr", "hi")
DOMAINS: Final = ("django", "djangojs")
OURS: Final = ("contacts", "campaigns", "fluenzr_site", "templates")
# Read as ours are, for they have neither language, or next to none.
PACKAGES: Final = ("unfold", "import_export")
UNUSED: Final = {
    "migrations",
    "tests",
    "node_modules",
    "sandbox",
    "constance",
    "guardian",
    "location_field",
    "simple_history",
}
# Whose English catalogue lists their texts: we supply what a language's own lacks.
DJANGO: Final = ("django/conf", "django/contrib/admin", "django/contrib/auth")
# Theirs that have a translation, which is wrong or says a thing in other words than ours do: with their context.
_MONTHS: Final = ("September", "November", "December")
_SHORT_MONTHS: Final = ("Jan.", "Feb.", "Sept.", "Oct.", "Nov.", "Dec.")
_PASSWORDS: Final = ("New password", "New password confirmation", "Old password", "Password change", "username")
_EXPORT: Final = "This exporter will export the following fields: "
REWORDED: Final[dict[str, set[tuple[str, str | None]]]] = {
    "fr": {("Password change", None), ("Password change successful", None), (_EXPORT, None)},
    "hi": {(each, None) for each in (*_MONTHS, *_PASSWORDS)} | {(each, "abbrev. month") for each in _SHORT_MONTHS},
}
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "say": None,
    "Sentence": None,
    "Counted": (1, 2),
}
HEADER: Final = (
    "# What people read. Found and ordered by tests/support/texts.py; only the translations are written by hand."
)

Id = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English, with its plural where it has one, and the files that it stands in."""

    id: Id
    context: str | None
    places: tuple[str, ...]


def _site_packages() -> Path:
    spec = find_spec("django")
    assert spec and spec.origin
    return Path(spec.origin).parent.parent


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.suffix in (".py", ".html", ".txt", ".js") and not UNUSED & set(parts):
            yield path


def _python_of(path: Path) -> tuple[str, str]:
    """What can be read for texts, and its language. A template becomes calls of gettext, one after the other."""
    from django.utils.translation.template import templatize

    source = path.read_text()
    if path.suffix == ".js":
        return source, "javascript"
    if path.suffix == ".py":
        return source, "python"
    return "\n".join(_calls(templatize(source))), "python"


def _calls(blotted: str) -> Iterator[str]:
    """The calls of gettext in what Django makes of a template: Python, among letters instead of the rest."""
    for start in re.finditer(r"\b(?:\w*gettext|_)\(", blotted):
        depth, call = 0, ""
        for token in tokenize.generate_tokens(io.StringIO(blotted[start.start() :]).readline):
            call += token.string
            depth += {"(": 1, ")": -1}.get(token.string, 0)
            if token.string == ")" and not depth:
                yield call
                break


def _read(path: Path) -> Iterator[tuple[Id, str | None]]:
    source, language = _python_of(path)
    for _, messages, _, context in extract(language, io.BytesIO(source.encode()), KEYWORDS):
        yield (messages if isinstance(messages, str) else (messages[0], messages[1])), context


def _ours(domain: str) -> Iterator[tuple[Id, str | None, str]]:
    return _in(ROOT, OURS, domain)


def _in(base: Path, folders: tuple[str, ...], domain: str) -> Iterator[tuple[Id, str | None, str]]:
    for folder in folders:
        for path in _files(base / folder):
            if (path.suffix == ".js") == (domain == "djangojs"):
                for id, context in _read(path):
                    yield id, context, str(path.relative_to(base))


@cache
def _catalogue(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale=locale)


def _theirs(language: str, domain: str) -> Iterator[tuple[Id, str | None, str]]:
    """What the packages say and have no words for in the language, in a catalogue of their own or Django's."""
    base = _site_packages()
    known = [written(language, domain, _shipped(part, language, domain)) for part in (*DJANGO, *PACKAGES)]
    said = list(_in(base, PACKAGES, domain))
    for part in DJANGO:
        if (english := _shipped(part, "en", domain)).exists():
            said += [(_id(each), each.context, part) for each in _catalogue(english, "en") if each.id]
    for id, context, place in said:
        found = [one.get(id, context) for one in known]
        if (id, context) in REWORDED[language] or not any(each and _complete(each) for each in found):
            yield id, context, place


def _shipped(part: str, language: str, domain: str) -> Path:
    return _site_packages() / part / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def _id(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _complete(message: Message) -> bool:
    strings = (message.string,) if isinstance(message.string, str) else message.string
    return bool(strings) and all(strings) and not message.fuzzy


def texts(language: str, domain: str = "django") -> list[Text]:
    """All that a person of that language may read, each text once."""
    places: dict[tuple[str, str | None], set[str]] = {}
    ids: dict[tuple[str, str | None], Id] = {}
    for id, context, place in [*_ours(domain), *_theirs(language, domain)]:
        key = (id if isinstance(id, str) else id[0], context)
        # The same words with and without a plural are one entry in a catalogue.
        ids[key] = id if key not in ids or isinstance(id, tuple) else ids[key]
        places.setdefault(key, set()).add(place)
    return [
        Text(ids[key], key[1], tuple(sorted(places[key])))
        for key in sorted(ids, key=lambda key: (key[0], key[1] or ""))
    ]


def path_of(language: str, domain: str = "django") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def written(language: str, domain: str = "django", path: Path | None = None) -> Catalog:
    """A catalogue as it is: ours, unless another is named."""
    path = path or path_of(language, domain)
    return _catalogue(path, language) if path.exists() else Catalog(locale=language)


def untranslated(language: str, domain: str = "django") -> list[Text]:
    ours = written(language, domain)
    return [
        text
        for text in texts(language, domain)
        if not ((found := ours.get(text.id, text.context)) and _complete(found))
    ]


def fresh(language: str, domain: str) -> Catalog:
    """The catalogue as it should be: every text, with the translation that it has, and nothing else."""
    known = written(language, domain)
    catalogue = Catalog(locale=language, header_comment=HEADER, fuzzy=False)
    for text in texts(language, domain):
        found = known.get(text.id, text.context)
        string = found.string if found and isinstance(found.id, str) == isinstance(text.id, str) else None
        catalogue.add(text.id, string, locations=[(place, 0) for place in text.places], context=text.context)
    return catalogue


def po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    pofile.write_po(buffer, catalogue, width=120, include_lineno=False, omit_header=True)
    plural = get_plural(catalogue.locale_identifier)
    head = (
        f'{HEADER}\nmsgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural.plural_forms}\\n"\n\n'
    )
    return head.encode() + buffer.getvalue()


def mo(language: str, domain: str) -> bytes:
    catalogue, buffer = written(language, domain), io.BytesIO()
    # The head would tell when it was compiled; the same texts are the same file.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    mofile.write_mo(buffer, catalogue)
    return buffer.getvalue()


def update() -> None:
    for language in LANGUAGES:
        for domain in DOMAINS:
            path_of(language, domain).parent.mkdir(parents=True, exist_ok=True)
            path_of(language, domain).write_bytes(po(fresh(language, domain)))


def compile_all() -> None:
    for language in LANGUAGES:
        for domain in DOMAINS:
            path_of(language, domain).with_suffix(".mo").write_bytes(mo(language, domain))


def main(command: str, language: str = "") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluenzr_site.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    if command == "update":
        update()
        _catalogue.cache_clear()
        compile_all()
    elif command == "compile":
        compile_all()
    elif command == "missing":
        for domain in DOMAINS:
            for text in untranslated(language, domain):
                print(
                    json.dumps(
                        {"domain": domain, "id": text.id, "context": text.context, "in": text.places},
                        ensure_ascii=False,
                    )
                )
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
