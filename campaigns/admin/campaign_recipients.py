"""Who gets a campaign: groups and single contacts put in, and taken out again."""

from typing import Any, Final

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.campaign_people import STATUS_COLOURS
from campaigns.changes import campaigns as changes
from campaigns.changes import filling
from campaigns.models import Enrolment
from campaigns.queries import NEVER_MAILED, mailable
from campaigns.stats.people import statuses
from contacts.models import Contact, Group
from contacts.queries import contacts_of, in_groups, matching
from fluenzr_site.adminsite.choices import typed
from fluenzr_site.adminsite.numbers import number
from fluenzr_site.adminsite.scoped import actor

MOST_FOUND: Final = 25
MOST_IDS: Final = 1000


class Recipients(CampaignPage):
    """``add`` in what is posted: the ticked ``groups``, the ``ticked`` contacts, or all that ``match`` the search."""

    tab = "recipients"
    template = "campaigns/campaign/recipients.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = typed(request.GET)
        linked = self.campaign.dynamic_groups.order_by("name")
        states = statuses(self.campaign)
        inside = sum(count for status, count in states.items() if status != Enrolment.Status.REMOVED)
        return self.show(
            _("Recipients"),
            is_open=self.campaign.status in filling.OPEN,
            groups=(groups := list(self._groups())),
            has_dynamic=any(group.type == Group.Type.DYNAMIC for group in groups),
            linked=linked,
            inside=inside,
            inside_said=ngettext("%(count)s contact", "%(count)s contacts", inside) % {"count": number(inside)},
            statuses=_states(states),
            query=query,
            **(self._search(query) if query else {}),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if "unlink" in request.POST:
            return self._unlink(request.POST["unlink"])
        contacts, link = self._asked(request.POST)
        if contacts is None:
            messages.warning(request, _("Tick something first: nobody was added."))
            return redirect(self._here(request))
        try:
            filled = filling.fill(self.workspace, self.campaign.pk, contacts, link=link, by=actor(request))
        except changes.WrongState:
            messages.error(request, _("The campaign is over: nobody can be added any more."))
        else:
            level = messages.success if filled.added else messages.warning
            level(request, told(filled))
        return redirect(self._here(request))

    def _groups(self) -> Any:
        return Group.objects.of(self.workspace).annotate(size=Count("memberships")).order_by("name")

    def _search(self, query: str) -> dict[str, Any]:
        """The contacts found, each with why it can't be put in, whether any can, and how many there are in all."""
        found = matching(contacts_of(self.workspace), query)
        shown = list(found.order_by("-id")[:MOST_FOUND])
        inside = Enrolment.objects.of(self.workspace).filter(campaign=self.campaign, contact__in=shown)
        known = {each.contact_id: each for each in inside.exclude(status=Enrolment.Status.REMOVED)}
        results = [(contact, _why_not(contact, known.get(contact.pk))) for contact in shown]
        total = len(shown) if len(shown) < MOST_FOUND else found.count()
        can_tick = any(not why_not for _contact, why_not in results)
        can_add = can_tick or (total > len(shown) and self._is_any_left(found))
        asked = {"results": results, "can_tick": can_tick, "can_add": can_add}
        return asked | {"total": total, "total_said": number(total), "most": MOST_FOUND}

    def _is_any_left(self, found: Any) -> bool:
        inside = Enrolment.objects.of(self.workspace).filter(campaign=self.campaign, contact=OuterRef("pk"))
        return bool(mailable(found).exclude(Exists(inside.exclude(status=Enrolment.Status.REMOVED))).exists())

    def _asked(self, posted: QueryDict) -> tuple[Any, list[str]]:
        everybody = contacts_of(self.workspace)
        match posted.get("add"):
            case "groups":
                known = Group.objects.of(self.workspace).filter(pk__in=posted.getlist("group")[:MOST_IDS])
                group_ids = list(known.values_list("pk", flat=True))
                link = group_ids if posted.get("link") else []
                return (in_groups(everybody, group_ids), link) if group_ids else (None, [])
            case "ticked":
                ids = posted.getlist("contact")[:MOST_IDS]
                return (everybody.filter(pk__in=ids), []) if ids else (None, [])
            case "match":
                query = typed(posted)
                return (matching(everybody, query), []) if query else (None, [])
        return None, []

    def _unlink(self, group_id: str) -> HttpResponse:
        name = Group.objects.of(self.workspace).filter(pk=group_id).values_list("name", flat=True).first()
        if name and filling.unlink(self.workspace, self.campaign.pk, group_id, by=actor(self.request)):
            text = _("Who joins “%(name)s” from now on stays out of the campaign. Who is in it stays in.")
            messages.success(self.request, text % {"name": name})
        return redirect(self.address("recipients"))

    def _here(self, request: HttpRequest) -> str:
        query = QueryDict(mutable=True)
        if typed(request.POST):
            query["q"] = typed(request.POST)
        return f"{self.address('recipients')}?{query.urlencode()}" if query else self.address("recipients")


class Remove(CampaignPage):
    """Asks first: ``only`` or ``contact`` in what is posted are ids; with ``confirmed`` they are taken out."""

    tab = "recipients"
    template = "campaigns/campaign/remove.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(self.address("people"))

    def post(self, request: HttpRequest) -> HttpResponse:
        posted = request.POST
        ids = [posted["only"]] if posted.get("only") else posted.getlist("contact")[:MOST_IDS]
        back = QueryDict(posted.get("back", "")).urlencode()
        address = f"{self.address('people')}?{back}" if back else self.address("people")
        inside = Enrolment.objects.of(self.workspace).filter(campaign=self.campaign, contact__in=ids)
        found = list(inside.exclude(status=Enrolment.Status.REMOVED).select_related("contact").order_by("-id"))
        if not found:
            messages.warning(request, _("Nobody was ticked who is in the campaign."))
            return redirect(address)
        if "confirmed" not in posted:
            return self.show(_("Remove"), question=_question(found), enrolments=found, back=back, address=address)
        count = filling.empty(self.workspace, self.campaign.pk, [each.contact_id for each in found], by=actor(request))
        said = ngettext("%(count)s contact was removed.", "%(count)s contacts were removed.", count)
        messages.success(request, said % {"count": number(count)})
        return redirect(address)


def told(filled: filling.Filled) -> str:
    """What became of those who were asked for."""
    said = [ngettext("%(count)s contact was added.", "%(count)s contacts were added.", filled.added)]
    counts = [filled.added]
    if filled.inside:
        said.append(ngettext("%(count)s was in it already.", "%(count)s were in it already.", filled.inside))
        counts.append(filled.inside)
    if filled.never_mailed:
        said.append(
            ngettext(
                "%(count)s is never written to: unsubscribed, bounced, blocked or without an address.",
                "%(count)s are never written to: unsubscribed, bounced, blocked or without an address.",
                filled.never_mailed,
            )
        )
        counts.append(filled.never_mailed)
    return " ".join(text % {"count": number(count)} for text, count in zip(said, counts, strict=True))


def _question(found: list[Enrolment]) -> str:
    if len(found) == 1:
        return _("Remove %(name)s from the campaign?") % {"name": found[0].contact}
    said = ngettext(
        "Remove %(count)s contact from the campaign?", "Remove %(count)s contacts from the campaign?", len(found)
    )
    return said % {"count": number(len(found))}


def _why_not(contact: Contact, enrolment: Enrolment | None) -> str:
    if enrolment is not None:
        return _("in it: %(status)s") % {"status": enrolment.get_status_display().lower()}
    if not contact.email:
        return _("no address")
    return contact.get_status_display() if contact.status in NEVER_MAILED else ""


def _states(states: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"value": each.value, "label": each.label, "number": number(states[each]), "colour": STATUS_COLOURS[each]}
        for each in Enrolment.Status
        if states.get(each)
    ]
