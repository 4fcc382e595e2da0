"""Ada administers the workspace whose events are sent, Mia is a member of it, Sam administers another."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import person, signed_in
from tests.api.world import Party
from tests.webhooks.receiver import Listener


@pytest.fixture
def admin(owner: Party, clock: Any) -> Client:
    return signed_in(person("ada", owner.workspace, "admin"))


@pytest.fixture
def member(owner: Party, clock: Any) -> Client:
    return signed_in(person("mia", owner.workspace, "member"))


@pytest.fixture
def outsider(stranger: Party, clock: Any) -> Client:
    return signed_in(person("sam", stranger.workspace, "admin"))


@pytest.fixture
def hook(listener: Listener) -> dict[str, Any]:
    """A webhook of contacts' events, as the API made it."""
    return listener.listen()
