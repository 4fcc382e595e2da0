"""Ada administers the workspace that sends, Mia is a member of it, Sam administers another."""

import pytest
from django.test import Client

from tests.admin.conftest import person, signed_in
from tests.api.world import Party
from tests.campaigns.api.support import Outreach


@pytest.fixture
def admin(outreach: Outreach) -> Client:
    return signed_in(person("ada", outreach.workspace, "admin"))


@pytest.fixture
def member(outreach: Outreach) -> Client:
    return signed_in(person("mia", outreach.workspace, "member"))


@pytest.fixture
def outsider(outreach: Outreach, stranger: Party) -> Client:
    # After the clock was set: a session of today is over by then.
    return signed_in(person("sam", stranger.workspace, "admin"))
