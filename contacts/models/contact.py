import functools

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext_lazy as _

from contacts.models.group import Group
from contacts.models.location import Location
from contacts.models.pipeline import PipelineStage
from contacts.models.tag import Tag
from contacts.phones import SEPARATORS
from fluenzr_site.core.ids import IdField
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.owned import OwnedQuerySet

CONSENT_SOURCES = [
    ("web_opt_in", _("Web opt-in")),
    ("event", _("Event")),
    ("business_card", _("Business card")),
    ("social_network", _("Social network")),
    ("referral", _("Referral")),
    ("existing", _("Existing customer")),
    ("other", _("Other")),
    ("not_specified", _("Not specified")),
]
# A phone without what people put between its digits. An expression, so that both databases can index it.
COMPACT_PHONE = functools.reduce(
    lambda phone, separator: Replace(phone, Value(separator), Value("")),
    SEPARATORS[1:],
    Replace(F("phone"), Value(SEPARATORS[0]), Value("")),
)


class Contact(models.Model):
    """A person the team writes to. Written only by ``contacts.changes``."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        REPLIED = "replied", _("Replied")
        BLOCKED = "blocked", _("Blocked")

    id = IdField(prefix="con", primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="contacts", db_index=False)
    # Lower-case. Null, not blank, for a contact of the messaging API that has none: unique holds for the rest.
    email = models.CharField(_("e-mail"), max_length=254, null=True)  # noqa: DJ001
    first_name = models.CharField(_("first name"), max_length=255, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=255, blank=True, default="")
    company = models.CharField(_("company"), max_length=255, blank=True, default="")
    job_title = models.CharField(_("job title"), max_length=255, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=64, blank=True, default="")
    # E.164, and the messaging API's: of the people with one phone, at most one is who it speaks of.
    number = models.CharField(max_length=16, null=True, editable=False)  # noqa: DJ001
    website = models.CharField(_("website"), max_length=2048, blank=True, default="")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.ACTIVE)
    stage = models.ForeignKey(
        PipelineStage,
        # Not PROTECT, which would keep a whole workspace from being deleted.
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("pipeline stage"),
    )
    custom_fields = models.JSONField(_("custom fields"), default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    channel = models.CharField(_("channel"), max_length=32, blank=True, default="")
    location = models.ForeignKey(
        Location, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("location")
    )
    notes = models.TextField(_("notes"), blank=True, default="")
    consent_source = models.CharField(
        _("consent source"), max_length=16, choices=CONSENT_SOURCES, default="not_specified"
    )
    consent_date = models.DateField(_("consent date"), null=True, blank=True)
    consent_notes = models.TextField(_("consent notes"), blank=True, default="")
    tracking_objection = models.BooleanField(_("objects to open tracking"), default=False)
    # The import that created it, so that the import can be undone. No foreign key: imports come and go.
    source_import_id = models.CharField(max_length=24, blank=True, default="", editable=False)
    # Lower-case e-mail, names, company and job title: what a search looks through, alike on both databases.
    search_text = models.TextField(default="", editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    updated_at = models.DateTimeField(_("updated"), editable=False)

    groups = models.ManyToManyField(
        Group, through="contacts.GroupMembership", related_name="contacts", verbose_name=_("groups")
    )
    tags = models.ManyToManyField(Tag, through="contacts.ContactTag", related_name="contacts", verbose_name=_("tags"))

    objects = OwnedQuerySet["Contact"].as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            # Also the index of look-ups and sorting by e-mail.
            models.UniqueConstraint(fields=["workspace", "email"], name="contact_email_once_a_workspace"),
            # Also the messaging API's look-up.
            models.UniqueConstraint(
                fields=["workspace", "number"],
                condition=Q(number__isnull=False),
                name="contact_number_once_a_workspace",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "unsubscribed", "bounced", "replied", "blocked"]),
                name="contact_status_known",
            ),
        ]
        indexes = [
            # Lists, newest first, and pages by cursor.
            models.Index("workspace", models.F("id").desc(), name="contact_newest"),
            # The list's commonest filter.
            models.Index("workspace", "status", models.F("id").desc(), name="contact_status_newest"),
            # A column of the pipeline.
            models.Index("workspace", "stage", models.F("id").desc(), name="contact_stage_newest"),
            # Incremental sync.
            models.Index("workspace", "updated_at", "id", name="contact_updated"),
            # The messaging API's look-up among the phones that others have written.
            models.Index("workspace", COMPACT_PHONE, condition=~Q(phone=""), name="contact_compact_phone"),
            # What an import created, for its undo.
            models.Index(fields=["source_import_id"], condition=~Q(source_import_id=""), name="contact_source_import"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.phone or self.pk

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
