"""Frozen dataclasses read from the API's JSON by their own annotations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]
# Annotations are read once a class: it takes longer than reading an object with them.
_known: "dict[type[Model], dict[str, tuple[str, Reader]]]" = {}


def camel(name: str) -> str:
    """``first_name`` as the API spells it, ``firstName``."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object of the API. A key that this version doesn't know is in ``extra``, under the API's own name."""

    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Read from the API's object; what is missing or null has the field's default. Raises ValueError."""
        if not isinstance(document, Mapping):
            raise ValueError(f"{cls.__name__} is not an object")
        readers = _readers(cls)
        values = {
            readers[key][0]: readers[key][1](value)
            for key, value in document.items()
            if key in readers and value is not None
        }
        return cls(**values, extra={key: value for key, value in document.items() if key not in readers})

    def to_json(self) -> dict[str, Any]:
        """The API's object again, without what is unset."""
        known = {key: getattr(self, name) for key, (name, _) in _readers(type(self)).items()}
        return {**self.extra, **{key: value for key, value in known.items() if value is not None}}


def _readers(model: type[Model]) -> dict[str, tuple[str, Reader]]:
    """By the API's key: the attribute it goes to, and how it is read."""
    if model not in _known:
        _known[model] = _read_annotations(model)
    return _known[model]


def _read_annotations(model: type[Model]) -> dict[str, tuple[str, Reader]]:
    hints = get_type_hints(model)
    return {_json_name(item): (item.name, _reader(hints[item.name])) for item in fields(model) if item.name != "extra"}


def _json_name(item: "Field[Any]") -> str:
    return item.metadata.get("json") or camel(item.name)


def _reader(hint: Any) -> Reader:
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] if isinstance(hint, UnionType) else [hint]
    kind = kinds[0] if len(kinds) == 1 else object
    if get_origin(kind) is tuple:
        return _many(_reader(get_args(kind)[0]))
    if kind is datetime:
        return moment
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind.from_json
    return lambda value: value


def _many(read: Reader) -> Reader:
    def read_all(values: Any) -> Any:
        if not isinstance(values, list):
            raise ValueError("not a list where one was expected")
        return tuple(read(value) for value in values)

    return read_all


def moment(text: Any) -> datetime:
    """An ISO 8601 time of the API, aware. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("not a time where one was expected")
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
