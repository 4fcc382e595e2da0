from collections.abc import Iterator

import pytest

from tests.campaigns.kill.run import fresh
from tests.campaigns.reliability.support import Place, server


@pytest.fixture
def place() -> Iterator[Place]:
    with fresh(server()) as place:
        yield place
