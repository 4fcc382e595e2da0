"""A person's right to have the data, and to have it gone, as two doors on the contact's page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.changes.contacts import Unknown
from contacts.changes.erasure import erase, everything_about
from contacts.models import Contact
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import actor


class Data(Page):
    """All that is kept about a contact, as one file."""

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            told = everything_about(self.workspace, object_id)
        except Unknown as error:
            raise Http404 from error
        answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
        answer["Content-Disposition"] = f'attachment; filename="{object_id}.json"'
        answer["Cache-Control"] = "no-store"
        return answer


class Erase(Page):
    """Asks first; erasing can't be undone."""

    template = "contacts/erase.html"

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contact = Contact.objects.of(self.workspace).filter(pk=object_id).first()
        if contact is None:
            raise Http404
        return self.show(_("Erase %(name)s") % {"name": contact}, contact=contact)

    def post(self, request: HttpRequest, object_id: str, **kwargs: Any) -> HttpResponse:
        try:
            erase(self.workspace, object_id, by=actor(request))
        except Unknown as error:
            raise Http404 from error
        messages.success(request, _("The contact and everything about it are erased."))
        return HttpResponseRedirect(reverse("admin:contacts_contact_changelist"))
