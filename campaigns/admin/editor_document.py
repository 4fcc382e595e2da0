"""All that the editor's script begins with."""

from typing import Any

from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.admin.editor_fields import fields, kinds
from campaigns.admin.editor_problems import shown_problems
from campaigns.admin.editor_saving import as_saved
from campaigns.admin.editor_templates import templates
from campaigns.admin.editor_texts import texts
from campaigns.admin.preview_people import people
from campaigns.changes.campaigns import EDITABLE
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.stats import counts
from campaigns.workflow.graph import MAX_NODES
from campaigns.workflow.parsing import parse
from contacts.models import Contact

#: How many contacts the preview offers to be seen as.
MOST_CONTACTS = 20


def document(campaign: Campaign, addresses: dict[str, str], own_address: str) -> dict[str, Any]:
    """``addresses``: where the script saves and checks; ``own_address``: where a test e-mail goes."""
    limits = campaign.workspace.limits
    return as_saved(campaign) | {
        "addresses": addresses | _message_addresses(campaign),
        "problems": shown_problems(campaign, parse(campaign.workflow)),
        "readOnly": why_read_only(campaign),
        "fields": fields(campaign.workspace),
        "kinds": kinds(),
        "counts": node_counts(campaign),
        "contacts": _contacts(campaign),
        "ownAddress": own_address,
        "templates": templates(),
        "texts": texts(),
        "language": get_language() or "en",
        "most": MAX_NODES,
        "allowed": {"conditions": limits.conditions, "versions": limits.ab_tests},
        "plan": limits.title,
    }


def why_read_only(campaign: Campaign) -> str:
    """Why the workflow can't be changed now; empty where it can."""
    if campaign.status in EDITABLE:
        return ""
    if campaign.status == Campaign.Status.ACTIVE:
        return _("The campaign is running. Pause it to change it.")
    text = _("The campaign is “%(status)s”, so that its e-mails can't be changed any more.")
    return text % {"status": campaign.get_status_display()}


def node_counts(campaign: Campaign) -> dict[str, dict[str, str]]:
    """By node, in words: how many contacts stand there, and what was sent from there. Nothing before it started."""
    if campaign.started_at is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    inside = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, status__in=IN_CAMPAIGN)
    for node_id, count in inside.exclude(node_id="").values_list("node_id").annotate(Count("pk")).order_by():
        said = ngettext("%(count)s here", "%(count)s here", count) % {"count": count}
        found.setdefault(node_id, {})["here"] = said
    sent: dict[str, int] = {}
    for (node_id, _variant), figures in counts.by_email(campaign).items():
        sent[node_id] = sent.get(node_id, 0) + figures["sent"]
    for node_id, count in sent.items():
        found.setdefault(node_id, {})["sent"] = ngettext("%(count)s sent", "%(count)s sent", count) % {"count": count}
    return found


def _contacts(campaign: Campaign) -> list[dict[str, str]]:
    """Whom an e-mail is shown as: some who are in the campaign, else some of the workspace."""
    return [{"id": each.pk, "name": _called(each)} for each in people(campaign).order_by("-pk")[:MOST_CONTACTS]]


def _called(contact: Contact) -> str:
    name = str(contact)
    return name if name == contact.email else f"{name} ({contact.email})"


def _message_addresses(campaign: Campaign) -> dict[str, str]:
    found = {}
    for name in ("preview", "try"):
        try:
            found[name] = reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])
        except NoReverseMatch:
            continue
    return found
