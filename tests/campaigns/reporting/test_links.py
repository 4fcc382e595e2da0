"""Where notices lead: the page that ends them, without a login, and the pages of their workspace."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from fluenzr_site.notices import letters
from fluenzr_site.notices.models import Choices
from fluenzr_site.workspaces.changes import add_member
from tests.admin.conftest import signed_in
from tests.campaigns.reporting.conftest import Site, Team


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def path(url: str) -> str:
    return urlsplit(url).path


def test_opening_the_link_asks_and_pressing_the_button_does(team: Team, browser: Client):
    mia = team.person("mia", replies="each", weekly=True)
    stop = path(letters.stop_link(mia, "weekly"))
    page = browser.get(stop)
    assert "Weekly report" in page.text
    browser.head(stop)
    assert Choices.objects.get().weekly
    assert "any more" in browser.post(stop).text
    assert (Choices.objects.get().weekly, Choices.objects.get().replies) == (False, "each")


@pytest.mark.parametrize("kind", ["replies", "trouble"])
def test_a_mail_program_s_button_ends_each_kind(team: Team, browser: Client, kind: str):
    ada = team.person("ada", role="admin", replies="each")
    answer = browser.post(path(letters.stop_link(ada, kind)), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    row = Choices.objects.get()
    assert (row.replies, row.trouble) == (("off", True) if kind == "replies" else ("each", False))


def test_it_speaks_the_person_s_language(team: Team, browser: Client):
    mia = team.person("mia", weekly=True, profile={"language": "fr"})
    assert '<html lang="fr">' in browser.get(path(letters.stop_link(mia, "weekly"))).text


def test_links_that_aren_t_ours_do_nothing(team: Team, browser: Client):
    mia = team.person("mia", replies="each", weekly=True)
    stop = path(letters.stop_link(mia, "weekly"))
    for wrong in (stop[:-1] + "~", stop.replace("weekly", "replies"), stop.replace("weekly", "nothing")):
        assert browser.post(wrong).status_code == 404
    assert (Choices.objects.get().weekly, Choices.objects.get().replies) == (True, "each")


def test_who_has_left_finds_nothing_to_end(team: Team, browser: Client):
    mia = team.person("mia", weekly=True)
    stop = path(letters.stop_link(mia, "weekly"))
    mia.delete()
    assert browser.get(stop).status_code == 404


def test_a_link_leads_into_its_workspace(team: Team, site: Site):
    mia = team.person("mia", replies="each")
    zebra = Team("Zebra")
    add_member(zebra.workspace, mia.user, role="member")
    conversation = team.gets("ann")
    [message] = site.after(minutes=3)
    client = signed_in(mia.user)
    client.post(reverse("admin:workspace"), {"workspace": zebra.workspace.pk})
    link = re.search(r"http\S+/n/to/\S+", message.body)
    assert link
    answer = client.get(path(link[0]), follow=True)
    assert answer.redirect_chain == [(reverse("admin:campaigns_conversation_change", args=[conversation.pk]), 302)]
    assert answer.context["workspace"] == team.workspace


def test_who_isn_t_signed_in_is_asked_to_first(team: Team, client: Client):
    link = path(letters.link(team.workspace, "index"))
    assert client.get(link).headers["Location"] == f"{reverse('admin:login')}?next={link}"


def test_strangers_and_forgers_stay_outside(team: Team):
    zebra = Team("Zebra")
    sam = signed_in(zebra.person("sam").user)
    link = path(letters.link(team.workspace, "contacts_contact_changelist"))
    assert sam.get(link).headers["Location"] == reverse("admin:index")
    assert sam.get(reverse("admin:index")).context["workspace"] == zebra.workspace
    for forged in (link.replace(team.workspace.pk, zebra.workspace.pk), link + "x", link.replace("/admin", "//evil")):
        assert sam.get(forged).status_code == 404
