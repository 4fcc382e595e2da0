"""Campaigns as the API and the events show them."""

from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign
from campaigns.stats import counts
from fluenzr_site.core.clock import iso


def campaign_documents(campaigns: Sequence[Campaign]) -> list[dict[str, Any]]:
    """Each with its statistics and accounts, in two queries for all."""
    figures = counts.totals(campaign.pk for campaign in campaigns)
    more = _more_accounts(campaigns)
    return [_document(each, counts.document(figures.get(each.pk)), more.get(each.pk, [])) for each in campaigns]


def campaign_document(campaign: Campaign) -> dict[str, Any]:
    return campaign_documents([campaign])[0]


def _more_accounts(campaigns: Sequence[Campaign]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = Campaign.more_accounts.through.objects.filter(campaign__in=campaigns).order_by("emailaccount_id")
    for campaign_id, account_id in rows.values_list("campaign_id", "emailaccount_id"):
        found.setdefault(campaign_id, []).append(account_id)
    return found


def _document(campaign: Campaign, stats: dict[str, Any], more: list[str]) -> dict[str, Any]:
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "description": campaign.description or None,
        "status": campaign.status,
        "emailAccountId": campaign.account_id,
        "moreEmailAccountIds": more,
        "settings": campaign.settings,
        "workflow": campaign.workflow,
        "stats": stats,
        "createdAt": iso(campaign.created_at),
        "startedAt": iso(campaign.started_at) if campaign.started_at else None,
        "updatedAt": iso(campaign.updated_at),
    }
