"""As whom an e-mail is looked at: one of the campaign's people, and the ones before and after."""

from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns import queries
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from campaigns.simulating.specimens import example
from contacts.models import Contact
from contacts.queries import matching


@dataclass(frozen=True, slots=True)
class Chosen:
    """``place`` among ``total``, 1 for the first, 0 for somebody else; ``before`` and ``after`` are ids."""

    contact: Contact
    place: int = 0
    total: int = 0
    before: str = ""
    after: str = ""


def people(campaign: Campaign) -> QuerySet[Contact]:
    """Who may be written to in the campaign; in the workspace, as long as nobody is in it."""
    everybody = queries.mailable(Contact.objects.of(campaign.workspace))
    inside = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, status__in=IN_CAMPAIGN)
    return everybody.filter(pk__in=inside.values("contact")) if inside.exists() else everybody


def chosen(campaign: Campaign, contact_id: str) -> Chosen:
    """The contact of that id, also one who isn't in the campaign, else the first; else somebody invented."""
    among = people(campaign).order_by("pk")
    rows = Contact.objects.of(campaign.workspace).select_related("stage")
    contact = rows.filter(pk=contact_id).first() if contact_id and "\0" not in contact_id else None
    if contact is None:
        contact = rows.filter(pk__in=among.values("pk")[:1]).first() or example(campaign)
    contact.workspace = campaign.workspace
    before, after = among.filter(pk__lt=contact.pk), among.filter(pk__gt=contact.pk)
    is_among = among.filter(pk=contact.pk).exists()
    return Chosen(
        contact,
        place=before.count() + 1 if is_among else 0,
        total=among.count(),
        before=before.values_list("pk", flat=True).last() or "",
        after=after.values_list("pk", flat=True).first() or "",
    )


def found_by(campaign: Campaign, query: str, most: int) -> list[Contact]:
    return list(matching(people(campaign), query).order_by("pk")[:most])
