"""Two tabs and one login: what was opened before it is answered by a page that says what to do."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from fluenzr_site.workspaces.models import Profile, Workspace

LOGIN = "/admin/login/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def browser(ada: User) -> Client:
    """Not signed in yet, and held to its tokens."""
    ada.set_password("correct horse")
    ada.save(update_fields=["password"])
    return Client(enforce_csrf_checks=True)


def token(browser: Client, url: str) -> str:
    found = TOKEN.search(browser.get(url, follow=True).text)
    assert found
    return found[1]


def sign_in(browser: Client, address: str, shown: str):  # type: ignore[no-untyped-def]
    return browser.post(
        address, {"username": "ada", "password": "correct horse", "csrfmiddlewaretoken": shown}, REMOTE_ADDR="10.0.0.1"
    )


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/admin/contacts/contact/", "/admin/contacts/contact/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("", "/admin/"),
    ],
)
def test_the_second_login_leads_where_it_was_to_lead(browser: Client, asked: str, led_to: str) -> None:
    address = f"{LOGIN}?next={asked}" if asked else LOGIN
    first, second = token(browser, LOGIN), token(browser, address)
    assert sign_in(browser, LOGIN, first).status_code == 302
    answer = sign_in(browser, address, second)
    assert (answer.status_code, answer.headers.get("Location")) == (302, led_to)
    # The same with a token that is good.
    fresh = browser.cookies["csrftoken"].value
    answer = sign_in(browser, address, fresh)
    assert (answer.status_code, answer.headers.get("Location")) == (302, led_to)


def test_a_form_from_before_the_login_is_answered_in_plain_words(browser: Client, acme: Workspace) -> None:
    sign_in(browser, LOGIN, token(browser, LOGIN))
    add = reverse("admin:contacts_contact_add")
    shown = token(browser, add)
    browser.cookies.pop("sessionid")
    sign_in(browser, LOGIN, token(browser, LOGIN))
    answer = browser.post(add, {"email": "a@example.com", "csrfmiddlewaretoken": shown})
    assert answer.status_code == 403 and not Contact.objects.exists()
    assert "Go back, your text is still there, and try again." in answer.text
    assert not re.search("csrf|forbidden|verification|cookie", answer.text, re.IGNORECASE)


def test_it_is_said_in_the_person_s_language(browser: Client, ada: User) -> None:
    Profile.objects.update_or_create(user=ada, defaults={"language": "fr"})
    browser.force_login(ada)
    answer = browser.post(reverse("admin:contacts_contact_add"), {"email": "a@example.com"})
    assert answer.status_code == 403 and '<html lang="fr">' in answer.text and "Go back" not in answer.text


def test_a_wrong_login_without_a_session_is_let_in_nowhere(browser: Client) -> None:
    assert browser.post(LOGIN, {"username": "ada", "password": "correct horse"}).status_code == 403
    assert browser.get("/admin/").status_code == 302


def test_programs_get_their_envelope(browser: Client) -> None:
    answer = browser.post("/v1/contacts", {"email": "a@example.com"}, content_type="application/json")
    assert answer.status_code == 401 and answer.json()["error"]["code"]
