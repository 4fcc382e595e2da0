"""What people do in the admin, in a browser: bring a file in, copy a key."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from contacts.changes.groups import create_group
from contacts.imports import run
from fluenzr_site.workspaces.models import Workspace
from tests.browser.conftest import Visitor, make_admin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CSV = b"First name,Email,Score\nAnn,ann@new.example,1\nBad,nonsense,2\n"


@pytest.fixture
def user(acme: Workspace) -> User:
    return make_admin(acme)


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
    visitor.press("Import 1 row")
    page.get_by_text("Waiting for the worker").wait_for()
    run.run_due()
    page.get_by_text("Download the failed rows").wait_for()
    assert visitor.wrong == []


def test_the_key_is_copied_and_the_menu_is_passed(visitor: Visitor, acme: Workspace) -> None:
    page = visitor.page
    visitor.go(reverse("admin:workspaces_apikey_add"))
    page.fill("[name=name]", "Zapier")
    page.locator("button[name=_save]").click()
    page.locator("[data-copy]").click()
    page.get_by_role("button", name="Copied").wait_for()
    create_group(acme, {"name": "Readers"})
    visitor.go(reverse("admin:contacts_group_changelist"))
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Skip to the content"
    page.keyboard.press("/")
    assert page.locator(":focus").get_attribute("id") == "searchbar"
    assert visitor.wrong == []
