"""Campaigns as the API and the events show them."""

from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign
from campaigns.stats import counts
from fluenzr_site.core.clock import iso


def campaign_documents(campaigns: Sequence[Campaign]) -> list[dict[str, Any]]:
    """Each with its statistics, in one query for all."""
    figures = counts.totals(campaign.pk for campaign in campaigns)
    return [_document(campaign, counts.document(figures.get(campaign.pk))) for campaign in campaigns]


def campaign_document(campaign: Campaign) -> dict[str, Any]:
    return campaign_documents([campaign])[0]


def _document(campaign: Campaign, stats: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "description": campaign.description or None,
        "status": campaign.status,
        "emailAccountId": campaign.account_id,
        "settings": campaign.settings,
        "workflow": campaign.workflow,
        "stats": stats,
        "createdAt": iso(campaign.created_at),
        "startedAt": iso(campaign.started_at) if campaign.started_at else None,
        "updatedAt": iso(campaign.updated_at),
    }
