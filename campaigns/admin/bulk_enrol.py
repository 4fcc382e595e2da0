"""Adding many contacts to a campaign, from the contacts' list, and taking them out again."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.changes import campaigns as changes
from campaigns.changes import enrolling
from campaigns.changes.joining import FILLED
from campaigns.models import IN_CAMPAIGN, Campaign, Enrolment
from contacts.admin.bulk import BulkAction, add_action
from contacts.admin.bulk_forms import Choice
from contacts.changes import earlier, kinds
from contacts.changes.kinds import Kind
from contacts.cleaning import Invalid
from contacts.models import BulkChange, Contact, EarlierValues
from fluenzr_site.core.saying import say
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

KIND: Final = "enrol"


class EnrolKind(Kind):
    """``what``: the campaign's id. What is kept is who came in by it."""

    def make(self, of: BulkChange, contact_ids: Sequence[str], by: Actor) -> int:
        with change(of.workspace, by) as unit:
            campaign = _open(of)
            before = _inside(campaign, contact_ids)
            enrolling.enrol(unit, campaign, Contact.objects.of(of.workspace).filter(pk__in=contact_ids))
            added = _inside(campaign, contact_ids) - before
            earlier.note(of.pk, dict.fromkeys(sorted(added), ""))
        return len(added)

    def take_back(self, of: BulkChange, rows: Sequence[EarlierValues], by: Actor) -> dict[str, str]:
        contact_ids = [row.contact_id for row in rows]
        with change(of.workspace, by) as unit:
            try:
                campaign = changes.locked(of.workspace, of.what["campaign"])
            except changes.Unknown:
                return dict.fromkeys(contact_ids, EarlierValues.Outcome.OVER.value)
            inside = _inside(campaign, contact_ids, IN_CAMPAIGN)
            enrolling.remove(unit, campaign, sorted(inside))
        return {pk: EarlierValues.Outcome.OVER.value for pk in contact_ids if pk not in inside}


def _open(of: BulkChange) -> Campaign:
    """The campaign, held, as long as it takes anybody in. Raises Invalid."""
    try:
        campaign = changes.locked(of.workspace, of.what["campaign"])
        changes.require(campaign, FILLED, "filled")
    except changes.Unknown:
        raise Invalid({"campaign": [say("The campaign is gone")]}) from None
    except changes.WrongState as error:
        over = say("The campaign is archived or completed: nobody can be added any more.")
        raise Invalid({"campaign": [over]}) from error
    return campaign


def _inside(campaign: Campaign, contact_ids: Sequence[str], statuses: Sequence[str] = ()) -> set[str]:
    inside = Enrolment.objects.of(campaign.workspace).filter(campaign=campaign, contact_id__in=contact_ids)
    inside = inside.filter(status__in=statuses) if statuses else inside.exclude(status=Enrolment.Status.REMOVED)
    return set(inside.values_list("contact_id", flat=True))


class CampaignChoice(Choice):
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=gettext_lazy("Campaign"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Those that are drafts, active or paused."),
    )

    def prepare(self, workspace: Workspace) -> None:
        field: Any = self.fields["campaign"]
        field.queryset = Campaign.objects.of(workspace).filter(status__in=FILLED).order_by("name", "id")

    def what(self) -> dict[str, Any]:
        return {"campaign": self.cleaned_data["campaign"].pk}

    def detail(self) -> str:
        return str(self.cleaned_data["campaign"])


class EnrolAction(BulkAction):
    kind = KIND


kinds.register(KIND, EnrolKind())
add_action(
    EnrolAction(
        "add_to_campaign",
        gettext_lazy("Add to a campaign"),
        ngettext_lazy("Add %(count)d contact to a campaign", "Add %(count)d contacts to a campaign", "count"),
        CampaignChoice,
        done=ngettext_lazy(
            "%(count)d contact added to the campaign.", "%(count)d contacts added to the campaign.", "count"
        ),
        hint=gettext_lazy(
            "Where the campaign is active, they begin at once. Who is in it already, has unsubscribed, bounced or is "
            "blocked is left out. Undoing takes them out again, so that no further e-mail goes to them; those that "
            "were sent can't be taken back."
        ),
    ),
    before="block",
)
