"""Which version of an e-mail a contact gets, and when the better one is chosen by itself."""

from datetime import datetime, timedelta

from django.db.models import Min, QuerySet, Sum

from campaigns.models import Campaign, Message, Tally, Winner
from campaigns.workflow.experiments import Decision, assign, decide
from campaigns.workflow.experiments import Tally as Counted
from campaigns.workflow.graph import Email, Variant
from fluenzr_site.events.recording import Change


class Versions:
    """Which version each contact of a batch gets. What is known is asked once for each e-mail, and counted on."""

    def __init__(self, unit: Change, campaign: Campaign, now: datetime) -> None:
        self._unit, self._campaign, self._now = unit, campaign, now
        self._winners: dict[str, str] | None = None
        self._sampled: dict[str, int] = {}

    def of(self, node: Email, contact_id: str) -> str | None:
        """``a`` or ``b``, empty without a comparison; None for who has to wait until the sample has told."""
        variant = node.variant_b
        if variant is None:
            return ""
        winner = self._winner(node)
        if winner:
            return winner
        split = assign(self._campaign.pk, node.id, contact_id, variant.split)
        if not variant.automatic:
            return split
        if self._count(node) < int(variant.sample_size or 0):
            self._sampled[node.id] += 1
            return split
        return self._decided(node, variant, split)

    def decided_at(self, node: Email) -> datetime | None:
        """When the wait of an automatic choice is over."""
        # The sample may have been reserved a moment ago, and not be written yet.
        return decided_at(self._campaign, node) or self._now + _wait(node)

    def _winner(self, node: Email) -> str | None:
        if self._winners is None:
            self._winners = dict(Winner.objects.filter(campaign=self._campaign).values_list("node_id", "variant"))
        return self._winners.get(node.id)

    def _count(self, node: Email) -> int:
        if node.id not in self._sampled:
            self._sampled[node.id] = _messages(self._campaign, node).count()
        return self._sampled[node.id]

    def _decided(self, node: Email, variant: Variant, split: str) -> str | None:
        decision = _decision(self._campaign, node, variant, self._now)
        if decision.reason == "waiting":
            # Without a sample size everybody is in the sample until the wait is over.
            return None if variant.sample_size else split
        if decision.reason == "sample_too_small":
            return split
        chosen = decision.winner or "a"
        Winner.objects.create(
            campaign=self._campaign,
            node_id=node.id,
            variant=chosen,
            significance=decision.significance,
            reason=decision.reason,
            decided_at=self._unit.at,
        )
        self._winners = {**(self._winners or {}), node.id: chosen}
        return chosen


def decided_at(campaign: Campaign, node: Email) -> datetime | None:
    """When the wait of an automatic choice is over; None before anything was sent."""
    first = _messages(campaign, node).aggregate(first=Min("claimed_at"))["first"]
    return first + _wait(node) if first else None


def _wait(node: Email) -> timedelta:
    return timedelta(hours=float(node.variant_b.wait_hours or 0) if node.variant_b else 0.0)


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


def _messages(campaign: Campaign, node: Email) -> QuerySet[Message]:
    return Message.objects.of(campaign.workspace).filter(campaign=campaign, node_id=node.id)


def _counted(campaign: Campaign, node: Email, variant: str) -> Counted:
    names = ("sent", "bounced", "opened", "clicked", "replied")
    rows = Tally.objects.filter(campaign=campaign, node_id=node.id, variant=variant)
    found = rows.aggregate(**{f"total_{name}": Sum(name) for name in names})
    sums = {name: found[f"total_{name}"] or 0 for name in names}
    delivered = max(0, sums["sent"] - sums["bounced"])
    return Counted(delivered, sums["opened"], sums["clicked"], sums["replied"])
