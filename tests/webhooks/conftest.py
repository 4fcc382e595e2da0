"""What the tests of webhooks share: a receiver, a clock that stands, and a workspace whose events are sent."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from fluenzr_site.core import ids
from tests.api.fixtures import *  # noqa: F403
from tests.api.world import Party
from tests.campaigns.conftest import mail_server, outreach, smtp  # noqa: F401
from tests.webhooks.receiver import MONDAY, Listener, Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with receiving() as running:
        yield running


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """Monday at ten, until the test moves it. Ids begin there too, however late it was in the test before."""
    monkeypatch.setattr(ids, "_sequence", ids._Sequence())
    with time_machine.travel(MONDAY, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def listener(clock: time_machine.Traveller, receiver: Receiver, owner: Party) -> Listener:
    """The owner's workspace."""
    return Listener(owner, receiver, clock)
