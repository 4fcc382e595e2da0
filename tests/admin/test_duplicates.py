"""Duplicates are found, compared and merged in the browser; those told apart stay apart."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.changes.contacts import delete_many
from contacts.duplicates import Person, alike, canonical, is_slip
from contacts.models import Contact, Merge
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.models import Workspace
from tests.admin.conftest import signed_in

Make = Callable[..., Contact]
DUPLICATES, MERGE = "admin:contacts_duplicates", "admin:contacts_merge"


def person(number: int, email: str = "", name: str = "", company: str = "", phone: str = "") -> Person:
    first, _, last = name.partition(" ")
    return Person(f"con_{number:020}", email, first, last, company, phone)


SAME: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("email", {"email": "tom.baker@gmail.com"}, {"email": "tombaker+news@googlemail.com"}),
    ("email", {"email": "tom@x.co"}, {"email": "tom+a@x.co"}),
    ("phone", {"phone": "+33 6 12 34 56 78"}, {"phone": "06.12.34.56.78"}),
    ("company", {"name": "Zoé Lefèvre", "company": "Acme Corp."}, {"name": "Lefevre ZOE", "company": "ACME"}),
    ("company", {"name": "राहुल शर्मा", "company": "X"}, {"name": "राहुल शर्मा", "company": "x"}),
    ("domain", {"name": "Ann Lee", "email": "ann@acme.co"}, {"name": "Ann Lee", "email": "a.lee@acme.co"}),
    ("spelling", {"name": "Ann Lee", "email": "annlee@gmail.com"}, {"name": "Ann Lee", "email": "annlee@gmial.com"}),
]


@pytest.mark.parametrize(("reason", "one", "other"), SAME)
def test_what_is_alike(reason: str, one: dict[str, str], other: dict[str, str]) -> None:
    (found,) = alike([person(1, **one), person(2, **other), person(3, "somebody@else.co", "Some Body")])
    assert (reason in found.reasons, found.ids) == (True, [person(1).id, person(2).id])


DIFFERENT: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"email": "tom.baker@x.co"}, {"email": "tombaker@x.co"}),
    ({"name": "Ann Lee", "email": "ann@gmail.com"}, {"name": "Ann Lee", "email": "lee@gmail.com"}),
    ({"name": "Ann Lee", "email": "ann1@gmail.com"}, {"name": "Ann Lee", "email": "ann2@gmail.com"}),
    ({"name": "Ann", "company": "X"}, {"name": "Ann", "company": "X"}),
    ({"name": "राहुल शर्मा", "company": "X"}, {"name": "रोहित शर्मा", "company": "X"}),
    ({"phone": "123"}, {"phone": "123"}),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_is_not(one: dict[str, str], other: dict[str, str]) -> None:
    assert alike([person(1, **one), person(2, **other)]) == []


def test_what_many_share_says_nothing() -> None:
    assert alike([person(number, phone="0123456789") for number in range(6)]) == []
    assert alike([person(number, name="In Fo", company="X") for number in range(30)]) == []


def test_chains_are_one_group() -> None:
    people = [
        person(1, "ann@x.co", "Ann Lee", phone="0612345678"),
        person(2, "a.lee@x.co", "Ann Lee"),
        person(3, "other@y.co", phone="06 12 34 56 78"),
    ]
    (found,) = alike(people)
    assert (len(found.ids), found.reasons) == (3, {"domain", "phone"})


def test_slips_and_mailboxes() -> None:
    assert is_slip("ann@x.co", "anm@x.co") and is_slip("ann@x.co", "nan@x.co") and is_slip("ann@x.co", "annn@x.co")
    assert not is_slip("ann@x.co", "ann@x.co") and not is_slip("ann@x.co", "bob@x.co")
    assert canonical("+only", "x.co") == "+only@x.co"


# -------------------------------------------------------------------------------------------------- pages


@pytest.fixture
def twice(contact: Make) -> list[Contact]:
    return [
        contact("ann@acme.co", firstName="Ann", lastName="Lee", company="Acme", tags=["a"]),
        contact("a.lee@acme.co", firstName="Ann", lastName="Lee", phone="0612345678", tags=["b"]),
    ]


def test_they_are_shown_until_somebody_tells_them_apart(admin: Client, twice: list[Contact], contact: Make) -> None:
    page = admin.get(reverse(DUPLICATES))
    assert "same name and e-mail domain" in page.text and "a.lee@acme.co" in page.text
    admin.post(reverse(DUPLICATES), {"all": [each.pk for each in twice]})
    assert "No duplicates" in admin.get(reverse(DUPLICATES)).text
    # One more of the name, and it is asked anew.
    contact("ann.lee@acme.co", firstName="Ann", lastName="Lee")
    assert "a.lee@acme.co" in admin.get(reverse(DUPLICATES)).text


def test_merging_and_undoing(admin: Client, twice: list[Contact]) -> None:
    first, second = twice
    page = admin.get(reverse(MERGE), {"ids": [first.pk, second.pk]})
    assert "0612345678" in page.text and "Merge 2 contacts into one" in page.text
    posted = {"ids": [first.pk, second.pk], "pick-email": second.pk, "pick-phone": first.pk}
    page = admin.post(reverse(MERGE), posted, follow=True)
    first.refresh_from_db()
    assert (first.email, first.phone) == ("a.lee@acme.co", "")
    undo = reverse("admin:contacts_merge_undo", args=[Merge.objects.get().pk])
    assert "2 contacts are now one." in page.text and undo in page.text
    assert "Ann Lee" in admin.get(undo).text
    page = admin.post(undo, follow=True)
    assert "1 contact is back." in page.text
    assert set(Contact.objects.values_list("email", flat=True)) == {"ann@acme.co", "a.lee@acme.co"}


def test_the_order_says_who_stays(admin: Client, twice: list[Contact]) -> None:
    first, second = twice
    page = admin.get(reverse(MERGE), {"ids": [second.pk, first.pk]})
    assert [each.pk for each, _badge, _link in page.context["people"]] == [second.pk, first.pk]
    admin.post(reverse(MERGE), {"ids": [second.pk, first.pk]})
    assert Contact.objects.get() == second


def test_one_contact_is_asked_for_the_other(admin: Client, twice: list[Contact]) -> None:
    page = admin.get(reverse(MERGE), {"ids": twice[0].pk, "q": "lee"})
    assert "a.lee@acme.co" in page.text
    assert "Nobody else matches." in admin.get(reverse(MERGE), {"ids": twice[0].pk, "q": "zzz"}).text


@pytest.mark.parametrize(("count", "then"), [(1, "Choose 2 to 5"), (2, "Choose what stays"), (6, "Choose 2 to 5")])
def test_the_list_leads_to_the_comparison(admin: Client, contact: Make, count: int, then: str) -> None:
    chosen = [contact(f"c{number}@example.com").pk for number in range(count)]
    posted = {"action": "merge", "select_across": "0", "_selected_action": chosen}
    answer = admin.post(reverse("admin:contacts_contact_changelist") + "?view=all", posted, follow=True)
    assert then in answer.text


def test_what_is_gone_meanwhile_is_said(admin: Client, twice: list[Contact], acme: Workspace) -> None:
    delete_many(acme, [twice[1].pk], by=Actor("command", "test"))
    page = admin.post(reverse(MERGE), {"ids": [each.pk for each in twice]}, follow=True)
    assert "there is nothing to merge" in page.text


def test_an_undo_that_can_t_be_done_says_why(admin: Client, twice: list[Contact], contact: Make) -> None:
    admin.post(reverse(MERGE), {"ids": [each.pk for each in twice]})
    contact("a.lee@acme.co")
    page = admin.post(reverse("admin:contacts_merge_undo", args=[Merge.objects.get().pk]), follow=True)
    assert "another contact has one of the e-mail addresses" in page.text


def test_a_later_merge_is_undone_first(admin: Client, twice: list[Contact], contact: Make) -> None:
    first, second = twice
    admin.post(reverse(MERGE), {"ids": [first.pk, second.pk]})
    early = Merge.objects.get().pk
    admin.post(reverse(MERGE), {"ids": [first.pk, contact("third@acme.co").pk]})
    page = admin.post(reverse("admin:contacts_merge_undo", args=[early]), follow=True)
    assert "Another contact was merged into it since: undo that first." in page.text
    assert Contact.objects.count() == 1 and Merge.objects.count() == 2


def test_nothing_foreign_is_compared_merged_or_undone(
    admin: Client, twice: list[Contact], zebras: dict[str, str], sam: User
) -> None:
    foreign = zebras["contact"]
    assert admin.get(reverse(MERGE), {"ids": [foreign]}).status_code == 404
    assert "stripes" not in admin.get(reverse(MERGE), {"ids": [twice[0].pk, foreign]}).text
    admin.post(reverse(MERGE), {"ids": [twice[0].pk, foreign]})
    assert Contact.objects.filter(pk=foreign).exists()
    admin.post(reverse(MERGE), {"ids": [each.pk for each in twice]})
    undo = reverse("admin:contacts_merge_undo", args=[Merge.objects.get().pk])
    assert signed_in(sam).get(undo).status_code == signed_in(sam).post(undo).status_code == 404
    assert "Acme" not in signed_in(sam).get(reverse(DUPLICATES)).text.replace("Acme Corp", "")


def test_pages_by_twenty(admin: Client, contact: Make) -> None:
    for number in range(21):
        for local in ("a", "b"):
            contact(f"{local}.{number}@d{number}.co", firstName="N", lastName=f"L{number}")
    page = admin.get(reverse(DUPLICATES))
    assert len(page.context["groups"]) == 20 and "Page 1 of 2" in page.text
    assert len(admin.get(reverse(DUPLICATES), {"p": "2"}).context["groups"]) == 1


def test_the_page_costs_the_same_for_one_and_for_many(
    admin: Client, contact: Make, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        for local in ("a", "b"):
            contact(f"{local}.{number}@d{number}.co", firstName="N", lastName=f"L{number}")
    with django_assert_max_num_queries(14):
        admin.get(reverse(DUPLICATES))
