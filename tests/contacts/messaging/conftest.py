import pytest

from contacts.models import Location
from tests.api.fixtures import *  # noqa: F403
from tests.api.world import MessagingApi, Party


@pytest.fixture
def messaging(owner: Party) -> MessagingApi:
    return MessagingApi(owner.key)


@pytest.fixture
def location(owner: Party) -> Location:
    return Location.objects.create(workspace=owner.workspace, title="Main street")
