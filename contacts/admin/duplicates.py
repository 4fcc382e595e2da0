"""Who is there twice, probably: compared and merged, or told apart for good."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.admin.cells import badge
from contacts.changes.duplicates import not_duplicates
from contacts.changes.merging import MOST
from contacts.duplicates import Alike, find
from contacts.models import Contact
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.api.totals import remembered
from fluenzr_site.workspaces.models import Workspace

PER_PAGE: Final = 20
REASONS: Final = {
    "email": gettext_lazy("same mailbox"),
    "phone": gettext_lazy("same phone"),
    "company": gettext_lazy("same name and company"),
    "domain": gettext_lazy("same name and e-mail domain"),
    "spelling": gettext_lazy("same name, e-mail nearly the same"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Contacts that look alike, and why; ``more`` are left out of sight."""

    ids: list[str]
    people: list[tuple[Contact, str]]
    reasons: list[Any]
    more: int


def found(workspace: Workspace) -> list[Alike]:
    """Looked for once, and again after the workspace has changed."""
    return remembered(workspace, "contacts.duplicates", lambda: find(workspace))


class Duplicates(Page):
    template = "contacts/duplicates.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(found(self.workspace), PER_PAGE).get_page(request.GET.get("p"))
        return self.show(_("Duplicates"), page=page, groups=_shown(self.workspace, list(page)), most=MOST)

    def post(self, request: HttpRequest) -> HttpResponse:
        """They are different people."""
        contact_ids = request.POST.getlist("all")
        if len(contact_ids) > 1:
            not_duplicates(self.workspace, contact_ids)
            messages.success(request, _("They won't be shown as duplicates again."))
        page = request.POST.get("p", "")
        query = f"?{urlencode({'p': page})}" if page.isdecimal() and page != "1" else ""
        return HttpResponseRedirect(reverse("admin:contacts_duplicates") + query)


def _shown(workspace: Workspace, groups: list[Alike]) -> list[Group]:
    seen = [pk for group in groups for pk in group.ids[:MOST]]
    contacts = Contact.objects.of(workspace).select_related("stage").in_bulk(seen)
    return [
        Group(
            ids=group.ids,
            people=[(contacts[pk], badge(contacts[pk].status)) for pk in group.ids[:MOST] if pk in contacts],
            reasons=[label for name, label in REASONS.items() if name in group.reasons],
            more=max(0, len(group.ids) - MOST),
        )
        for group in groups
    ]
