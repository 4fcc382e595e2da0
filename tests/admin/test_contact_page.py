"""A contact's page: what stands in its head, what can be done there, and its history."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from contacts.changes.contacts import Edit, edit_many, update
from contacts.changes.merging import merge
from contacts.cleaning import Draft
from contacts.models import Contact, PipelineStage
from fluenzr_site.events import types
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.workspaces.models import Workspace

BY = Actor("command", "test")
Make = Callable[..., Contact]


def page_of(client: Client, contact: Contact) -> str:
    return client.get(reverse("admin:contacts_contact_change", args=[contact.pk])).text


def timeline(client: Client, contact: Contact, query: str = "", **headers: str) -> str:
    return client.get(reverse("admin:contacts_contact_timeline", args=[contact.pk]) + query, headers=headers).text


def test_the_head_says_who_it_is(admin: Client, contact: Make) -> None:
    there = contact(
        "ann+x@example.com", firstName="Ann", company="Acme", jobTitle="CEO", phone="+33 6 12", tags=["vip"]
    )
    page = page_of(admin, there)
    assert "CEO at Acme" in page and "flz-badge-good" in page and "<b>vip</b>" in page
    assert 'href="mailto:ann+x@example.com"' in page and 'href="tel:+33612"' in page


def test_the_stage_is_changed_in_place(admin: Client, contact: Make, acme: Workspace) -> None:
    there, stage = contact("a@example.com"), PipelineStage.objects.of(acme)[1]
    url = reverse("admin:contacts_contact_stage", args=[there.pk])
    assert "Moved to Qualified." in admin.post(url, {"stage": stage.pk}, follow=True).text
    there.refresh_from_db()
    assert there.stage == stage
    admin.post(url, {"stage": ""})
    there.refresh_from_db()
    assert there.stage is None
    assert "That stage is gone." in admin.post(url, {"stage": "stg_gone"}, follow=True).text


def test_blocking_and_writing_again(admin: Client, contact: Make) -> None:
    there = contact("a@example.com")
    url = reverse("admin:contacts_contact_block", args=[there.pk])
    assert "is blocked" in admin.post(url, {"on": "1"}, follow=True).text
    there.refresh_from_db()
    assert there.status == "blocked"
    admin.post(url, {"on": "0"})
    there.refresh_from_db()
    assert there.status == "active"
    # Whoever unsubscribed is not made mailable by it.
    Contact.objects.filter(pk=there.pk).update(status="unsubscribed")
    admin.post(url, {"on": "0"})
    there.refresh_from_db()
    assert there.status == "unsubscribed" and "Block: write no more" not in page_of(admin, there)


@pytest.mark.parametrize("name", ["stage", "block", "timeline"])
def test_foreign_contacts_are_not_there(admin: Client, zebras: dict[str, str], name: str) -> None:
    url = reverse(f"admin:contacts_contact_{name}", args=[zebras["contact"]])
    answer = admin.get(url) if name == "timeline" else admin.post(url, {"on": "1"})
    assert answer.status_code == 404
    assert Contact.objects.get(pk=zebras["contact"]).status == "active"


def test_history_tells_what_changed_from_what_to_what(admin: Client, contact: Make, acme: Workspace) -> None:
    there = contact("a@example.com", company="Old", tags=["x"], customFields={"size": "big"})
    stage = PipelineStage.objects.of(acme)[0]
    update(acme, there.pk, Draft(values={"company": "New"}, custom_fields={"size": "small"}), by=BY)
    edit_many(acme, [there.pk], Edit(add_tags=("y",), remove_tags=("x",)), by=BY)
    edit_many(acme, [there.pk], Edit(stage_id=stage.pk, stage_given=True), by=BY)
    page = page_of(admin, there)
    for said in ("company: Old → New", "Size: big → small", "+ y", "− x", "Moved from no stage to Lead", "Created"):
        assert said in page
    # A move is told once, newest first.
    assert page.count("Moved from") == 1
    assert page.index("Moved from") < page.index("+ y") < page.index("Old → New") < page.index(">Created<")


def test_a_contact_is_made_before_it_has_a_stage(admin: Client, contact: Make, acme: Workspace) -> None:
    there = contact("a@example.com", pipelineStageId=PipelineStage.objects.of(acme)[0].pk)
    address = reverse("admin:contacts_contact_timeline", args=[there.pk])

    def lines(before: str = "") -> tuple[list[str], str]:
        found = admin.get(address, {"before": before} if before else {}).context["timeline"]["history"]
        return [line.told.what for line in found.lines], found.older

    assert lines()[0] == ["Moved from no stage to Lead", "Created"]
    assert {line.who for line in admin.get(address).context["timeline"]["history"].lines} == {"the command line"}
    # Wherever a page ends, each is told once.
    for number in range(20):
        update(acme, there.pk, Draft(values={"company": f"C{number}"}), by=BY)
        first, older = lines()
        rest = lines(older)[0] if older else []
        assert (first + rest)[-2:] == ["Moved from no stage to Lead", "Created"]
        assert len(first + rest) == number + 3


def test_history_is_filtered_by_kind_and_paged(admin: Client, contact: Make, acme: Workspace) -> None:
    there, stage = contact("a@example.com"), PipelineStage.objects.of(acme)[0]
    edit_many(acme, [there.pk], Edit(stage_id=stage.pk, stage_given=True), by=BY)
    for number in range(25):
        update(acme, there.pk, Draft(values={"company": f"C{number}"}), by=BY)
    first = admin.get(reverse("admin:contacts_contact_timeline", args=[there.pk])).context["timeline"]["history"]
    assert len(first.lines) == 20 and first.older
    rest = timeline(admin, there, f"?before={first.older}", **{"HX-Request": "true"})
    assert "<html" not in rest and rest.count("flz-event-who") == 7 and "Show older" not in rest
    assert "Moved from" in timeline(admin, there, "?kind=stages")
    assert "company" not in timeline(admin, there, "?kind=stages", **{"HX-Request": "true"})
    assert "Nothing of this kind" in timeline(admin, there, "?kind=replies")
    assert "Show older" in timeline(admin, there, "?kind=unheard-of&before=zzz%00")


def test_campaigns_tell_what_became_of_their_e_mails(admin: Client, contact: Make, acme: Workspace) -> None:
    there = contact("a@example.com")
    about = {"campaignId": "cmp_x", "campaignName": "Spring", "emailSubject": "Hello"}
    with change(acme, Actor("contact", there.pk)) as unit:
        unit.record(types.EMAIL_SENT, there.pk, about)
        unit.record(types.EMAIL_DELIVERED, there.pk, about)
        unit.record(types.EMAIL_CLICKED, there.pk, about | {"linkUrl": "https://x.co/prices"})
        unit.record(types.EMAIL_REPLIED, there.pk, about | {"replyPreview": "<b>Yes</b>"})
    page = page_of(admin, there)
    for said in ("Sent “Hello”", "Followed a link in “Hello”", "https://x.co/prices", "Answered “Hello”"):
        assert said in page
    assert "&lt;b&gt;Yes" in page and "Campaign: Spring" in page and "The contact" in page
    assert timeline(admin, there, "?kind=emails", **{"HX-Request": "true"}).count("flz-event-who") == 1


def test_a_merge_is_part_of_the_history_and_can_be_undone_from_the_page(
    admin: Client, contact: Make, acme: Workspace
) -> None:
    ann, bob = contact("ann@example.com"), contact("bob@example.com", firstName="Bob", company="B")
    merge(acme, ann.pk, [bob.pk], picks={}, by=BY)
    page = page_of(admin, ann)
    assert "Merged with Bob" in page and "Undo the last merge" in page
