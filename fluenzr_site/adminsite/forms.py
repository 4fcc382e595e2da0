"""Forms that write through the change functions, so that what those refuse is said at the field."""

import copy
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fluenzr_site.adminsite.as_shown import AsShown
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

M = TypeVar("M", bound=models.Model)


class Refused(Exception):
    """The change was refused; ``field`` is where the person reads why (None: above the form)."""

    def __init__(self, field: str | None, message: str | Promise) -> None:
        self.field, self.message = field, message
        super().__init__(str(message))


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm
else:

    class _ModelForm(forms.ModelForm):
        """Django's form, which takes a type only for the type checker."""

        def __class_getitem__(cls, _model):
            return cls


class ScopedForm(AsShown, _ModelForm[M]):
    """A form of one workspace. Validating it writes it, once nothing is wrong.

    That the write is the last step of validation is what lets a refusal of the database, such as an address
    that somebody else took a moment ago, come back as a message at the field instead of a broken page.
    """

    # Put on the class that the admin makes for each request.
    workspace: ClassVar[Workspace]
    actor: ClassVar[Actor]
    #: Where a broken unique constraint is told, and how.
    taken: ClassVar[tuple[str | None, Any]] = (None, _("This exists already."))

    def _post_clean(self) -> None:
        # The model's own checks run on a copy: change functions compare with what the database has.
        stored = self.instance
        self.instance = copy.copy(stored)
        super()._post_clean()  # type: ignore[misc]
        self.instance = stored
        if not self.errors:
            self._write()

    def _write(self) -> None:
        try:
            with transaction.atomic():
                self.instance = self.write()
        except Refused as refusal:
            self.add_error(refusal.field, str(refusal.message))
        except IntegrityError:
            self.add_error(*self.taken)

    def write(self) -> M:
        """Make the change and return the row as it is now. Raises Refused."""
        raise NotImplementedError

    def row(self) -> str:
        return "" if self.is_new else f"{self._meta.model._meta.label_lower}:{self.instance.pk}"  # type: ignore[attr-defined]

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding

    def given(self, *names: str) -> dict[str, Any]:
        """The cleaned values of these fields."""
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
