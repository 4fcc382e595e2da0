"""What the tests of campaigns share: a mail server, a clock that stands, and a workspace that sends."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.api.fixtures import *  # noqa: F403
from tests.api.world import Party
from tests.campaigns.api.support import MONDAY, Listening, MailServer, Outreach
from tests.campaigns.correspondence import Correspondence
from tests.campaigns.receiving.folder_server import FolderServer


@pytest.fixture(scope="session")
def mail_server() -> Iterator[tuple[MailServer, int]]:
    mail = MailServer()
    listening = Listening(mail)
    listening.start()
    yield mail, listening.port
    listening.stop()


@pytest.fixture
def smtp(mail_server: tuple[MailServer, int], settings: Any) -> MailServer:
    """A mail server on loopback that keeps what it gets; ``answers`` refuses recipients."""
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    mail_server[0].forget()
    return mail_server[0]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday at ten, until the test moves it."""
    with time_machine.travel(MONDAY, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def outreach(
    clock: time_machine.Traveller, smtp: MailServer, mail_server: tuple[MailServer, int], owner: Party
) -> Outreach:
    """The owner's workspace, which sends to ``smtp``."""
    return Outreach(owner, mail_server[1], clock)


@pytest.fixture
def imap() -> Iterator[FolderServer]:
    with FolderServer() as server:
        yield server


@pytest.fixture
def mailbox(outreach: Outreach, smtp: MailServer, imap: FolderServer) -> Correspondence:
    return Correspondence(outreach, smtp, imap)
