"""The figures of each e-mail of a campaign, and of its two versions where there are two."""

from datetime import datetime
from typing import Any

from campaigns.models import COUNTED, Campaign, Winner
from campaigns.sending import experiments
from campaigns.stats import counts
from campaigns.stats.counts import Figures
from campaigns.stats.period import EVER, Period
from campaigns.workflow.graph import Email
from campaigns.workflow.parsing import parse
from campaigns.workflow.paths import emails_in_order


def email_documents(campaign: Campaign, now: datetime, period: Period = EVER) -> list[dict[str, Any]]:
    """As they follow one another, then those that the workflow no longer has, with what was counted in the period."""
    figures = counts.by_email(campaign, period)
    winners = dict(Winner.objects.filter(campaign=campaign).values_list("node_id", "variant"))
    workflow = parse(campaign.version.workflow if campaign.version else campaign.workflow)
    emails = {node.id: node for node in emails_in_order(workflow)}
    gone = {node_id for node_id, _ in figures} - emails.keys()
    emails |= _of_older_versions(campaign, gone)
    node_ids = [*emails, *sorted(gone - emails.keys())]
    return [
        _document(campaign, number, node_id, emails.get(node_id), figures, winners.get(node_id), now)
        for number, node_id in enumerate(node_ids, 1)
    ]


def _of_older_versions(campaign: Campaign, node_ids: set[str]) -> dict[str, Email]:
    """E-mails that the workflow has no more, each from the newest version that has it: some may still be sent."""
    found: dict[str, Email] = {}
    if node_ids:
        for version in campaign.versions.order_by("-created_at", "-pk"):
            for node in emails_in_order(parse(version.workflow)):
                if node.id in node_ids:
                    found.setdefault(node.id, node)
    return found


def _document(
    campaign: Campaign,
    number: int,
    node_id: str,
    node: Email | None,
    figures: dict[tuple[str, str], Figures],
    winner: str | None,
    now: datetime,
) -> dict[str, Any]:
    versions = {variant: row for (of_node, variant), row in figures.items() if of_node == node_id}
    total = {name: sum(row[name] for row in versions.values()) for name in COUNTED}
    decision = experiments.current(campaign, node, now) if node and node.variant_b else None
    return {
        "nodeId": node_id,
        "emailNumber": number,
        "subject": node.subject if node else "",
        **counts.rated(total, over_sent=True),
        "variants": _variants(node, versions),
        "winner": winner.upper() if winner else None,
        "significance": round(decision.significance, 4) if decision else None,
    }


def _variants(node: Email | None, versions: dict[str, Figures]) -> list[dict[str, Any]]:
    if node is None or node.variant_b is None:
        return []
    nothing = dict.fromkeys(COUNTED, 0)
    subjects = {"a": node.subject, "b": node.variant_b.subject}
    return [
        {"variant": name.upper(), "subject": subject, **counts.rated(versions.get(name, nothing), over_sent=True)}
        for name, subject in subjects.items()
    ]
