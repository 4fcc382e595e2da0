import pytest

from tests.api.fixtures import *  # noqa: F403


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "services: needs a server such as PostgreSQL, or takes long")
