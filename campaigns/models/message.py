from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.account import EmailAccount
from campaigns.models.campaign import Campaign
from campaigns.models.enrolment import Enrolment
from contacts.models import Contact
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

# As a condition of rows and of their index, which has to read alike.
TROUBLED: Final = ~Q(state="sent") | Q(bounced_at__isnull=False)


class Message(models.Model):
    """An e-mail of a campaign to one contact, recorded before its first byte leaves.

    One row an enrolment and e-mail node, by constraint: that, and not the care of the code, is why nobody gets
    the same step twice.
    """

    class State(models.TextChoices):
        # Written and reserved for a worker that is about to send it; surely not sent yet.
        CLAIMED = "claimed", _("Claimed")
        # May be on its way. Found so after a crash, it becomes uncertain.
        SENDING = "sending", _("Sending")
        # The server has it; what follows from that isn't recorded yet.
        TAKEN = "taken", _("Taken")
        SENT = "sent", _("Sent")
        # Not accepted yet, and surely not sent; tried again later.
        DEFERRED = "deferred", _("Deferred")
        # Perhaps sent. Never sent again by itself.
        UNCERTAIN = "uncertain", _("Uncertain")
        # Refused for good, surely not delivered.
        FAILED = "failed", _("Failed")

    UNDER_WAY: ClassVar = (State.CLAIMED, State.SENDING, State.TAKEN)

    class Bounce(models.TextChoices):
        HARD = "hard", _("Hard")
        SOFT = "soft", _("Soft")

    id = IdField(prefix="msg", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="messages", db_index=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="messages", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="messages", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="messages", db_index=False)
    account = models.ForeignKey(EmailAccount, models.RESTRICT, related_name="messages", db_index=False)
    node_id = models.CharField(max_length=100)
    # "a" or "b" where two versions are compared.
    variant = models.CharField(max_length=1, blank=True, default="")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.CLAIMED)
    # The worker's claim, the same as the enrolment's lease: who has lost it changes nothing.
    claim = models.CharField(max_length=32, blank=True, default="")
    # How often a server was asked to take it, and answered that it doesn't now.
    attempts = models.PositiveSmallIntegerField(default=0)
    # <left@right>, as in its header.
    message_id = models.CharField(max_length=320)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=998, blank=True, default="")
    # When its sending was begun: what limits count.
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # The server's last word.
    response = models.CharField(max_length=500, blank=True, default="")

    tracks_opens = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    open_count = models.PositiveIntegerField(default=0)
    clicked_at = models.DateTimeField(null=True)
    click_count = models.PositiveIntegerField(default=0)
    # Fetches of its pixel and links by programs that are no person's: kept apart, in no figure.
    robot_visits = models.PositiveIntegerField(default=0)
    replied_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    bounce_type = models.CharField(max_length=4, choices=Bounce.choices, blank=True, default="")
    unsubscribed_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet["Message"].as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "node_id"], name="message_once_a_step"),
            models.UniqueConstraint(fields=["message_id"], name="message_id_once"),
        ]
        indexes = [
            # The daily limit of the account and of the plan, the hourly limit of the campaign.
            models.Index(fields=["account", "claimed_at"], name="message_of_account"),
            models.Index(fields=["workspace", "claimed_at"], name="message_of_workspace"),
            models.Index(fields=["campaign", "claimed_at"], name="message_of_campaign"),
            models.Index(fields=["contact"], name="message_of_contact"),
            # Of an account's e-mails those that aren't simply sent, so that its health needs no look at each.
            models.Index(fields=["account", "claimed_at"], condition=TROUBLED, name="message_troubled"),
            # Whose answer it is, where no Message-ID tells.
            models.Index(fields=["account", "recipient", "sent_at"], name="message_to_recipient"),
            # What a worker that is gone has left behind.
            models.Index(
                fields=["campaign"], condition=Q(state__in=["claimed", "sending", "taken"]), name="message_under_way"
            ),
            # What a person has to look at.
            models.Index(fields=["workspace"], condition=Q(state="uncertain"), name="message_uncertain"),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} to {self.contact_id}"


class Link(models.Model):
    """An address that a campaign's e-mails lead to: the only places its clicks can go."""

    id = IdField(prefix="lnk", primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="links", db_index=False)
    # Of the address, which may be longer than an index takes.
    digest = models.CharField(max_length=64)
    url = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "digest"], name="link_once_a_campaign")]

    def __str__(self) -> str:
        return self.url


class Click(models.Model):
    """That a person followed a link of a message: once for each."""

    pk = models.CompositePrimaryKey("message_id", "link_id")
    message = models.ForeignKey(Message, models.CASCADE, related_name="clicks", db_index=False)
    link = models.ForeignKey(Link, models.CASCADE, related_name="clicks", db_index=False)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["link"], name="click_of_link")]

    def __str__(self) -> str:
        return f"{self.link_id} in {self.message_id}"
