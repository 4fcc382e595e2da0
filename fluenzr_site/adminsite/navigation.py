"""The sidebar: what stands in it and who sees it."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from fluenzr_site.adminsite.remembering import administers
from fluenzr_site.workspaces.current import current


def in_workspace(request: HttpRequest) -> bool:
    return current(request) is not None


def stylesheet(_request: HttpRequest) -> str:
    return static("adminsite/admin.css")


def icon(_request: HttpRequest) -> str:
    return static("adminsite/icon.svg")


def script(_request: HttpRequest) -> str:
    return static("adminsite/admin.js")


def _item(title: Any, icon: str, route: str, permission: Any = in_workspace) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{route}"), "permission": permission}


def sidebar(_request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "items": [
                _item(_("Dashboard"), "dashboard", "index"),
                _item(_("Contacts"), "person", "contacts_contact_changelist"),
                _item(_("Groups"), "group", "contacts_group_changelist"),
                _item(_("Tags"), "sell", "contacts_tag_changelist"),
                _item(_("Imports"), "upload_file", "contacts_import_changelist"),
            ]
        },
        {
            "title": _("Set up"),
            "items": [
                _item(_("Pipeline stages"), "view_column", "contacts_pipelinestage_changelist"),
                _item(_("Custom fields"), "edit_note", "contacts_customfield_changelist"),
                _item(_("Locations"), "location_on", "contacts_location_changelist"),
            ],
        },
        {
            "title": _("Workspace"),
            "items": [
                _item(_("Members"), "badge", "workspaces_membership_changelist", administers),
                _item(_("API keys"), "key", "workspaces_apikey_changelist", administers),
                _item(_("Settings"), "settings", "workspaces_workspace_changelist", administers),
            ],
        },
    ]
