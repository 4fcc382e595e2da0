"""Access and erasure on a contact's page."""

import io
import json
from collections.abc import Callable

import pytest
from django.test import Client

from contacts.imports import run, store
from contacts.models import Contact, Suppression
from fluenzr_site.workspaces.models import Workspace

Make = Callable[..., Contact]


@pytest.fixture
def ann(contact: Make) -> Contact:
    return contact("ann@example.com", firstName="Ann", company="Acme")


def page(contact: Contact, name: str) -> str:
    return f"/admin/contacts/contact/{contact.pk}/{name}/"


def test_the_contacts_page_leads_to_both(member: Client, ann: Contact) -> None:
    html = member.get(page(ann, "change")).content.decode()
    assert page(ann, "data") in html and page(ann, "erase") in html


def test_everything_kept_is_one_file(member: Client, ann: Contact) -> None:
    answer = member.get(page(ann, "data"))
    assert answer["Content-Disposition"] == f'attachment; filename="{ann.pk}.json"'
    assert json.loads(answer.content)["contact"]["email"] == "ann@example.com"


def test_asking_erases_nothing(member: Client, ann: Contact) -> None:
    assert "Erase “Ann” for good?" in member.get(page(ann, "erase")).content.decode()
    assert Contact.objects.filter(pk=ann.pk).exists()


def test_the_erased_are_not_imported_again(member: Client, ann: Contact, acme: Workspace) -> None:
    assert member.post(page(ann, "erase")).status_code == 302
    assert not Contact.objects.exists() and Suppression.objects.count() == 1
    source = store.create(acme, io.BytesIO(b"email\nann@example.com\n"), "again.csv")
    store.choose(source, on_duplicate="skip", consent_source="event", certified=True)
    run.start(source)
    run.run_due()
    source.refresh_from_db()
    assert (source.created, source.failed) == (0, 1)


@pytest.mark.parametrize("name", ["data", "erase"])
def test_a_strangers_contact_is_as_a_missing_one(admin: Client, zebras: dict[str, str], name: str) -> None:
    for contact_id in (zebras["contact"], "con_00000000000000000000"):
        path = f"/admin/contacts/contact/{contact_id}/{name}/"
        assert admin.get(path).status_code == 404
        assert name == "data" or admin.post(path).status_code == 404
    assert Contact.objects.filter(pk=zebras["contact"]).exists()
