"""These tests write to the workspace of FLUENZR_API_KEY on the server at FLUENZR_BASE_URL; never a real one."""

import os
import uuid
from collections.abc import Iterator

import pytest

from fluenzr import FluenzrClient


@pytest.fixture(scope="session", autouse=True)
def environment() -> None:
    missing = [name for name in ("FLUENZR_BASE_URL", "FLUENZR_API_KEY") if not os.environ.get(name)]
    if missing:
        pytest.exit(f"tests/live needs a server: set {' and '.join(missing)}", returncode=1)


@pytest.fixture
def client() -> Iterator[FluenzrClient]:
    with FluenzrClient() as made:
        yield made


@pytest.fixture
def run() -> str:
    """A word that nothing else in the workspace has."""
    return f"r{uuid.uuid4().hex[:12]}"
