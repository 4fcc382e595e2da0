"""The way to everything that can be set up, and two pages to read: privacy, and the plan with what is used of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fluenzr_site.adminsite.pages import Page
from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.adminsite.site import site
from fluenzr_site.notices.sending import KEPT
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.usage import Use, add_uses, uses


def anybody(_request: HttpRequest) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """A page where something is set up; one that isn't there is left out."""

    title: Any
    icon: str
    route: str
    text: Any
    allowed: Callable[[HttpRequest], bool] = anybody

    @property
    def url(self) -> str:
        try:
            return reverse(f"admin:{self.route}")
        except NoReverseMatch:
            return ""


def _places() -> list[tuple[Any, list[Place]]]:
    return [
        (
            _("Workspace"),
            [
                Place(
                    _("Name and address"),
                    "domain",
                    "workspaces_workspace_changelist",
                    _("What the workspace is called, its time zone, and the postal address under your e-mails."),
                    administers,
                ),
                Place(
                    _("Members"),
                    "badge",
                    "workspaces_membership_changelist",
                    _("Who may come in, and as what."),
                    administers,
                ),
                Place(
                    _("Plan and its use"),
                    "monitoring",
                    "settings_plan",
                    _("What your plan allows, and how much of it is used."),
                ),
                Place(
                    _("Privacy"),
                    "lock",
                    "settings_privacy",
                    _("What is tracked and kept, and how somebody's data is handed over or erased."),
                ),
            ],
        ),
        (
            pgettext("settings", "Sending"),
            [
                Place(
                    _("E-mail accounts"),
                    "alternate_email",
                    "campaigns_emailaccount_changelist",
                    _("The mailboxes that campaigns are sent from, their limits, and whether their domain is trusted."),
                    administers,
                ),
            ],
        ),
        (
            _("Contacts"),
            [
                Place(
                    _("Pipeline stages"),
                    "view_column",
                    "contacts_pipelinestage_changelist",
                    _("The steps from a first e-mail to a deal."),
                ),
                Place(
                    _("Custom fields"),
                    "edit_note",
                    "contacts_customfield_changelist",
                    _("What you want to know of contacts beyond the usual."),
                ),
                Place(
                    _("Locations"),
                    "location_on",
                    "contacts_location_changelist",
                    _("Places that contacts belong to, such as branches."),
                ),
            ],
        ),
        (
            _("Other programs"),
            [
                Place(
                    _("API keys"),
                    "key",
                    "workspaces_apikey_changelist",
                    _("Let your own programs read and write contacts and campaigns."),
                    administers,
                ),
                Place(
                    _("Webhooks"),
                    "webhook",
                    "webhooks_webhook_changelist",
                    _("Tell other programs as soon as something happens."),
                    administers,
                ),
            ],
        ),
        (
            _("You"),
            [
                Place(
                    _("Your profile"),
                    "person",
                    "profile",
                    _("Your name, language, time zone and colours, and what you hear of by e-mail."),
                ),
            ],
        ),
    ]


class SettingsHome(Page):
    template = "adminsite/settings_home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        seen = [(title, [each for each in places if each.allowed(request) and each.url]) for title, places in _places()]
        groups = [(title, places) for title, places in seen if places]
        return self.show(_("Settings"), groups=groups, administers=administers(request))


class Privacy(Page):
    """What the workspace tracks and keeps. To be read by all; changed where the workspace is set up."""

    template = "adminsite/settings_privacy.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        explained = {
            Workspace.OpenTracking.OFF: _("Nobody learns whether an e-mail was opened. Open rates aren't known."),
            Workspace.OpenTracking.DATE_ONLY: _("The first time is kept, without address and program. E-mails say so."),
            Workspace.OpenTracking.FULL: _("Every time is kept, with network address and program. E-mails say so."),
        }
        modes = [(mode.label, text, mode == self.workspace.open_tracking) for mode, text in explained.items()]
        return self.show(
            _("Privacy"),
            modes=modes,
            administers=administers(request),
            log_days=settings.FLUENZR_WEBHOOK_LOG_DAYS,
            notice_days=KEPT.days,
            contacts=reverse("admin:contacts_contact_changelist"),
        )


class PlanUse(Page):
    template = "adminsite/settings_plan.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        limits = self.workspace.limits
        features = [
            (_("API and keys"), limits.api),
            (_("Two versions of an e-mail compared"), limits.ab_tests),
            (_("Conditions in campaigns"), limits.conditions),
        ]
        return self.show(_("Plan and its use"), plan=limits.title, uses=uses(self.workspace), features=features)


@add_uses
def workspace_uses(workspace: Workspace) -> list[Use]:
    """What people and programs use."""
    limits = workspace.limits
    members = workspace.memberships.filter(is_active=True).count()
    full = _("Nobody can be added or let in again; deactivate somebody first.")
    wait = _("More are answered with 429 until the minute is over.")
    return [
        Use(_("Members"), members, limits.members, full, order=3),
        Use(_("API requests a minute"), None, limits.requests_a_minute if limits.api else 0, wait, order=6),
    ]


def urls() -> list[URLPattern]:
    return [
        path("settings/", site.admin_view(SettingsHome.as_view()), name="settings_home"),
        path("settings/privacy/", site.admin_view(Privacy.as_view()), name="settings_privacy"),
        path("settings/plan/", site.admin_view(PlanUse.as_view()), name="settings_plan"),
    ]
