"""A person's own page and the choices of their menu: language, time zone, colours, notices."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from fluenzr_site.notices.models import Choices
from fluenzr_site.workspaces.changes import update_workspace
from fluenzr_site.workspaces.models import Membership, Profile, Workspace
from fluenzr_site.workspaces.profiles import update_profile
from tests.admin.conftest import signed_in

URL, QUICK = "admin:profile", "admin:profile_quick"


def values(user: User, **changed: Any) -> dict[str, Any]:
    """What the page posts when nothing but ``changed`` is touched."""
    held = {"first_name": "", "last_name": "", "email": user.email, "language": "", "timezone": "", "theme": "auto"}
    return held | {f"{each.pk}-replies": "off" for each in user.memberships.all()} | changed


def save(client: Client, user: User, **changed: Any) -> Any:
    return client.post(reverse(URL), values(user, **changed))


def test_name_language_zone_and_colours_are_kept(member: Client, mia: User) -> None:
    given = {"first_name": "Mia", "last_name": "Lee", "language": "fr", "timezone": "Asia/Kolkata", "theme": "dark"}
    assert save(member, mia, **given).status_code == 302
    mia.refresh_from_db()
    profile = Profile.objects.get(user=mia)
    assert (mia.get_full_name(), mia.email) == ("Mia Lee", "mia@example.com")
    assert (profile.language, profile.timezone, profile.theme) == ("fr", "Asia/Kolkata", "dark")
    page = member.get(reverse(URL), HTTP_ACCEPT_LANGUAGE="hi")
    assert '<html lang="fr"' in page.text
    assert "theme('dark')" in page.text


@pytest.mark.parametrize("language", ["fr", "hi", "en"])
def test_who_has_chosen_no_language_gets_the_browser_s(member: Client, language: str) -> None:
    page = member.get(reverse(URL), HTTP_ACCEPT_LANGUAGE=language)
    assert f'<html lang="{language}"' in page.text


def test_times_are_the_person_s_else_the_workspace_s(member: Client, mia: User, acme: Workspace) -> None:
    update_workspace(acme, {"timezone": "Europe/Paris"})
    assert "Time zone: Europe/Paris" in member.get(reverse(URL)).text
    update_profile(mia, {"timezone": "Asia/Tokyo"})
    assert "Time zone: Asia/Tokyo" in member.get(reverse(URL)).text


def test_a_zone_that_is_gone_breaks_no_page(member: Client, mia: User) -> None:
    Profile.objects.create(user=mia, timezone="Mars/Olympus", language="tlh")
    assert member.get(reverse(URL)).status_code == 200


@pytest.mark.parametrize(("field", "bad"), [("language", "xx"), ("timezone", "Mars/Olympus"), ("theme", "pink")])
def test_what_there_isn_t_can_t_be_chosen(member: Client, mia: User, field: str, bad: str) -> None:
    page = save(member, mia, **{field: bad})
    assert field in page.context["form"].errors
    assert member.post(reverse(QUICK), {field: bad}).status_code == 400
    assert not Profile.objects.exists()


def test_the_address_is_changed_with_the_password_alone(member: Client, mia: User) -> None:
    mia.set_password("right and long")
    mia.save(update_fields=["password"])
    member = signed_in(mia)
    page = save(member, mia, email="new@example.com", password="wrong")
    assert "password" in page.context["form"].errors
    assert save(member, mia, email="new@example.com", password="right and long").status_code == 302
    mia.refresh_from_db()
    assert mia.email == "new@example.com"


@pytest.mark.parametrize("taken", ["ADA@example.com", "ada2@example.com"])
def test_nobody_takes_another_s_address(member: Client, mia: User, ada: User, taken: str) -> None:
    User.objects.create(username="ada2@example.com")
    mia.set_unusable_password()
    mia.save(update_fields=["password"])
    page = save(signed_in(mia), mia, email=taken)
    assert "email" in page.context["form"].errors


def test_notices_are_chosen_for_each_workspace(mia: User, acme: Workspace, zebra: Workspace) -> None:
    other = Membership.objects.create(workspace=zebra, user=mia)
    mine = mia.memberships.get(workspace=acme)
    given = {f"{mine.pk}-replies": "daily", f"{mine.pk}-weekly": "on", f"{other.pk}-replies": "each"}
    assert save(signed_in(mia), mia, **given).status_code == 302
    assert Choices.objects.get(membership=mine).replies == "daily"
    assert Choices.objects.get(membership=mine).weekly
    assert Choices.objects.get(membership=other).replies == "each"
    assert not Choices.objects.get(membership=other).weekly


def test_somebody_else_s_notices_aren_t_mine_to_choose(member: Client, mia: User, ada: User) -> None:
    theirs = ada.memberships.get()
    save(member, mia, **{f"{theirs.pk}-replies": "each"})
    assert not Choices.objects.filter(membership=theirs).exists()


def test_account_trouble_is_for_administrators(member: Client, admin: Client, mia: User, ada: User) -> None:
    assert "E-mail accounts and webhooks that stop working" not in member.get(reverse(URL)).text
    assert "E-mail accounts and webhooks that stop working" in admin.get(reverse(URL)).text
    save(admin, ada)
    assert not Choices.objects.get(membership__user=ada).trouble


def test_the_page_says_when_nothing_can_be_sent(member: Client, mia: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "FLUENZR_EMAIL_URL" in member.get(reverse(URL)).text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "FLUENZR_EMAIL_URL" not in member.get(reverse(URL)).text
    User.objects.update(email="")
    assert "Enter your e-mail address above" in member.get(reverse(URL)).text


def test_who_is_in_no_workspace_has_a_profile(db: None) -> None:
    alone = User.objects.create(username="alone", is_staff=True)
    assert "You are in no workspace yet" in signed_in(alone).get(reverse(URL)).text


def test_a_quick_choice_leads_back_and_nowhere_else(member: Client, mia: User) -> None:
    back = reverse("admin:contacts_contact_changelist") + "?q=ann"
    answer = member.post(reverse(QUICK), {"language": "hi", "next": back})
    assert answer.headers["Location"] == back
    answer = member.post(reverse(QUICK), {"theme": "light", "next": "https://evil.test/"})
    assert answer.headers["Location"] == reverse(URL)
    assert member.post(reverse(QUICK), {"theme": "dark"}, HTTP_X_QUICK="1").status_code == 204
    profile = Profile.objects.get(user=mia)
    assert (profile.language, profile.theme) == ("hi", "dark")


def test_the_browser_s_zone_is_offered_until_one_is_chosen(member: Client, mia: User) -> None:
    assert "data-zone-offer" in member.get(reverse("admin:index")).text
    assert "data-zone-offer" not in member.get(reverse("admin:contacts_contact_changelist")).text
    member.post(reverse(QUICK), {"timezone": "UTC"})
    assert "data-zone-offer" not in member.get(reverse("admin:index")).text


def test_it_is_nobody_s_without_a_login(client: Client, db: None) -> None:
    assert client.get(reverse(URL)).status_code == 302
    assert client.post(reverse(QUICK), {"theme": "dark"}).status_code == 302
