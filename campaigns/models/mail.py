from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.account import EmailAccount
from campaigns.models.campaign import Campaign
from contacts.models import Contact
from fluenzr_site.core.ids import IdField
from fluenzr_site.core.leases import Leased
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet


class MailFolder(Leased):
    """How far a folder of an account has been read. ``last_uid`` moves with what was made of the mail."""

    class Role(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        # Answers and bounces land there too.
        JUNK = "junk", _("Junk")
        # What a person writes from a mail program of their own.
        SENT = "sent", _("Sent")

    id = IdField(prefix="fdr", primary_key=True)
    account = models.ForeignKey(EmailAccount, models.CASCADE, related_name="folders", db_index=False)
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=5, choices=Role.choices, default=Role.INBOX)
    # Null until the folder was first looked at: mail that was there before is not ours to judge.
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="mail_folder_once_an_account")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="mail_folder_due"),
            models.Index(fields=["lease"], condition=~Q(lease=""), name="mail_folder_leased"),
        ]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """What a contact and an account have written to each other."""

    class Status(models.TextChoices):
        UNREAD = "unread", _("Unread")
        READ = "read", _("Read")
        REPLIED = "replied", _("Replied")
        ARCHIVED = "archived", _("Archived")

    id = IdField(prefix="cnv", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="conversations", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="conversations", db_index=False)
    account = models.ForeignKey(EmailAccount, models.CASCADE, related_name="conversations", db_index=False)
    # The campaign that the last answer was to.
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.UNREAD)
    last_at = models.DateTimeField()

    objects = OwnedQuerySet["Conversation"].as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [models.UniqueConstraint(fields=["contact", "account"], name="conversation_once")]
        indexes = [
            models.Index("workspace", "status", models.F("last_at").desc(), name="conversation_newest"),
            models.Index(fields=["account"], name="conversation_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} · {self.account_id}"


class ReceivedMail(models.Model):
    """A message that an account received and that concerns a contact; each once, however often it is fetched."""

    id = IdField(prefix="rcv", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="received", db_index=False)
    folder = models.ForeignKey(MailFolder, models.CASCADE, related_name="received", db_index=False)
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="received")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="received")
    # reply, automatic, bounce, delayed, complaint, receipt, challenge, other: campaigns.receiving.classify.
    kind = models.CharField(max_length=12)
    message_id = models.CharField(max_length=1000, blank=True, default="")
    subject = models.CharField(max_length=998, blank=True, default="")
    text = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    objects = OwnedQuerySet["ReceivedMail"].as_manager()

    class Meta:
        verbose_name = _("received e-mail")
        verbose_name_plural = _("received e-mails")
        constraints = [
            models.UniqueConstraint(fields=["folder", "uid_validity", "uid"], name="received_once"),
        ]
        # Whether a message was read already, in this folder or another: asked for each that comes.
        indexes = [models.Index(fields=["workspace", "message_id"], name="received_known")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Reply(Leased):
    """What a person answers in a conversation, sent at most once as the e-mails of campaigns are.

    ``due_at`` is empty once its fate is settled, and where it waits for a person (uncertain).
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        # May be on its way. Found so after a crash, it becomes uncertain.
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        UNCERTAIN = "uncertain", _("Uncertain")
        FAILED = "failed", _("Failed")
        # Written in another mail program, and found in the Sent folder.
        FOUND = "found", _("Sent elsewhere")

    id = IdField(prefix="rpl", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="replies", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="replies")
    # Who wrote it; null for one that was found.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # <left@right>, as in its header.
    message_id = models.CharField(max_length=1000)
    # Of the thread, oldest first: what In-Reply-To and References name.
    references = models.JSONField(default=list)
    subject = models.CharField(max_length=998, blank=True, default="")
    text = models.TextField(_("text"))
    response = models.CharField(max_length=500, blank=True, default="")
    # When it was written, or the date of one that was found.
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet["Reply"].as_manager()

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [models.UniqueConstraint(fields=["workspace", "message_id"], name="reply_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="reply_due"),
            models.Index(fields=["lease"], condition=~Q(lease=""), name="reply_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.subject}"
