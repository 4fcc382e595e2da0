"""Forms of what several people change: a save writes what its person changed since the page was shown to them.

A form sends all of its fields. Compared with the row as it is now, one that was open for a while takes whatever
others have changed meanwhile for the person's own wish, and puts it back as it was. So the page brings along what it
showed, signed, and that is what the answer is compared with.
"""

from collections.abc import Set as AbstractSet
from typing import Any, Final

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

#: The hidden field's name.
NAME: Final = "as_shown"
_MOST_CHARACTERS: Final = 80
#: A value of a field as JSON keeps it.
Plain = str | bool | list[str]


class AsShown(forms.BaseForm):
    """For a form of a row that exists. Posted without the hidden field, it compares with the row as it is now.

    A field that only others have changed is cleaned to what it is now. Where both have, to different values, the
    person is told so at the field; what they entered stays there, and is written when they save once more.
    """

    _shown: dict[str, Plain]
    _elsewhere: AbstractSet[str] = frozenset()

    def row(self) -> str:
        """What the form is of: what one showed says nothing about another. Empty: of nothing yet."""
        raise NotImplementedError

    @property
    def as_shown(self) -> SafeString:
        """The hidden field, for within the <form>."""
        if not self.row():
            return SafeString("")
        # Cleaning finds out what the person has to be told of, and has then been shown.
        shown = self._shown if self.is_bound and self.errors is not None else self._now
        return format_html('<input type="hidden" name="{}" value="{}">', NAME, _signed(shown, self.row()))

    def changed_elsewhere(self, name: str) -> bool:
        """Whether somebody else has changed the field since the page was shown."""
        return name in self._elsewhere

    # --------------------------------------------------------------------------------------------- comparing

    @cached_property
    def _compared(self) -> dict[str, Any]:
        return {name: field for name, field in self.fields.items() if not field.disabled}

    @cached_property
    def _now(self) -> dict[str, Plain]:
        fields = self._compared.items()
        return {name: _plain(field, self.get_initial_for_field(field, name)) for name, field in fields}

    def full_clean(self) -> None:
        if self.is_bound and self.row():
            sent = _loaded(self.data.get(NAME), self.row())
            self._shown = {name: sent.get(name, value) for name, value in self._now.items()}
            self._elsewhere = {name for name, value in self._now.items() if self._shown[name] != value}
            self._take_over([name for name in self._elsewhere if name not in self.changed_data])
        super().full_clean()

    @cached_property
    def changed_data(self) -> list[str]:
        if self.is_bound and self.row():
            return [name for name in self._compared if self._differs(name, self._shown[name])]
        return [name for name, bound in self._bound_items() if bound._has_changed()]  # type: ignore[attr-defined]

    def _differs(self, name: str, value: Plain) -> bool:
        """Whether the person entered something else than that."""
        field, entered = self._compared[name], self[name].data
        if isinstance(entered, str):
            # A browser ends lines its own way.
            entered = entered.replace("\r\n", "\n")
        return bool(field.has_changed(_initial(field, value), entered))

    def _take_over(self, names: list[str]) -> None:
        """As if the person had seen what these fields are now, and left them."""
        if not names:
            return
        sent: Any = self.data
        self.data = data = sent.copy()
        for name in names:
            key, value = self.add_prefix(name), self._now[name]
            data.setlist(key, value if isinstance(value, list) else [value] if value is not False else [])
            self._shown[name] = value

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name in self._elsewhere & set(self.changed_data):
            if self._differs(name, self._now[name]):
                self._tell(name)

    def _tell(self, name: str) -> None:
        told = _("Somebody else has changed this meanwhile, to “%(value)s”. Save once more to have yours instead.")
        emptied = _("Somebody else has emptied this meanwhile. Save once more to have yours instead.")
        said = _said(self._compared[name], self._now[name])
        self.add_error(name, told % {"value": said} if said else emptied)
        self._shown[name] = self._now[name]


def _plain(field: forms.Field, value: Any) -> Plain:
    value = field.prepare_value(value)
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, str):
        return (value or "").replace("\r\n", "\n")
    if hasattr(value, "__iter__"):
        return sorted(str(field.prepare_value(each)) for each in value)
    return str(value)


def _initial(field: forms.Field, value: Plain) -> Any:
    """As the field compares and keeps it."""
    if isinstance(field, forms.ModelChoiceField):
        return value
    try:
        return field.to_python(value)
    except ValidationError:
        return value


def _said(field: Any, value: Plain) -> str:
    """As the page says it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    values = value if isinstance(value, list) else [value]
    if hasattr(field, "choices"):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        values = [labels.get(each, each) for each in values if each]
    return Truncator(", ".join(values)).chars(_MOST_CHARACTERS)


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for key, label in choices:
        found += label if isinstance(label, list | tuple) else [(key, label)]
    return found


def _signed(shown: dict[str, Plain], row: str) -> str:
    return signing.dumps(shown, salt=f"{NAME}:{row}", compress=True)


def _loaded(sent: Any, row: str) -> dict[str, Plain]:
    try:
        found: dict[str, Plain] = signing.loads(sent or "", salt=f"{NAME}:{row}")
    except (signing.BadSignature, ValueError):
        return {}
    return found
