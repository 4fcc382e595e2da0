"""What the contacts put on the dashboard."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import Contact, Import
from contacts.queries import contacts_of, created_between
from fluenzr_site.adminsite.dashboard import Card, Panel, add_cards, add_panels
from fluenzr_site.api.totals import remembered
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace

WEEK = timedelta(days=7)
PAST_IMPORTS = 5


@add_cards
def contact_cards(workspace: Workspace) -> list[Card]:
    contacts = contacts_of(workspace)
    everybody = reverse("admin:contacts_contact_changelist")
    total = remembered(workspace, "dashboard", contacts.count)
    recent = created_between(contacts, clock.now() - WEEK, None).count()
    active = remembered(workspace, "dashboard active", contacts.filter(status=Contact.Status.ACTIVE).count)
    replied = contacts.filter(status=Contact.Status.REPLIED).count()
    return [
        Card(_("Contacts"), total, everybody),
        Card(_("New in the last 7 days"), recent, everybody),
        Card(_("Can be written to"), active, f"{everybody}?status=active"),
        Card(_("Have replied"), replied, f"{everybody}?status=replied"),
    ]


@add_panels
def contact_panels(workspace: Workspace) -> list[Panel]:
    if not contacts_of(workspace).exists():
        return [Panel("contacts/first_steps.html")]
    imports = list(Import.objects.of(workspace)[:PAST_IMPORTS])
    return [Panel("contacts/recent_imports.html", {"imports": imports})] if imports else []
