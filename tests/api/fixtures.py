"""The fixtures that the API's tests share; a conftest imports them."""

from pathlib import Path
from typing import Any

import pytest

from fluenzr_site.workspaces.models import Workspace
from tests.api.world import Api, Party


@pytest.fixture(autouse=True)
def counters_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.FLUENZR_COUNTERS_FILE = tmp_path / "counters.sqlite3"


@pytest.fixture
def owner(db: None) -> Party:
    return Party("Owner")


@pytest.fixture
def stranger(db: None) -> Party:
    """A workspace that nobody of the first one may learn of."""
    return Party("Stranger")


@pytest.fixture
def workspace(owner: Party) -> Workspace:
    return owner.workspace


@pytest.fixture
def api(owner: Party) -> Api:
    return owner.api


@pytest.fixture
def no_rate_limit(settings: Any) -> None:
    plans = settings.FLUENZR_PLANS
    settings.FLUENZR_PLANS = plans | {"pro": plans["pro"] | {"requests_a_minute": 10**6}}
