"""A contact's page: who it is, what can be done, and what has happened."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.admin.cells import badge
from contacts.admin.history import history, kinds
from contacts.admin.people import person_name
from contacts.changes.contacts import Edit, edit_many
from contacts.changes.merging import undoable
from contacts.cleaning import Invalid
from contacts.models import Contact, PipelineStage
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import actor

Status = Contact.Status


def context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """What the page shows beside the form."""
    return {
        "badge": badge(contact.status),
        "owner_name": person_name(contact.owner) if contact.owner else "",
        "contact_tags": list(contact.tags.order_by("contact_tags__position", "pk")),
        "stages": PipelineStage.objects.of(contact.workspace),
        "may_block": contact.status not in (Status.BLOCKED, Status.UNSUBSCRIBED),
        "is_blocked": contact.status == Status.BLOCKED,
        "merge": undoable(contact.workspace, contact.pk),
        "timeline": _timeline(contact, "", ""),
    }


def _timeline(contact: Contact, kind: str, before: str) -> dict[str, Any]:
    return {"history": history(contact, kind, before), "kind": kind, "kinds": kinds(), "contact": contact}


class _Of(Page):
    """A page of one contact."""

    def contact(self, object_id: str) -> Contact:
        found = Contact.objects.one_of(self.workspace, object_id)
        if found is None:
            raise Http404
        return found

    def back(self, contact: Contact) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:contacts_contact_change", args=[contact.pk]))

    def edit(self, contact: Contact, edit: Edit) -> bool:
        return bool(edit_many(self.workspace, [contact.pk], edit, by=actor(self.request)))


class Stage(_Of):
    """Move it to another stage of the pipeline: from the page's script, whose answer it shows, or without it."""

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contact, stage_id = self.contact(object_id), request.POST.get("stage") or None
        try:
            moved = self.edit(contact, Edit(stage_id=stage_id, stage_given=True))
        except Invalid:
            return self._told(contact, messages.ERROR, _("That stage is gone."))
        stage = PipelineStage.objects.of(self.workspace).filter(pk=stage_id).first()
        told = _("Moved to %(stage)s.") % {"stage": stage or _("no stage")}
        return self._told(contact, messages.SUCCESS, told if moved else "")

    def _told(self, contact: Contact, level: int, text: str) -> HttpResponse:
        if self.request.headers.get("Accept") == "application/json":
            return JsonResponse({"moved": level == messages.SUCCESS, "text": text})
        if text:
            messages.add_message(self.request, level, text)
        return self.back(contact)


class Block(_Of):
    """Write to it no more, or again."""

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contact = self.contact(object_id)
        if request.POST.get("on") == "1":
            if self.edit(contact, Edit(status=Status.BLOCKED)):
                messages.success(request, _("%(name)s is blocked and not written to any more.") % {"name": contact})
        elif contact.status == Status.BLOCKED and self.edit(contact, Edit(status=Status.ACTIVE)):
            messages.success(request, _("%(name)s can be written to again.") % {"name": contact})
        return self.back(contact)


class Timeline(_Of):
    """Its history by kind and page: alone for htmx, else as a page of its own."""

    template = "contacts/contact/timeline_page.html"

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contact = self.contact(object_id)
        kind, before = request.GET.get("kind", ""), request.GET.get("before", "").replace("\0", "")
        shown = _timeline(contact, kind if kind in dict(kinds()) else "", before)
        if request.headers.get("HX-Request"):
            part = "contacts/contact/lines.html" if before else "contacts/contact/timeline.html"
            return render(request, part, {"timeline": shown})
        return self.show(_("History of %(name)s") % {"name": contact}, timeline=shown, contact=contact)
