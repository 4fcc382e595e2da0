"""Two people have the same form open: each save writes what its own person changed, and undoes nobody else's."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.changes import campaigns as campaign_changes
from campaigns.models import Campaign, EmailAccount
from contacts.changes.contacts import Edit, edit_many
from contacts.changes.custom_fields import create_field
from contacts.changes.groups import create_group
from contacts.models import Contact, Group, PipelineStage
from fluenzr_site.events.models import Event
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import BY

Make = Callable[..., Contact]
INPUT = re.compile(r"<input[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


class Tab:
    """A form as it is open in somebody's browser: what it shows is sent back, but for what they change."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url
        self.answer = client.get(url)
        self._read()

    def _read(self) -> None:
        """What a browser would send: the fields as they stand, and the hidden one."""
        context: Any = self.answer.context
        self.form = context["adminform"].form if "adminform" in context else context["form"]
        self.values: dict[str, Any] = {}
        for name in self.form.fields:
            value = self.form[name].value()
            # An unticked box is not sent.
            if value is not None and value is not False:
                self.values[name] = value
        for found in INPUT.findall(self.answer.text):
            attributes = dict(ATTRIBUTE.findall(found))
            if attributes.get("name") == "as_shown":
                self.values["as_shown"] = unescape(attributes["value"])

    def save(self, **changed: Any) -> Any:
        self.answer = self.client.post(self.url, self.values | changed)
        if self.answer.status_code == 200:
            self._read()
        return self.answer

    @property
    def errors(self) -> dict[str, Any]:
        return dict(self.form.errors)


def page(contact: Contact) -> str:
    return reverse("admin:contacts_contact_change", args=[contact.pk])


@pytest.mark.parametrize("status", ["blocked", "unsubscribed", "bounced"])
def test_a_stale_save_unblocks_nobody(admin: Client, member: Client, contact: Make, status: str) -> None:
    there = contact("a@example.com")
    tab = Tab(admin, page(there))
    Contact.objects.filter(pk=there.pk).update(status=status)
    assert tab.save(notes="met in Lyon").status_code == 302
    there.refresh_from_db()
    assert (there.status, there.notes) == (status, "met in Lyon")


def test_an_unsubscribe_that_came_while_the_form_was_open_stays(admin: Client, contact: Make, acme: Workspace) -> None:
    there = contact("a@example.com")
    tab = Tab(admin, page(there))
    edit_many(acme, [there.pk], Edit(status="unsubscribed"), by=BY)
    assert tab.save(status="blocked").status_code == 200
    assert "Unsubscribed" in tab.errors["status"][0]
    there.refresh_from_db()
    assert there.status == "unsubscribed"


def test_what_was_shown_and_can_no_longer_be_chosen_is_no_error(admin: Client, contact: Make) -> None:
    there = contact("a@example.com")
    Contact.objects.filter(pk=there.pk).update(status="unsubscribed")
    tab = Tab(admin, page(there))
    Contact.objects.filter(pk=there.pk).update(status="active")
    assert tab.save(company="New").status_code == 302
    there.refresh_from_db()
    assert (there.status, there.company) == ("active", "New")


def test_everything_that_others_changed_stays(admin: Client, member: Client, contact: Make, acme: Workspace) -> None:
    field = create_field(acme, {"key": "size", "label": "Size", "type": "text"})
    old, new = create_group(acme, {"name": "Old"}), create_group(acme, {"name": "New"})
    lead, won = PipelineStage.objects.of(acme)[0], PipelineStage.objects.of(acme).get(kind="won")
    there = contact("a@example.com", company="Old", tags=["old"], groupIds=[old.pk], customFields={"size": "old"})
    edit_many(acme, [there.pk], Edit(stage_id=lead.pk, stage_given=True), by=BY)
    first, second = Tab(admin, page(there)), Tab(member, page(there))
    own = {f"own_{field.pk}": "new"}
    changed = {"company": "New", "tag_names": "new", "group_ids": [new.pk], "tracking_objection": "on"}
    assert second.save(consent_date="2026-01-31", **changed, **own).status_code == 302
    edit_many(acme, [there.pk], Edit(stage_id=won.pk, stage_given=True), by=BY)
    assert first.save(notes="one\r\ntwo").status_code == 302
    there.refresh_from_db()
    assert (there.company, there.stage, there.custom_fields) == ("New", won, {"size": "new"})
    assert (list(there.groups.all()), [tag.name for tag in there.tags.all()]) == ([new], ["new"])
    assert there.tracking_objection and str(there.consent_date) == "2026-01-31" and there.notes == "one\r\ntwo"
    assert Event.objects.of(acme).about(there.pk)[0].note == "notes"


def test_the_same_field_changed_twice_is_said_there_and_what_was_typed_stays(
    admin: Client, member: Client, contact: Make, acme: Workspace
) -> None:
    readers, buyers = create_group(acme, {"name": "Readers"}), create_group(acme, {"name": "Buyers"})
    there = contact("a@example.com", company="Old", jobTitle="Old", tags=["old"])
    first, second = Tab(admin, page(there)), Tab(member, page(there))
    second.save(company="Theirs", job_title="Theirs", tag_names="theirs", group_ids=[readers.pk])
    mine = {"company": "Mine", "tag_names": "mine", "group_ids": [buyers.pk]}
    assert first.save(**mine).status_code == 200
    there.refresh_from_db()
    assert (there.company, there.notes) == ("Theirs", "")
    assert set(first.errors) == {"company", "tag_names", "group_ids"}
    assert "“Theirs”" in first.errors["company"][0] and "“Readers”" in first.errors["group_ids"][0]
    assert first.values["company"] == "Mine" and first.values["job_title"] == "Theirs"
    # They have read it, and mean it.
    assert first.save().status_code == 302
    there.refresh_from_db()
    assert (there.company, there.job_title) == ("Mine", "Theirs")
    assert (list(there.groups.all()), [tag.name for tag in there.tags.all()]) == ([buyers], ["mine"])


def test_the_same_wish_of_two_people_is_no_quarrel(admin: Client, member: Client, contact: Make) -> None:
    there = contact("a@example.com", company="Old")
    first, second = Tab(admin, page(there)), Tab(member, page(there))
    second.save(company="New")
    assert first.save(company="New").status_code == 302


def test_what_one_contact_showed_says_nothing_of_another(admin: Client, contact: Make) -> None:
    one, other = contact("a@example.com", company="One"), contact("b@example.com", company="Other")
    shown = Tab(admin, page(one)).values["as_shown"]
    tab = Tab(admin, page(other))
    tab.save(company="One", as_shown=shown)
    other.refresh_from_db()
    assert other.company == "One"


# ------------------------------------------------------------------------------------------------ other forms


def test_a_group_s_stale_form_leaves_its_type(admin: Client, member: Client, acme: Workspace) -> None:
    group = create_group(acme, {"name": "Readers"})
    url = reverse("admin:contacts_group_change", args=[group.pk])
    first, second = Tab(admin, url), Tab(member, url)
    second.save(type="dynamic")
    assert first.save(description="who reads").status_code == 302
    assert Group.objects.values_list("type", "description").get() == ("dynamic", "who reads")


def test_the_workspace_s_stale_form_turns_no_tracking_on(admin: Client, acme: Workspace) -> None:
    url = reverse("admin:workspaces_workspace_change", args=[acme.pk])
    Workspace.objects.filter(pk=acme.pk).update(open_tracking="full")
    tab = Tab(admin, url)
    Workspace.objects.filter(pk=acme.pk).update(open_tracking="off")
    assert tab.save(name="Acme & sons").status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.open_tracking) == ("Acme & sons", "off")


@pytest.fixture
def account(acme: Workspace) -> EmailAccount:
    return accounts.create(acme, {"email": "us@acme.test", "smtp_host": "one.example.com", "smtp_password": "kept"})


def account_page(account: EmailAccount) -> str:
    return reverse("admin:campaigns_emailaccount_change", args=[account.pk])


def test_an_account_s_stale_form_raises_no_limit(admin: Client, account: EmailAccount) -> None:
    tab = Tab(admin, account_page(account))
    EmailAccount.objects.filter(pk=account.pk).update(daily_limit=5, state="paused")
    assert tab.save(name="Ann of Acme").status_code == 302
    account.refresh_from_db()
    assert (account.daily_limit, account.state, account.name) == (5, "paused", "Ann of Acme")


def test_a_password_goes_to_no_server_that_its_person_has_not_seen(admin: Client, account: EmailAccount) -> None:
    tab = Tab(admin, account_page(account))
    EmailAccount.objects.filter(pk=account.pk).update(smtp_host="two.example.com")
    assert tab.save(smtp_secret="for the first").status_code == 200
    assert set(tab.errors) == {"smtp_secret"} and tab.values["smtp_host"] == "two.example.com"


def test_a_campaign_s_stale_form_sends_no_faster(admin: Client, acme: Workspace, account: EmailAccount) -> None:
    campaign = campaign_changes.create(acme, {"name": "Spring", "account_id": account.pk}, by=BY)
    url = reverse("admin:campaigns_campaign_settings", args=[campaign.pk])
    first, second = Tab(admin, url), Tab(admin, url)
    assert second.save(per_hour="3", days=["monday"]).status_code == 302
    assert first.save(description="for the fair").status_code == 302
    found = Campaign.objects.get()
    assert (found.settings["maxEmailsPerHour"], found.settings["sendDays"]) == (3, ["monday"])
    assert found.description == "for the fair"
    assert first.save(per_hour="50").status_code == 200 and "3" in first.errors["per_hour"][0]
