"""The changes of saved views and of how a person sees the list. They change no contact, and no count."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from contacts.models import ListChoice, SavedView
from fluenzr_site.workspaces.models import Workspace


class NameTaken(Exception):
    """The person has a view of that name already."""


def create_view(workspace: Workspace, person: User, name: str, values: dict[str, Any]) -> SavedView:
    """A new view of model values. Raises NameTaken."""
    try:
        with transaction.atomic():
            return SavedView.objects.create(workspace=workspace, person=person, name=name, **values)
    except IntegrityError as error:
        raise NameTaken(name) from error


def update_view(view: SavedView, values: dict[str, Any]) -> None:
    """Set what ``values`` gives. Raises NameTaken."""
    for name, value in values.items():
        setattr(view, name, value)
    try:
        with transaction.atomic():
            view.save(update_fields=list(values))
    except IntegrityError as error:
        raise NameTaken(view.name) from error


def delete_view(view: SavedView) -> None:
    """Delete a view; whoever's list opened with it opens with all contacts."""
    view.delete()


def choose_columns(workspace: Workspace, person: User, names: Sequence[str]) -> None:
    """The columns that a person sees where no view says otherwise; none: the usual ones."""
    _choose(workspace, person, {"columns": list(names)})


def open_with(workspace: Workspace, person: User, view: SavedView | None) -> None:
    """The view that a person's list opens with."""
    _choose(workspace, person, {"opens_with": view})


def _choose(workspace: Workspace, person: User, values: dict[str, Any]) -> None:
    ListChoice.objects.update_or_create(workspace=workspace, person=person, defaults=values)
