"""What the change functions refuse is said in the language of the person who reads it; the API says it in English."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.changes import bulk_changes
from contacts.changes.custom_fields import create_field
from contacts.imports import run
from contacts.models import Contact, Import, ImportProblem, Tag
from fluenzr_site.workspaces.changes import create_api_key
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.profiles import update_profile
from tests.admin.test_bulk import BY, confirmed, the_change, url
from tests.admin.test_contacts import form
from tests.admin.test_imports import choose, upload
from tests.admin.test_imports import url as import_url
from tests.support.marking import mark

Make = Callable[..., Contact]
ADD = "admin:contacts_contact_add"
LONG = "x" * 65


@pytest.fixture
def french(admin: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Ada reads French, in which what the write path says stands between marks."""
    update_profile(ada, {"language": "fr"})
    changes = ("contacts", "bulk_changes", "references")
    imports = ("drafts", "kinds", "parsing", "rows", "run", "undo", "workbook")
    others = ("contacts/cleaning.py", "contacts/addresses.py", "fluenzr_site/workspaces/plans.py")
    mark(monkeypatch, *others, "fluenzr_site/workspaces/changes.py")
    mark(monkeypatch, *(f"contacts/changes/{name}.py" for name in changes))
    mark(monkeypatch, *(f"contacts/imports/{name}.py" for name in imports))
    return admin


@pytest.fixture
def narrow(settings: Any) -> None:
    """A plan with room for one contact."""
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = {name: values | {"contacts": 1} for name, values in plans.items()}


def said(page: Any, *, at: str, form_name: str = "form") -> list[str]:
    """What a form says at a field."""
    context = page.context["adminform"].form if "adminform" in page.context else page.context[form_name]
    found: list[str] = context.errors[at]
    return list(found)


def told(page: Any) -> list[str]:
    """What is said above the page."""
    return [str(message) for message in page.context["messages"]]


# ------------------------------------------------------------------------------------------------- contacts


def test_a_contact_s_form(french: Client, acme: Workspace, contact: Make) -> None:
    size = create_field(acme, {"key": "size", "label": "Size", "type": "number"})
    values = form(email="no address", tag_names=LONG, notes="x" * 20_001, **{f"own_{size.pk}": "big"})
    assert said(french.post(reverse(ADD), values), at="notes") == ["«Must be at most 20000 characters»"]
    page = french.post(reverse(ADD), values | {"notes": ""})
    assert said(page, at="email") == ["«Invalid email format»"]
    assert said(page, at="tag_names") == ["«Must be at most 64 characters»"]
    page = french.post(reverse(ADD), form(**{f"own_{size.pk}": "big"}))
    assert said(page, at=f"own_{size.pk}") == ["«Must be a number»"]
    contact("new@example.com")
    [taken] = said(french.post(reverse(ADD), form()), at="email")
    assert taken.startswith("new@example.com a déjà cette adresse.")


def test_a_full_plan(french: Client, contact: Make, narrow: None) -> None:
    contact("a@example.com")
    page = french.post(reverse(ADD), form())
    assert said(page, at="__all__") == ["«The Pro plan allows 1 contact»"]


def test_the_api_says_the_same_in_english(french: Client, acme: Workspace, contact: Make, narrow: None) -> None:
    contact("a@example.com")
    key = create_api_key(acme, name="k")[1]
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_ACCEPT_LANGUAGE": "fr"}

    def refused(**values: Any) -> str:
        answer = french.post("/v1/contacts", values, content_type="application/json", **headers)  # type: ignore[arg-type]
        message: str = answer.json()["error"]["message"]
        return message

    assert refused(email="b@example.com", tags=[LONG]) == "Must be at most 64 characters"
    assert refused(email="b") == "Invalid email format"
    assert refused(email="b@example.com") == "The Pro plan allows 1 contact"


def test_changes_of_many(french: Client, acme: Workspace, contact: Make) -> None:
    there, size = contact("a@example.com"), create_field(acme, {"key": "size", "label": "Size", "type": "number"})
    page = confirmed(french, "add_tags", there, tags=LONG)
    assert said(page, at="tags") == ["«Must be at most 64 characters»"]
    page = confirmed(french, "set_field", there, field=f"own_{size.pk}", value="big")
    assert said(page, at="value") == ["«Must be a number»"]


def test_a_change_of_many_that_failed(french: Client, acme: Workspace, contact: Make) -> None:
    """What it keeps is the English."""
    contacts = Contact.objects.filter(pk=contact("a@example.com").pk)
    change = bulk_changes.start(
        contacts, "edit", "add_to_group", workspace=acme, by=BY, what={"add_groups": ["grp_gone"]}
    )
    bulk_changes.run_due()
    change.refresh_from_db()
    assert (change.state, change.error) == ("failed", "Unknown group: grp_gone")
    page = french.get(url("one", change))
    assert "«Unknown group: grp_gone»" in page.text


def test_a_change_of_many_that_is_over(french: Client, contact: Make) -> None:
    confirmed(french, "add_tags", contact("a@example.com"), tags="vip")
    page = french.post(url("cancel", the_change()), follow=True)
    assert "«This change isn't running any more»" in told(page)


def test_tags_and_fields(french: Client, acme: Workspace, contact: Make) -> None:
    contact("a@example.com", tags=["vip"])
    tag = Tag.objects.get()
    page = french.post(reverse("admin:contacts_tag_change", args=[tag.pk]), {"name": "a\x01b"})
    assert said(page, at="name") == ["«Must not contain control characters or broken surrogate pairs»"]
    values = {"label": "Size", "key": "size", "type": "number", "default": "big", "position": 0}
    page = french.post(reverse("admin:contacts_customfield_add"), values)
    assert said(page, at="default") == ["«Must be a number»"]


# -------------------------------------------------------------------------------------------------- imports


def test_a_file_that_is_none(french: Client) -> None:
    page = upload(french, b"\x89PNG\r\n\x1a\n", "me.png")
    (message,) = said(page, at="file")
    assert "«This is a picture (PNG), not contacts»" in message
    assert message.endswith("». Export or save the contacts as CSV (UTF-8) or XLSX and try again.»")


def test_an_import_that_is_not_ready(french: Client) -> None:
    upload(french)
    source = Import.objects.get()
    page = french.post(import_url("preview", source), follow=True)
    assert told(page) == ["«Certify the consent of these people first»"]
    page = choose(french, source, tags=LONG)
    assert said(page, at="tags") == ["«Must be at most 64 characters»"]


def test_the_rows_of_a_report(french: Client, acme: Workspace, narrow: None) -> None:
    create_field(acme, {"key": "size", "label": "Size", "type": "dropdown", "options": ["S", "L"]})
    upload(french, "E-mail;Size\na@example.com;XL\nb@example.com;S\n")
    source = Import.objects.get()
    choose(french, source)
    french.post(import_url("preview", source))
    run.run_due()
    kept = set(ImportProblem.objects.values_list("message", flat=True))
    assert kept == {"Must be one of: S, L", "The Pro plan allows 1 contact"}
    page = french.get(import_url("change", source))
    assert "«Must be one of: S, L»" in page.text
    assert "«The Pro plan allows 1 contact»" in page.text
    rows = b"".join(french.get(import_url("errors", source)).streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.splitlines()[0] == "\ufeffE-mail;Size;Motif"
    assert "b@example.com;S;contacts: «The Pro plan allows 1 contact»" in rows


@pytest.mark.parametrize("name", ["", "list.xlsx: "])
def test_a_workbook_that_was_damaged_in_the_middle(french: Client, name: str) -> None:
    upload(french)
    problem, advice = "The workbook is damaged or protected by a password", "Save the contacts as CSV (UTF-8)"
    error = f"{name}{problem}. {advice} or as a plain XLSX workbook and try again."
    Import.objects.update(state=Import.State.FAILED, error=error)
    page = french.get(import_url("change", Import.objects.get())).text
    assert f"«{name}«{problem}». {advice} or as a plain XLSX workbook and try again.»" in page


def test_an_import_that_failed(french: Client) -> None:
    upload(french)
    source = Import.objects.get()
    choose(french, source)
    french.post(import_url("preview", source))
    source.parts.all().delete()
    run.run_due()
    source.refresh_from_db()
    assert source.error == "The file has gone. Upload it again."
    assert "«The file has gone. Upload it again.»" in french.get(import_url("change", source)).text


# ----------------------------------------------------------------------------------------------- the others


def test_a_plan_without_a_seat(french: Client, acme: Workspace) -> None:
    Workspace.objects.filter(pk=acme.pk).update(plan="free")
    values = {"email": "kim", "role": "member", "password": "long enough 77"}
    page = french.post(reverse("admin:workspaces_membership_add"), values)
    assert said(page, at="__all__") == ["«The Free plan allows «1 member»: 1 used, 1 more asked for»"]
