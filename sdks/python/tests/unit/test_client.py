import asyncio
import inspect

import httpx
import pytest
from support import BASE, CONTACT, KEY, Server, ok

from fluenzr import AsyncFluenzrClient, ConfigurationError, FluenzrClient, async_resources, resources


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUENZR_API_KEY", raising=False)
    monkeypatch.delenv("FLUENZR_BASE_URL", raising=False)


@pytest.mark.parametrize("client", [FluenzrClient, AsyncFluenzrClient])
def test_the_environment_is_used(
    client: type[FluenzrClient] | type[AsyncFluenzrClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match="set the environment variable FLUENZR_API_KEY"):
        client()
    monkeypatch.setenv("FLUENZR_API_KEY", KEY)
    assert client().base_url == "https://api.fluenzr.co/v1"
    monkeypatch.setenv("FLUENZR_BASE_URL", "http://127.0.0.1:8000")
    assert client().base_url == "http://127.0.0.1:8000/v1"
    assert client(base_url=BASE).base_url == BASE


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://crm.example", "https://crm.example/v1"),
        ("https://crm.example/", "https://crm.example/v1"),
        ("https://crm.example/v1/", "https://crm.example/v1"),
        ("https://crm.example/crm", "https://crm.example/crm/v1"),
        (" https://crm.example:8443/v1 ", "https://crm.example:8443/v1"),
    ],
)
def test_base_urls(given: str, used: str) -> None:
    assert FluenzrClient(KEY, given).base_url == used


@pytest.mark.parametrize(
    "url", ["crm.example", "ftp://crm.example", "https://", "https://me:pw@crm.example", "https://crm.example:port"]
)
def test_base_urls_that_are_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        FluenzrClient(KEY, url)


@pytest.mark.parametrize("key", ["", "  ", "flz_sk_\u2026", "a b", "a\nb"])
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        FluenzrClient(key)
    assert not key.strip() or key not in str(raised.value)


def test_what_every_request_carries() -> None:
    server = Server(ok(CONTACT))
    server.client().contacts.get("con_1")
    assert str(server.last.url) == f"{BASE}/contacts/con_1"
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"
    assert server.last.headers["User-Agent"].startswith("fluenzr-python/")


def test_an_http_client_of_the_callers_is_left_open() -> None:
    http = httpx.Client()
    with FluenzrClient(KEY, http_client=http):
        pass
    assert not http.is_closed
    http.close()
    with FluenzrClient(KEY) as own:
        pass
    assert own._http.is_closed


def test_an_async_client_closes_its_own() -> None:
    async def main() -> bool:
        async with AsyncFluenzrClient(KEY) as client:
            pass
        return client._http.is_closed

    assert asyncio.run(main())


def test_the_callers_other_credentials_are_not_sent() -> None:
    server = Server(ok([]))
    http = httpx.Client(transport=httpx.MockTransport(server), auth=("me", "pw"))
    FluenzrClient(KEY, BASE, http_client=http).tags.list()
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"


def test_both_clients_have_the_same_methods() -> None:
    def methods(module: object, prefix: str) -> dict[str, list[str]]:
        found = inspect.getmembers(module, lambda item: inspect.isclass(item) and item.__module__.endswith("resources"))
        return {name.removeprefix(prefix): [each for each in vars(cls) if each[0] != "_"] for name, cls in found}

    assert methods(resources, "") == methods(async_resources, "Async")


def test_methods_have_the_parameters_and_docstrings_of_their_calls() -> None:
    update = FluenzrClient(KEY).contacts.update
    assert list(inspect.signature(update).parameters)[:3] == ["contact_id", "email", "first_name"]
    assert (update.__name__, (update.__doc__ or "")[:20]) == ("update", "Change what is given")
    assert FluenzrClient(KEY).contacts.list.__name__ == "list"
