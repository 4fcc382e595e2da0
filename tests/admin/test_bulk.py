"""Changing many contacts from their list: the question, the work, the way back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.changes import accounts
from campaigns.changes import campaigns as campaign_changes
from campaigns.models import Campaign, Enrolment
from contacts.admin import bulk
from contacts.changes import bulk_changes
from contacts.changes.contacts import update
from contacts.changes.custom_fields import create_field
from contacts.cleaning import clean
from contacts.models import BulkChange, Contact
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace

LIST = "admin:contacts_contact_changelist"
Make = Callable[..., Contact]
BY = Actor("command", "test")


def act(client: Client, action: str, *chosen: Contact, query: str = "", **values: Any) -> Any:
    posted = {"action": action, "select_across": "0", "_selected_action": [one.pk for one in chosen]}
    return client.post(reverse(LIST) + query, posted | values)


def confirmed(client: Client, action: str, *chosen: Contact, query: str = "", **values: Any) -> Any:
    return act(client, action, *chosen, query=query, confirmed="1", **values)


def url(page: str, change: BulkChange) -> str:
    return reverse(f"admin:contacts_changes_{page}", args=[change.pk])


def the_change() -> BulkChange:
    return BulkChange.objects.latest("pk")


def test_the_message_offers_the_undo_and_it_works(admin: Client, contact: Make, ada: User) -> None:
    there = contact("a@example.com", tags=["old"])
    page = admin.get(confirmed(admin, "add_tags", there, tags="vip").headers["Location"])
    change = the_change()
    assert "1 contact changed." in page.text
    assert f'href="{url("undo", change)}"' in page.text
    listed = admin.get(reverse("admin:contacts_changes"))
    assert "Add tags: vip" in listed.text and url("undo", change) in listed.text and "ada" in listed.text
    assert "Undo “Add tags: vip” for 1 contact?" in admin.get(url("undo", change)).text
    page = admin.post(url("undo", change), follow=True)
    assert "1 contact is as it was before." in page.text
    assert [tag.name for tag in there.tags.all()] == ["old"]
    change.refresh_from_db()
    assert (change.state, change.undone_by) == ("undone", f"user:{ada.pk}")
    assert admin.get(url("undo", change)).headers["Location"] == url("one", change)


def test_who_was_changed_since_is_named_with_a_link_and_in_a_file(
    admin: Client, acme: Workspace, contact: Make
) -> None:
    ann, bo, cy = contact("ann@example.com", firstName="Ann"), contact("bo@example.com"), contact("cy@example.com")
    confirmed(admin, "set_field", ann, bo, cy, field="company", value="Acme")
    update(acme, ann.pk, clean({"company": "=Mine"}, needs_email=False), by=BY)
    confirmed(admin, "delete", bo)
    change = BulkChange.objects.get(action="set_field")
    page = admin.post(url("undo", change), follow=True).text
    assert "1 contact is as it was before. 2 stay as they are." in page
    assert f'<a class="text-link" href="{reverse("admin:contacts_contact_change", args=[ann.pk])}">Ann</a>' in page
    assert "bo@example.com" in page and "Changed since" in page and "Deleted since" in page
    file = b"".join(admin.get(url("stayed", change)).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert file.splitlines()[1:] == [
        f"{ann.pk},ann@example.com,Ann,Changed since",
        f"{bo.pk},bo@example.com,bo@example.com,Deleted since",
    ]
    assert Contact.objects.get(pk=ann.pk).company == "=Mine"


def test_deleted_contacts_come_back(admin: Client, contact: Make) -> None:
    there = contact("a@example.com", tags=["vip"])
    question = act(admin, "delete", there).text
    assert "Delete 1 contact?" in question and "You can undo this for 30 days." in question
    page = confirmed(admin, "delete", there)
    assert "1 contact deleted." in admin.get(page.headers["Location"]).text
    admin.post(url("undo", the_change()))
    assert Contact.objects.get().pk == there.pk
    assert [tag.name for tag in there.tags.all()] == ["vip"]


def test_all_that_match_are_asked_about_again_when_their_number_changed(admin: Client, contact: Make) -> None:
    first = contact("a@example.com", tags=["vip"])
    contact("other@example.com")
    page = act(admin, "delete", first, query="?tag=vip", select_across="1")
    assert "Delete 1 contact?" in page.text and 'name="asked" value="1"' in page.text
    contact("b@example.com", tags=["vip"])
    page = confirmed(admin, "delete", first, query="?tag=vip", select_across="1", asked="1")
    assert "Delete 2 contacts?" in page.text and "The list has changed meanwhile" in page.text
    confirmed(admin, "delete", first, query="?tag=vip", select_across="1", asked="2")
    assert Contact.objects.get().email == "other@example.com"


def test_what_changes_nothing_leaves_no_trace(admin: Client, contact: Make) -> None:
    there = contact("a@example.com", tags=["vip"])
    page = admin.get(confirmed(admin, "add_tags", there, tags="VIP").headers["Location"])
    assert "Nothing had to be changed." in page.text
    assert not BulkChange.objects.exists()
    assert "Nothing was done to many contacts yet" in admin.get(reverse("admin:contacts_changes")).text


def test_unblocking(admin: Client, contact: Make) -> None:
    blocked, gone = contact("a@example.com", status="blocked"), contact("b@example.com")
    Contact.objects.filter(pk=gone.pk).update(status="unsubscribed")
    confirmed(admin, "unblock", blocked, gone)
    assert list(Contact.objects.order_by("pk").values_list("status", flat=True)) == ["active", "unsubscribed"]


# --------------------------------------------------------------------------------------------- setting a field


def test_a_field_is_chosen_then_its_value(admin: Client, acme: Workspace, contact: Make) -> None:
    size = create_field(acme, {"key": "size", "label": "Size", "type": "dropdown", "options": ["S", "L"]})
    there = contact("a@example.com")
    assert 'name="value"' not in act(admin, "set_field", there).text
    asked = confirmed(admin, "set_field", there, field=f"own_{size.pk}").text
    assert '<option value="L"' in asked and Contact.objects.get().custom_fields == {}
    confirmed(admin, "set_field", there, field=f"own_{size.pk}", value="L")
    assert Contact.objects.get().custom_fields == {"size": "L"}
    assert the_change().detail == "Size → L"
    confirmed(admin, "set_field", there, field=f"own_{size.pk}", value="")
    assert Contact.objects.get().custom_fields == {}


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("company", " Acme ", "Acme"),
        ("notes", "", ""),
        ("consent_date", "2026-01-31", "2026-01-31"),
        ("consent_source", "event", "event"),
    ],
)
def test_fields_of_every_contact(admin: Client, contact: Make, field: str, value: str, kept: str) -> None:
    there = contact("a@example.com")
    Contact.objects.update(notes="before")
    confirmed(admin, "set_field", there, field=field, value=value)
    there.refresh_from_db()
    assert str(getattr(there, field)) == kept
    admin.post(url("undo", the_change()))
    there.refresh_from_db()
    assert (there.company, there.notes, there.consent_date, there.consent_source) == (
        "",
        "before",
        None,
        "not_specified",
    )


def test_a_value_that_does_not_fit_is_said_at_the_field(admin: Client, acme: Workspace, contact: Make) -> None:
    number = create_field(acme, {"key": "n", "label": "N", "type": "number"})
    there = contact("a@example.com")
    for field, value in (
        (f"own_{number.pk}", "many"),
        ("channel", "x" * 33),
        ("consent_source", ""),
        ("location_id", "loc_x"),
    ):
        page = confirmed(admin, "set_field", there, field=field, value=value)
        assert set(page.context["form"].errors) == {"value"}, field
    page = confirmed(admin, "set_field", there, field="email", value="x@y.co")
    assert "field" in page.context["form"].errors
    assert not BulkChange.objects.exists()


# ---------------------------------------------------------------------------------------------- the background


@pytest.fixture
def many(contact: Make, monkeypatch: pytest.MonkeyPatch) -> list[Contact]:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "STEP", 2)
    return [contact(f"c{number}@example.com") for number in range(5)]


def test_many_are_the_worker_s(admin: Client, many: list[Contact]) -> None:
    assert "it runs in the background" in act(admin, "add_tags", *many).text
    answer = confirmed(admin, "add_tags", *many, tags="vip")
    change = the_change()
    assert answer.headers["Location"] == url("one", change)
    page = admin.get(url("one", change))
    assert "Waiting for the worker" in page.text and 'hx-trigger="every 1s"' in page.text
    part = admin.get(url("one", change), headers={"HX-Request": "true"})
    assert "<html" not in part.text and "Add tags: vip" in part.text
    bulk_changes.run_due()
    assert admin.get(url("one", change), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "5 contacts changed." in admin.get(url("one", change)).text
    admin.post(url("undo", change))
    assert "Undoing" in admin.get(url("one", change)).text
    bulk_changes.run_due()
    assert "5 contacts are as they were before." in admin.get(url("one", change)).text
    assert not Contact.objects.filter(tags__name="vip").exists()


def test_it_can_be_cancelled(admin: Client, many: list[Contact]) -> None:
    confirmed(admin, "add_tags", *many, tags="vip")
    change = the_change()
    assert "Cancelled." in admin.post(url("cancel", change), follow=True).text
    assert not bulk_changes.run_due()
    assert admin.get(url("cancel", change)).status_code == 405


@pytest.mark.parametrize("page", ["one", "undo", "stayed", "cancel"])
def test_a_stranger_s_change_is_not_there(admin: Client, zebras: dict[str, str], zebra: Workspace, page: str) -> None:
    foreign = bulk_changes.start(
        Contact.objects.of(zebra), "edit", "block", workspace=zebra, by=BY, what={"status": "blocked"}
    )
    ask = admin.post if page == "cancel" else admin.get
    assert ask(url(page, foreign)).status_code == 404
    assert admin.post(url("undo", foreign)).status_code == 404
    assert "Block" not in admin.get(reverse("admin:contacts_changes")).context["lines"]
    foreign.refresh_from_db()
    assert foreign.state == "running"


# ------------------------------------------------------------------------------------------------- campaigns


@pytest.fixture
def campaign(acme: Workspace) -> Campaign:
    account = accounts.create(acme, {"email": "sam@sender.test", "smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"})
    return campaign_changes.create(acme, {"name": "Spring", "account_id": account.pk}, by=BY)


def test_adding_to_a_campaign_and_taking_out_again(admin: Client, contact: Make, campaign: Campaign) -> None:
    ann, bo, cy = contact("a@example.com"), contact("b@example.com"), contact("c@example.com", status="blocked")
    confirmed(admin, "add_to_campaign", ann, campaign=campaign.pk)
    answer = confirmed(admin, "add_to_campaign", ann, bo, cy, campaign=campaign.pk)
    assert "1 contact added to the campaign." in admin.get(answer.headers["Location"]).text
    change = the_change()
    assert (change.detail, Enrolment.objects.count()) == ("Spring", 2)
    admin.post(url("undo", change))
    assert dict(Enrolment.objects.values_list("contact_id", "status")) == {ann.pk: "pending", bo.pk: "removed"}


def test_who_is_through_with_a_campaign_stays_and_is_named(admin: Client, contact: Make, campaign: Campaign) -> None:
    ann, bo = contact("a@example.com"), contact("b@example.com")
    confirmed(admin, "add_to_campaign", ann, bo, campaign=campaign.pk)
    Enrolment.objects.filter(contact=ann).update(status="completed")
    page = admin.post(url("undo", the_change()), follow=True).text
    assert "a@example.com" in page and "Its campaign is over" in page
    assert dict(Enrolment.objects.values_list("contact_id", "status")) == {ann.pk: "completed", bo.pk: "removed"}


def test_a_campaign_that_is_put_away_meanwhile_takes_nobody(
    admin: Client, acme: Workspace, many: list[Contact], campaign: Campaign
) -> None:
    confirmed(admin, "add_to_campaign", *many, campaign=campaign.pk)
    campaign_changes.archive(acme, campaign.pk, by=BY)
    bulk_changes.run_due()
    page = admin.get(url("one", the_change())).text
    assert "The campaign is archived" in page
    assert not Enrolment.objects.exists()
