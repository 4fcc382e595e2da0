from django.db import models

from campaigns.models.campaign import Campaign
from contacts.models import Contact
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

#: Seconds.
QUARTER = 900
COUNTED = ("enrolled", "sent", "opened", "clicked", "replied", "bounced", "unsubscribed")


class Tally(models.Model):
    """What happened in a quarter of an hour, by e-mail and version, in contacts.

    Statistics are sums of these, so that they cost the same for a thousand e-mails and a million, and stay when a
    contact is deleted. Every zone's hours and days begin on a quarter of an hour. ``node_id`` is empty for
    ``enrolled``.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tallies", db_index=False)
    node_id = models.CharField(max_length=100, blank=True, default="")
    variant = models.CharField(max_length=1, blank=True, default="")
    # The epoch second at which the quarter begins.
    quarter = models.BigIntegerField()
    enrolled = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    clicked = models.IntegerField(default=0)
    replied = models.IntegerField(default=0)
    bounced = models.IntegerField(default=0)
    unsubscribed = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "node_id", "variant", "quarter"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.node_id} {self.quarter}"


class Activity(models.Model):
    """Something that happened to one contact in a campaign, as the campaign's own log tells it."""

    id = IdField(prefix="evt", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="activities", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", db_index=False)
    contact_email = models.CharField(max_length=254)
    node_id = models.CharField(max_length=100, blank=True, default="")
    type = models.CharField(max_length=40)
    metadata = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = OwnedQuerySet["Activity"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "id"], name="activity_newest"),
            models.Index(fields=["campaign", "type", "id"], name="activity_of_type"),
            models.Index(fields=["contact"], name="activity_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.contact_id}"
