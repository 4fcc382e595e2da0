"""The campaign's workflow, edited in the browser: the page, and what its script asks for."""

import json
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from campaigns.admin.campaign_page import CampaignPage
from campaigns.admin.editor_document import document, why_read_only
from campaigns.admin.editor_problems import shown_problems
from campaigns.admin.editor_saving import Changed, as_saved, save
from campaigns.changes import campaigns as changes
from campaigns.workflow.graph import InvalidWorkflow
from campaigns.workflow.parsing import parse
from fluenzr_site.adminsite.scoped import ScopedAdmin, actor
from fluenzr_site.core.said import in_words


class Edit(CampaignPage):
    """The workflow as a list of steps and as a graph, with the chosen step beside them."""

    tab = "edit"
    template = "campaigns/campaign/editor.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        own = request.user.email if isinstance(request.user, User) else ""
        held = document(self.campaign, {name: self.address(name) for name in ("save", "check")}, own)
        return self.show(_("E-mails"), held=held, read_only=held["readOnly"], is_fullwidth="1")


class Save(CampaignPage):
    """Takes the workflow as the script has it: 409 where somebody else has changed it, or it may not be changed."""

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = _asked(request)
        try:
            campaign = save(self.campaign, asked.get("workflow"), str(asked.get("was", "")), by=actor(request))
        except Changed as error:
            return JsonResponse({"changed": as_saved(error.campaign)}, status=409)
        except changes.WrongState:
            self.campaign.refresh_from_db(fields=["status"])
            return JsonResponse({"refused": why_read_only(self.campaign)}, status=409)
        except changes.Invalid as error:
            return JsonResponse({"refused": in_words(error)}, status=400)
        return JsonResponse(as_saved(campaign) | {"problems": shown_problems(campaign, parse(campaign.workflow))})


class Check(CampaignPage):
    """What is wrong with a workflow that isn't saved."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            workflow = parse(_asked(request).get("workflow"))
        except InvalidWorkflow as error:
            return JsonResponse({"refused": in_words(error)}, status=400)
        return JsonResponse({"problems": shown_problems(self.campaign, workflow)})


def urls(model_admin: ScopedAdmin) -> list[URLPattern]:
    """``edit/`` is the page; the other two answer JSON with JSON."""
    routes: dict[str, tuple[str, type[CampaignPage]]] = {
        "edit": ("edit/", Edit),
        "save": ("edit/save/", Save),
        "check": ("edit/check/", Check),
    }
    return [
        path(
            f"<str:object_id>/{route}",
            model_admin.admin_site.admin_view(page.as_view(model_admin=model_admin)),
            name=f"campaigns_campaign_{name}",
        )
        for name, (route, page) in routes.items()
    ]


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent; an empty one for anything else."""
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}
