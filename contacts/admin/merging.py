"""Contacts side by side, field by field, before they become one; and apart again."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.admin.cells import badge
from contacts.admin.people import person_name
from contacts.changes import merging as changes
from contacts.changes.contacts import EmailTaken, Unknown
from contacts.models import Contact, CustomField, Merge
from contacts.queries import Contacts, matching
from fluenzr_site.adminsite.choices import typed
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.core.said import in_words
from fluenzr_site.workspaces.plans import LimitReached

OFFERED: Final = 10
_LABELS: Final = {
    "email": gettext_lazy("E-mail"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "company": gettext_lazy("Company"),
    "job_title": gettext_lazy("Job title"),
    "phone": gettext_lazy("Phone"),
    "website": gettext_lazy("Website"),
    "stage": gettext_lazy("Pipeline stage"),
    "owner": gettext_lazy("Owner"),
    "location": gettext_lazy("Location"),
    "channel": gettext_lazy("Channel"),
    "consent": gettext_lazy("Consent"),
}


@dataclass(frozen=True, slots=True)
class Option:
    contact_id: str
    name: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A field: what each contact has there. ``is_settled``: there is nothing to choose."""

    name: str
    label: Any
    options: list[Option]
    is_settled: bool


class _ChooseForMerging:
    """The bulk action: leads those that are chosen to the comparison."""

    name = "merge"
    label = gettext_lazy("Merge")

    def __call__(self, admin: ScopedAdmin, request: HttpRequest, contacts: Contacts) -> HttpResponse | None:
        chosen = list(contacts.order_by("pk").values_list("pk", flat=True)[: changes.MOST + 1])
        if not 2 <= len(chosen) <= changes.MOST:
            messages.error(request, _("Choose 2 to %(most)d contacts to merge.") % {"most": changes.MOST})
            return None
        return HttpResponseRedirect(comparing(chosen))


CHOSEN: Final = _ChooseForMerging()


def comparing(contact_ids: list[str]) -> str:
    return f"{reverse('admin:contacts_merge')}?{urlencode({'ids': contact_ids}, doseq=True)}"


class Compare(Page):
    template = "contacts/merge.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        contacts = self._asked(request.GET.getlist("ids"))
        if not contacts:
            raise Http404
        if len(contacts) < 2:
            return self._choose(contacts[0], typed(request.GET))
        plan = changes.plan(contacts)
        return self.show(
            _("Merge contacts"),
            people=[(each, badge(each.status), comparing(_first(each, contacts))) for each in contacts],
            rows=_rows(contacts, plan.picks),
            plan=plan,
            status=badge(plan.status),
            groups=sorted({group.name for each in contacts for group in each.groups.all()}),
            tags=sorted({tag.name for each in contacts for tag in each.tags.all()}),
            days=changes.KEPT.days,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        contacts = self._asked(request.POST.getlist("ids"))
        wanted = [contact.pk for contact in contacts]
        if len(wanted) < 2:
            messages.error(request, _("One of them is gone: there is nothing to merge."))
            return HttpResponseRedirect(reverse("admin:contacts_duplicates"))
        picks = {name: value for name in changes.fields_of(contacts) if (value := request.POST.get(f"pick-{name}"))}
        try:
            merge = changes.merge(self.workspace, wanted[0], wanted[1:], picks=picks, by=actor(request))
        except changes.Busy as error:
            messages.error(request, in_words(error))
            return HttpResponseRedirect(comparing(wanted))
        except Unknown:
            messages.error(request, _("One of them is gone: there is nothing to merge."))
            return HttpResponseRedirect(reverse("admin:contacts_duplicates"))
        told = ngettext("%(count)d contact is now one.", "%(count)d contacts are now one.", len(wanted))
        undo = reverse("admin:contacts_merge_undo", args=[merge.pk])
        told %= {"count": len(wanted)}
        messages.success(request, format_html('{} <a class="text-link" href="{}">{}</a>', told, undo, _("Undo")))
        return HttpResponseRedirect(reverse("admin:contacts_contact_change", args=[wanted[0]]))

    def _asked(self, asked: list[str]) -> list[Contact]:
        """Those there are, in the order asked: the first is who stays."""
        wanted = list(dict.fromkeys(pk.replace("\0", "") for pk in asked))[: changes.MOST]
        rows = Contact.objects.of(self.workspace).select_related("stage", "owner", "location")
        known = rows.prefetch_related("groups", "tags").in_bulk(wanted)
        return [known[pk] for pk in wanted if pk in known]

    def _choose(self, contact: Contact, query: str) -> HttpResponse:
        """With whom? Found by a search."""
        others = Contact.objects.of(self.workspace).exclude(pk=contact.pk).order_by("-pk")
        found = list(matching(others, query)[:OFFERED]) if query else []
        offered = [(each, comparing([contact.pk, each.pk])) for each in found]
        self.template = "contacts/merge_with.html"
        return self.show(_("Merge %(name)s") % {"name": contact}, contact=contact, query=query, offered=offered)


def _first(contact: Contact, contacts: list[Contact]) -> list[str]:
    return [contact.pk, *(each.pk for each in contacts if each.pk != contact.pk)]


def _rows(contacts: list[Contact], picks: dict[str, str]) -> list[Row]:
    own = dict(CustomField.objects.of(contacts[0].workspace).values_list("key", "label"))
    rows = []
    for name in changes.fields_of(contacts):
        key = name.removeprefix(changes.CUSTOM)
        options = [
            Option(each.pk, each.email or str(each), _text(each, name), each.pk == picks[name]) for each in contacts
        ]
        texts = {option.text for option in options}
        rows.append(Row(name, _LABELS.get(name) or own.get(key, key), options, len(texts) == 1))
    return rows


def _text(contact: Contact, name: str) -> str:
    if name == "stage":
        return str(contact.stage or "")
    if name == "owner":
        return person_name(contact.owner) if contact.owner else ""
    if name == "location":
        return str(contact.location or "")
    if name == "consent":
        since = contact.consent_date
        said = contact.get_consent_source_display()
        return f"{said}, {date_format(since, 'SHORT_DATE_FORMAT')}" if since else said
    value = changes.value_of(contact, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


class Undo(Page):
    """Says what comes back and what doesn't, then does it."""

    template = "contacts/merge_undo.html"

    def get(self, request: HttpRequest, merge_id: str) -> HttpResponse:
        merge = self._merge(merge_id)
        names = [_name(row) for row in merge.before["merged"]]
        return self.show(_("Undo the merge"), merge=merge, survivor=merge.survivor, names=names)

    def post(self, request: HttpRequest, merge_id: str) -> HttpResponse:
        merge = self._merge(merge_id)
        page = reverse("admin:contacts_contact_change", args=[merge.survivor_id])
        try:
            undone = changes.undo(self.workspace, merge_id, by=actor(request))
        except Unknown as error:
            raise Http404 from error
        except EmailTaken:
            messages.error(request, _("It can't be undone: another contact has one of the e-mail addresses by now."))
        except changes.Busy as error:
            messages.error(request, in_words(error))
        except changes.NotLast:
            messages.error(request, _("Another contact was merged into it since: undo that first."))
        except changes.TooLate:
            messages.error(request, _("It is too long ago to be undone."))
        except LimitReached as error:
            messages.error(request, in_words(error))
        else:
            count = len(undone.contact_ids)
            told = ngettext("%(count)d contact is back.", "%(count)d contacts are back.", count) % {"count": count}
            messages.success(request, told)
            if undone.stays:
                messages.info(request, _("What was changed since the merge has stayed as it is."))
        return HttpResponseRedirect(page)

    def _merge(self, merge_id: str) -> Merge:
        found = Merge.objects.of(self.workspace).select_related("survivor").filter(pk=merge_id).first()
        if found is None:
            raise Http404
        return found


def _name(row: dict[str, Any]) -> str:
    return f"{row['first_name']} {row['last_name']}".strip() or row["email"] or row["id"]
