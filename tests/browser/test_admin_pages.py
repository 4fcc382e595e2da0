"""Every page of the admin in a browser, light and dark: no page error, nothing that the policy refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.changes.contacts import create
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from contacts.imports import run
from contacts.models import PipelineStage
from fluenzr_site.events.recording import Actor
from fluenzr_site.workspaces.changes import add_member, create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CSV = b"First name,Email,Score\nAnn,ann@new.example,1\nBad,nonsense,2\n"
LISTS = ["contact", "group", "tag", "pipelinestage", "customfield", "location", "import"]
FORMS = ["contact", "group", "pipelinestage", "customfield", "location", "import"]


@pytest.fixture
def acme() -> Workspace:
    workspace = create_workspace("Acme")
    group = create_group(workspace, {"name": "Readers", "color": "#3b82f6"})
    values = {"groupIds": [group.pk], "tags": ["vip"], "customFields": {"size": "big"}}
    stage = PipelineStage.objects.of(workspace)[0]
    draft = clean({"email": "ada@example.com", "pipelineStageId": stage.pk, **values}, needs_email=True)
    create(workspace, draft, by=Actor("command", "test"))
    workspace.locations.create(title="Paris")
    return workspace


@pytest.fixture(params=["light", "dark"])
def visitor(request: pytest.FixtureRequest, chromium: Any, live_server: Any, acme: Workspace) -> Iterator[Visitor]:
    user = User.objects.create(username="ada", is_staff=True)
    add_member(acme, user, role="admin")
    client = Client()
    client.force_login(user)
    context = chromium.new_context(viewport={"width": 1280, "height": 850}, color_scheme=request.param)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield Visitor(context.new_page(), live_server.url)
    context.close()


def test_every_page(visitor: Visitor, acme: Workspace) -> None:
    contact = acme.contacts.get()
    rows = {
        "contact": contact,
        "group": contact.groups.get(),
        "tag": contact.tags.get(),
        "pipelinestage": contact.stage,
        "customfield": acme.custom_fields.get(),
        "location": acme.locations.get(),
    }
    paths = [reverse("admin:index"), reverse("admin:password_change"), reverse("admin:contacts_group_export")]
    paths += [reverse(f"admin:contacts_{model}_changelist") for model in LISTS]
    paths += [reverse(f"admin:contacts_{model}_add") for model in FORMS]
    paths += [
        reverse(f"admin:contacts_{model}_{page}", args=[row.pk])
        for model, row in rows.items()
        for page in ("change", "delete")
    ]
    paths += [reverse(f"admin:workspaces_{page}_changelist") for page in ("apikey", "membership", "workspace")]
    paths += [reverse(f"admin:workspaces_{page}_add") for page in ("apikey", "membership")]
    for path in paths:
        visitor.go(path)
    assert visitor.wrong == []


def test_signing_in_page(chromium: Any, live_server: Any) -> None:
    visitor = Visitor(chromium.new_page(), live_server.url)
    visitor.go(reverse("admin:login"))
    assert visitor.wrong == []


def test_a_file_from_upload_to_report(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:contacts_import_add"))
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": CSV}
    page.set_input_files("input[type=file]", files=[file])
    visitor.press("Read the file")
    visitor.press("Go on")
    page.select_option("[name=consent_source]", "existing")
    page.check("[name=certified]")
    visitor.press("Show the preview")
    visitor.press("Import")
    page.get_by_text("Waiting for the worker").wait_for()
    run.run_due()
    page.get_by_text("Download the failed rows").wait_for()
    page.get_by_role("link", name="Undo the import").click()
    visitor.press("Undo the import")
    page.get_by_text("1 contact deleted.").wait_for()
    assert visitor.wrong == []


def test_a_bulk_change(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:contacts_contact_changelist"))
    page.locator("#result_list tbody input.action-select").first.check()
    page.select_option("select[name=action]", "add_tags")
    visitor.press("Run")
    page.get_by_role("heading", name="Add tags to 1 contact").last.wait_for()
    page.fill("[name=tags]", "warm")
    visitor.press("Add tags")
    page.get_by_text("1 contact changed.").wait_for()
    assert sorted(acme.contacts.get().tags.values_list("name", flat=True)) == ["vip", "warm"]
    assert visitor.wrong == []


def test_the_key_is_copied_and_menus_open_by_keyboard(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:workspaces_apikey_add"))
    page.fill("[name=name]", "Zapier")
    page.locator("button[name=_save]").click()
    page.locator("[data-copy]").click()
    page.get_by_role("button", name="Copied").wait_for()
    visitor.go(reverse("admin:contacts_contact_changelist"))
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Skip to the content"
    page.keyboard.press("/")
    assert page.locator(":focus").get_attribute("id") == "searchbar"
    filters = page.locator('[role="button"]', has_text="Filters")
    filters.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Apply Filters").wait_for()
    assert visitor.wrong == []


def test_inputs_have_names_and_nothing_comes_from_elsewhere(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:contacts_contact_change", args=[acme.contacts.get().pk]))
    page.locator(".select2-search__field").focus()
    assert page.locator(":focus").get_attribute("aria-label") == "Groups"
    nameless = """() => [...document.querySelectorAll("button, a[href], [role=button], select, textarea")]
        .filter((e) => e.offsetParent && !e.labels?.length)
        .filter((e) => !e.textContent.trim() && !e.title && !e.ariaLabel)
        .map((e) => e.outerHTML)"""
    assert page.evaluate(nameless) == []
    origins = "() => performance.getEntriesByType('resource').map((e) => new URL(e.name).origin)"
    assert set(page.evaluate(origins)) == {visitor.url}
    assert visitor.wrong == []


def test_switching_the_workspace(visitor: Visitor, acme: Workspace) -> None:
    zebra = create_workspace("Zebra")
    add_member(zebra, User.objects.get(username="ada"), role="member")
    visitor.go(reverse("admin:contacts_contact_changelist"))
    visitor.page.get_by_label("Workspace").select_option("Zebra")
    visitor.page.get_by_text("Begin with your contacts").wait_for()
    assert visitor.page.get_by_role("link", name="API keys").count() == 0
    assert visitor.wrong == []
