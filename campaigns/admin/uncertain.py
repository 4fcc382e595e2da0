"""E-mails of which nobody knows whether they were sent: a person looks, and says so."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import register
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.changes import uncertain as changes
from campaigns.models import Campaign, Message
from campaigns.workflow.parsing import parse
from campaigns.workflow.paths import emails_in_order
from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.adminsite.site import site

AT_A_TIME = 50
URL = "admin:campaigns_message_changelist"


class Uncertain(Page):
    """``sent`` or ``again`` in what is posted is the id of the e-mail that it is said of."""

    template = "campaigns/uncertain.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Message.objects.of(self.workspace).filter(state=Message.State.UNCERTAIN)
        rows = rows.select_related("campaign__version", "contact", "account").order_by("id")
        page = Paginator(rows, AT_A_TIME).get_page(request.GET.get("page"))
        steps = {message.campaign_id: _numbers(message.campaign) for message in page}
        for message in page:
            message.step = steps[message.campaign_id].get(message.node_id)  # type: ignore[attr-defined]
        return self.show(_("Uncertain e-mails"), page=page)

    def post(self, request: HttpRequest) -> HttpResponse:
        was_sent = "sent" in request.POST
        message_id = request.POST.get("sent" if was_sent else "again", "")
        try:
            message = changes.settle(self.workspace, message_id, was_sent=was_sent, by=actor(request))
        except changes.NotUncertain:
            messages.warning(request, _("It is known already what became of that e-mail."))
        else:
            messages.success(request, _said(message, was_sent=was_sent))
        return redirect(URL)


def _said(message: Message, *, was_sent: bool) -> str:
    if was_sent:
        text = _("The e-mail to %(recipient)s counts as sent: the contact goes on.")
    else:
        text = _("The e-mail to %(recipient)s is sent as soon as the campaign may.")
    return text % {"recipient": message.recipient}


def _numbers(campaign: Campaign) -> dict[str, int]:
    """Which e-mail of its campaign each node is: the first, the second …"""
    workflow = parse(campaign.version.workflow if campaign.version else campaign.workflow)
    return {node.id: number for number, node in enumerate(emails_in_order(workflow), 1)}


@register(Message, site=site)
class MessageAdmin(ScopedAdmin):
    """For everybody in the workspace; a single e-mail has no page here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        return Uncertain.as_view(model_admin=self)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        raise Http404
