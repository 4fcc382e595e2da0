"""Serializer fields that take a value of the right type or refuse it, and coerce nothing."""

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A string; a number or a boolean is not one."""

    default_error_messages = {
        "invalid": "Must be a string",
        "null": "Must not be null",
        "blank": "Must not be blank",
        "max_length": "Must be at most {max_length} characters",
    }

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        self.error_messages["required"] = f"{field_name[:1].upper()}{field_name[1:]} is required"

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
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


class IdList(serializers.ListField):
    """1 to ``most`` ids."""

    def __init__(self, *, most: int = 1000, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=64), min_length=1, max_length=most, **kwargs)
        self.error_messages |= {
            "not_a_list": "Must be a list of ids",
            "min_length": "Must have at least one id",
            "max_length": f"Must have at most {most} ids",
            "required": "This list is required",
        }
