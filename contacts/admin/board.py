"""The pipeline as a board: a column a stage, cards that are moved from one to another."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contacts.admin.board_cards import columns, more_cards, one_card
from contacts.admin.board_filters import NONE, STALE_DAYS, Asked, remembered_address
from contacts.changes.contacts import Unknown
from contacts.changes.pipeline import Elsewhere, move_contact
from contacts.cleaning import Invalid
from contacts.queries import has_stage
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import actor
from fluenzr_site.workspaces.models import Workspace

MAX_NOTE: Final = 2000


class Board(Page):
    """All the stages side by side."""

    template = "contacts/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = Asked.of(request.GET)
        if kept := remembered_address(request, self.workspace, asked):
            return redirect(request.path + kept)
        menus = asked.menus(self.workspace, "group", "owner", "tag", "entered")
        shown = columns(self.workspace, asked)
        return self.show(
            _("Pipeline"),
            columns=shown,
            asked=asked,
            menus=menus,
            chips=asked.chips(menus),
            query=asked.address(),
            texts=_texts(),
            stale_days=STALE_DAYS,
            max_note=MAX_NOTE,
            found=sum(column.count for column in shown),
            is_empty=not asked.set_ones() and not any(column.count for column in shown),
        )


class MoreCards(Page):
    """The next cards of a column, as HTML, and where the rest begins."""

    def get(self, request: HttpRequest) -> HttpResponse:
        stage, before = request.GET.get("stage", ""), request.GET.get("before", "")
        if "\0" in before or not _is_column(self.workspace, stage):
            raise Http404
        html, rest = more_cards(self.workspace, Asked.of(request.GET), _stage_id(stage), before)
        return JsonResponse({"html": html, "before": rest})


class MoveCard(Page):
    """Move a contact out of the column in which the person saw it; what to say of it, and where it is now."""

    def post(self, request: HttpRequest) -> HttpResponse:
        given = {name: request.POST.get(name, "").replace("\0", "") for name in ("contact", "stage", "seen", "note")}
        try:
            entry = move_contact(
                self.workspace,
                given["contact"],
                _stage_id(given["stage"]),
                seen=_stage_id(given["seen"]),
                note=given["note"].strip()[:MAX_NOTE],
                by=actor(request),
            )
        except Unknown:
            return _refused(_("This contact isn't there any more."), 404)
        except Invalid:
            return _refused(_("This stage isn't there any more. Load the page anew."), 400)
        except Elsewhere as error:
            values = {"name": error.contact, "stage": error.stage or _("No stage")}
            told = _("%(name)s is in “%(stage)s” by now: somebody else was quicker.") % values
            return _refused(told, 409, error.contact.stage_id or NONE)
        values = {"name": entry.contact, "stage": entry.stage_name or _("No stage")}
        told = _("Moved %(name)s to “%(stage)s”.") % values
        card = one_card(self.workspace, entry.contact.pk)
        return JsonResponse({"message": told, "stage": entry.contact.stage_id or NONE, "card": card})


def _refused(message: str, status: int, stage: str = "") -> JsonResponse:
    return JsonResponse({"message": message, "stage": stage}, status=status)


def _stage_id(column: str) -> str | None:
    return None if column in ("", NONE) else column


def _is_column(workspace: Workspace, column: str) -> bool:
    return column == NONE or has_stage(workspace, column)


def _texts() -> dict[str, str]:
    """What the script says, by the names of its attributes."""
    return {
        "lifted": _(
            "%(name)s is lifted, in %(stage)s. Left and right carry it to another stage, Enter drops it, "
            "Escape puts it back."
        ),
        "over": _("%(name)s over %(stage)s, stage %(place)d of %(count)d."),
        "back": _("%(name)s is back in %(stage)s."),
        "sorted": _("The cards of a stage keep their own order, newest contact first."),
        "offline": _("%(name)s couldn't be moved: the server can't be reached. The card is back in %(stage)s."),
        "failed": _("%(name)s couldn't be moved: something went wrong. The card is back in %(stage)s."),
        "more-failed": _("The next cards couldn't be loaded. Try again."),
        "loaded": _("%(count)d more cards"),
    }
