"""Workers that find the same token over at the same moment: one renews it, nobody loses it."""

import time
from datetime import timedelta
from typing import Any

import orjson
import pytest

from campaigns.changes import accounts
from campaigns.models import EmailAccount
from campaigns.oauth import flow, providers
from fluenzr_site.core import clock
from tests.api.test_concurrency import at_once, rounds  # noqa: F401
from tests.api.world import Party
from tests.campaigns.oauth.authorisation import AuthorisationServer

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
MIA = "mia@sender.test"


@pytest.fixture
def owner(transactional_db: None) -> Party:
    return Party("Owner")


def slowly(configured: AuthorisationServer) -> Any:
    """The provider takes its time, so that the others are there before it is done."""

    def answer(handler: Any) -> None:
        time.sleep(0.3)
        status, told = configured.tokens(configured.asked[-1])
        handler.answer(status, orjson.dumps(told), "application/json")

    return answer


def test_of_eight_workers_one_renews(
    owner: Party,
    configured: AuthorisationServer,
    rounds: int,  # noqa: F811
) -> None:
    configured.rotates = True
    granted = configured._granted(MIA)
    tokens = flow.Tokens(granted["access_token"], granted["refresh_token"], clock.now())
    account = accounts.connect_oauth(owner.workspace, providers.find("google"), tokens, MIA)

    def ask() -> str:
        return accounts.smtp_server(EmailAccount.objects.select_related("workspace").get(pk=account.pk)).oauth_token

    for _ in range(rounds):
        configured.asked.clear()
        configured.instead = [slowly(configured)]
        over = clock.now() + timedelta(seconds=1)
        EmailAccount.objects.filter(pk=account.pk).update(oauth_expires_at=over)
        [token] = set(at_once(*[ask] * 8))
        assert configured.takes(MIA, token)
        assert configured.grants == ["refresh_token"]
