"""What comes back from the provider and isn't what was begun: a plain message, and nothing is changed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import EmailAccount
from campaigns.oauth import flow
from fluenzr_site.workspaces.changes import add_member
from fluenzr_site.workspaces.current import SESSION_KEY
from tests.admin.conftest import person, signed_in
from tests.api.world import Party
from tests.campaigns.api.support import Outreach
from tests.campaigns.oauth.authorisation import AuthorisationServer, decided, drips, hangs_up, says
from tests.campaigns.oauth.conftest import Person

pytestmark = pytest.mark.django_db
NOTHING_BEGUN = "No signing in was under way here."
CANT_BE_ASKED = "Google can't be asked for access now"
NOT_WHOSE = "Google didn't say properly whose mailbox it is."


@pytest.fixture(autouse=True)
def nothing_changes(outreach: Outreach) -> Any:
    yield
    [account] = EmailAccount.objects.all()
    assert (account.pk, account.login) == (outreach.account.pk, "password")


def changed(address: str, **parameters: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode(query | parameters)).geturl()


def test_another_state(ada: Person) -> None:
    back = decided(ada.press())
    for state in ("", "other", "é", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        assert ada.come_back(changed(back, state=state)).startswith(NOTHING_BEGUN)
    # And what is under way goes on: a stranger's link ends nothing.
    assert SESSION_KEY not in ada.client.session
    assert ada.client.session["mailbox_sign_in"]["state"] in back


def test_no_state_at_all(ada: Person) -> None:
    assert ada.told(ada.client.get(reverse("admin:campaigns_emailaccount_connected"))).startswith(NOTHING_BEGUN)


def test_somebody_elses_way_back(ada: Person, outreach: Outreach) -> None:
    other = Person(signed_in(person("eve", outreach.workspace, "admin")))
    other.press()
    assert other.come_back(decided(ada.press())).startswith(NOTHING_BEGUN)


def test_a_code_of_another_signing_in(ada: Person, outreach: Outreach) -> None:
    """Whoever gets hold of a code can't use it: the provider holds it to what began it."""
    eve = Person(signed_in(person("eve", outreach.workspace, "admin")))
    [stolen] = parse_qs(urlsplit(decided(ada.press())).query)["code"]
    told = eve.come_back(changed(decided(eve.press()), code=stolen))
    assert told == "Google gives no access to the mailbox (invalid_grant: bad code ***)."


def test_too_late(ada: Person, outreach: Outreach, configured: AuthorisationServer) -> None:
    back = decided(ada.press())
    outreach.clock.shift(flow.LONGEST.total_seconds() + 1)
    assert ada.come_back(back) == "Signing in took too long: begin once more."
    assert ada.come_back(back).startswith(NOTHING_BEGUN)
    assert configured.asked == []


def test_another_workspace_meanwhile(ada: Person, outreach: Outreach, stranger: Party) -> None:
    from django.contrib.auth.models import User

    add_member(stranger.workspace, User.objects.get(username="ada"), role="admin")
    session = ada.client.session
    session[SESSION_KEY] = outreach.workspace.pk
    session.save()
    back = decided(ada.press())
    ada.client.post(reverse("admin:workspace"), {"workspace": stranger.workspace.pk})
    assert ada.come_back(back) == "Signing in was begun in another workspace: go there, or begin once more."


def test_another_person_in_the_same_browser(ada: Person, outreach: Outreach) -> None:
    back = decided(ada.press())
    ada.client.force_login(person("eve", outreach.workspace, "admin"))
    assert ada.come_back(back).startswith(NOTHING_BEGUN)


def test_the_person_says_no(ada: Person, configured: AuthorisationServer) -> None:
    back = decided(ada.press(), do="deny")
    assert ada.come_back(back) == "Google was told not to give access to the mailbox."
    assert configured.asked == []


def test_the_provider_says_no(ada: Person) -> None:
    [state] = parse_qs(urlsplit(ada.press("microsoft")).query)["state"]
    said = {"state": state, "error": "consent_required", "error_description": "AADSTS90094: <b>an admin</b>\nmust"}
    told = ada.come_back(f"http://testserver/admin/campaigns/emailaccount/connected/?{urlencode(said)}")
    assert told == "Microsoft gives no access to the mailbox (consent_required: AADSTS90094: <b>an admin</b> must)."


def test_the_box_for_mail_was_left_unticked(ada: Person, configured: AuthorisationServer) -> None:
    configured.scope = "openid email"
    told = "Google gave no access to the mail itself: sign in again, and leave every box ticked."
    assert ada.sign_in() == told
    configured.scope = "openid email https://outlook.office.com/SMTP.Send"
    assert ada.sign_in("microsoft") == told.replace("Google", "Microsoft")


def test_no_lasting_access(ada: Person, configured: AuthorisationServer) -> None:
    configured.left_out = {"refresh_token"}
    assert ada.sign_in() == "Google gave no lasting access to the mailbox."


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["client-7", "another"]},
        {"iss": "https://evil.example"},
        {"tid": "t2"},
        {"exp": 1},
        {"exp": "soon"},
        {"nonce": "another"},
        {"nonce": None},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_us(claims: dict[str, Any], ada: Person, configured: AuthorisationServer) -> None:
    configured.claims = claims
    assert ada.sign_in() == NOT_WHOSE


def test_no_id_token(ada: Person, configured: AuthorisationServer) -> None:
    configured.left_out = {"id_token"}
    assert ada.sign_in() == NOT_WHOSE


@pytest.mark.parametrize("address", [None, "", "nobody", 7])
def test_no_address(address: Any, ada: Person, configured: AuthorisationServer) -> None:
    configured.claims = {"email": address}
    assert ada.sign_in() == "Google didn't tell the mailbox's address."


def test_an_address_that_is_none(ada: Person, configured: AuthorisationServer) -> None:
    configured.claims = {"email": "a@b@c\r\nBcc: x@y.co"}
    assert ada.sign_in() == "Invalid email format"


@pytest.mark.parametrize(
    "instead",
    [
        hangs_up,
        drips,
        says(500, b'{"error": "invalid_grant"}'),
        says(302, b"{}"),
        says(200, b"{}"),
        says(200, b"[]"),
        says(200, b"<html>"),
        says(200, b'{"access_token": 7}'),
        says(200, b'{"access_token": "a\\u0001b", "refresh_token": "x"}'),
        says(200, b'{"access_token": "' + b"x" * 300_000 + b'"}'),
        says(400, b"\xff"),
        says(400, b'{"error": 7}'),
        says(400, b'{"error": "temporarily_unavailable"}'),
        says(429, b'{"error": "slow_down"}'),
    ],
)
def test_a_token_endpoint_that_gives_no_answer(
    instead: Callable[[Any], None], ada: Person, configured: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "SECONDS", 0.5)
    configured.instead = [instead]
    assert ada.sign_in().startswith(CANT_BE_ASKED)


def test_nobody_listens(ada: Person, configured: AuthorisationServer, settings: Any) -> None:
    back = decided(ada.press())
    settings.FLUENZR_PRIVATE_NETWORKS = []
    told = ada.come_back(back)
    assert told.startswith(CANT_BE_ASKED) and "private address" in told


def test_a_client_that_the_provider_does_not_know(ada: Person, settings: Any) -> None:
    back = decided(ada.press())
    settings.FLUENZR_GOOGLE_CLIENT_SECRET = "wrong"
    told = "Google doesn't know FLUENZR_GOOGLE_CLIENT_ID with FLUENZR_GOOGLE_CLIENT_SECRET."
    assert ada.come_back(back) == told


def test_a_form_of_another_site_begins_nothing(ada: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.client.cookies
    assert strict.post(reverse("admin:campaigns_emailaccount_connect", args=["google"])).status_code == 403
