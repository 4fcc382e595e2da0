"""Inputs that the theme lacks, in its clothes."""

from typing import Any

from django import forms
from unfold.widgets import COLOR_CLASSES, INPUT_CLASSES


class ColourInput(forms.TextInput):
    """The browser's own colour picker."""

    input_type = "color"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(COLOR_CLASSES), **(attrs or {})})

    def format_value(self, value: Any) -> str:
        return value or "#64748b"


class DateInput(forms.DateInput):
    """The browser's own calendar: it knows the person's language and works on a phone."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": f"{' '.join(INPUT_CLASSES)} flz-short", **(attrs or {})}, format="%Y-%m-%d")
