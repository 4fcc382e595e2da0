"""Serializer fields that take a value of the right type or refuse it, and coerce nothing.

Those that say more of themselves than their type say it in JSON Schema, for the description.
"""

import re
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

# What no text may hold: control characters but tab and line ends.
_CONTROLS: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"
PLAIN: Final = f"^[^{_CONTROLS}]*$"
NOT_BLANK: Final = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"


_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Text(serializers.CharField):
    """A string; a number or a boolean is not one."""

    default_error_messages = {
        "invalid": "Must be a string",
        "null": "Must not be null",
        "blank": "Must not be blank",
        "max_length": "Must be at most {max_length} characters",
        "forbidden": "Must not contain control characters or broken surrogate pairs",
    }

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        self.error_messages["required"] = f"{field_name[:1].upper()}{field_name[1:]} is required"

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if _FORBIDDEN.search(data):
            self.fail("forbidden")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of a few words."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **kwargs)
        allowed = ", ".join(str(choice) for choice in self.choices)
        self.error_messages["invalid_choice"] = f"Must be one of: {allowed}"

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


def plain_text(limit: int, **kwargs: Any) -> serializers.CharField:
    """Text of at most so many characters that every database takes."""
    shape = {"type": "string", "pattern": PLAIN, "maxLength": limit}
    field: type[serializers.CharField] = extend_schema_field(shape)(type("PlainText", (serializers.CharField,), {}))
    return field(allow_blank=True, **kwargs)


@extend_schema_field({"type": "string", "format": "idn-email", "maxLength": 254})
class Email(serializers.CharField):
    """An address, kept in lower case."""


@extend_schema_field({"type": "string", "format": "group-id"})
class GroupId(Text):
    """grp_…"""


@extend_schema_field({"type": "string", "format": "stage-id"})
class StageId(Text):
    """stg_…"""


@extend_schema_field({"type": "string", "format": "contact-id"})
class ContactId(Text):
    """con_…"""


@extend_schema_field({"type": "string", "pattern": NOT_BLANK, "minLength": 1, "maxLength": 64})
class TagName(Text):
    """Trimmed, and matched without case."""


@extend_schema_field({"type": "string", "pattern": PLAIN, "maxLength": 1000})
class Phrase(Text):
    """Text to be looked for."""


@extend_schema_field({"type": "string", "format": "cursor"})
class Cursor(Text):
    """A page's ``meta.nextCursor``."""


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": 100,
        "propertyNames": {"minLength": 1, "maxLength": 100, "pattern": NOT_BLANK},
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": 10_000, "pattern": PLAIN},
                {"type": "number", "minimum": -(2**53) + 1, "maximum": 2**53 - 1},
                {"type": "boolean"},
                {"type": "null"},
            ]
        },
        "example": {"sector": "Fintech", "company_size": "50-100"},
    }
)
class CustomFields(serializers.DictField):
    """Keys and plain values; text of at most 10 kB."""


class IdList(serializers.ListField):
    """``least`` to ``most`` ids, of the kind of ``child``."""

    def __init__(self, child: type[Text] = Text, *, least: int = 1, most: int = 1000, **kwargs: Any) -> None:
        super().__init__(child=child(allow_blank=True), min_length=least, max_length=most, **kwargs)
        self.error_messages |= {
            "not_a_list": "Must be a list of ids",
            "min_length": "Must have at least one id",
            "max_length": f"Must have at most {most} ids",
            "required": "This list is required",
        }
