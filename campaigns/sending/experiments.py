"""Which version of an e-mail a contact gets, and when the better one is chosen by itself."""

from datetime import datetime, timedelta

from django.db.models import Min, QuerySet, Sum

from campaigns.models import Campaign, Message, Tally, Winner
from campaigns.workflow.experiments import Decision, assign, decide
from campaigns.workflow.experiments import Tally as Counted
from campaigns.workflow.graph import Email, Variant
from fluenzr_site.events.recording import Change


def variant_for(unit: Change, campaign: Campaign, node: Email, contact_id: str, now: datetime) -> str | None:
    """``a`` or ``b``, empty without a comparison; None for who has to wait until the sample has told."""
    variant = node.variant_b
    if variant is None:
        return ""
    winner = Winner.objects.filter(campaign=campaign, node_id=node.id).first()
    if winner:
        return winner.variant
    if not variant.automatic or _sampled(campaign, node) < int(variant.sample_size or 0):
        return assign(campaign.pk, node.id, contact_id, variant.split)
    decision = _decision(campaign, node, variant, now)
    if decision.reason == "waiting":
        # Without a sample size everybody is in the sample until the wait is over.
        return None if variant.sample_size else assign(campaign.pk, node.id, contact_id, variant.split)
    if decision.reason == "sample_too_small":
        return assign(campaign.pk, node.id, contact_id, variant.split)
    chosen = decision.winner or "a"
    Winner.objects.create(
        campaign=campaign,
        node_id=node.id,
        variant=chosen,
        significance=decision.significance,
        reason=decision.reason,
        decided_at=unit.at,
    )
    return chosen


def decided_at(campaign: Campaign, node: Email) -> datetime | None:
    """When the wait of an automatic choice is over; None before anything was sent."""
    hours = float(node.variant_b.wait_hours or 0) if node.variant_b else 0.0
    first = _messages(campaign, node).aggregate(first=Min("claimed_at"))["first"]
    return first + timedelta(hours=hours) if first else None


def current(campaign: Campaign, node: Email, now: datetime) -> Decision | None:
    """How the two versions compare now; None without a comparison."""
    return _decision(campaign, node, node.variant_b, now) if node.variant_b else None


def _decision(campaign: Campaign, node: Email, variant: Variant, now: datetime) -> Decision:
    over = decided_at(campaign, node)
    sample = int(variant.sample_size) if variant.sample_size else None
    return decide(
        _counted(campaign, node, "a"),
        _counted(campaign, node, "b"),
        variant.criterion,
        sample=sample,
        waited=over is not None and now >= over,
    )


def _sampled(campaign: Campaign, node: Email) -> int:
    return _messages(campaign, node).count()


def _messages(campaign: Campaign, node: Email) -> QuerySet[Message]:
    return Message.objects.of(campaign.workspace).filter(campaign=campaign, node_id=node.id)


def _counted(campaign: Campaign, node: Email, variant: str) -> Counted:
    names = ("sent", "bounced", "opened", "clicked", "replied")
    rows = Tally.objects.filter(campaign=campaign, node_id=node.id, variant=variant)
    found = rows.aggregate(**{f"total_{name}": Sum(name) for name in names})
    sums = {name: found[f"total_{name}"] or 0 for name in names}
    delivered = max(0, sums["sent"] - sums["bounced"])
    return Counted(delivered, sums["opened"], sums["clicked"], sums["replied"])
