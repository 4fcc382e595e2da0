"""The two clients: the same calls, waited for or awaited."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Self, TypeVar

import httpx

from fluenzr import async_resources, resources
from fluenzr._calls import Call
from fluenzr._config import configured
from fluenzr._core import Attempts, Outcome

T = TypeVar("T")


class FluenzrClient:
    """A client of the FluenzR API. One client may serve many threads; close it, or use it in a ``with``.

    ``api_key`` and ``base_url`` default to the environment's FLUENZR_API_KEY and FLUENZR_BASE_URL. ``timeout`` is in
    seconds, for each attempt. ``max_retries`` is the number of attempts after the first. An ``http_client`` of yours
    (for a proxy, or certificates) is used as it is, and you close it. ``sleep``, ``clock`` and ``jitter``: for tests.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 4,
        http_client: httpx.Client | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._config = configured(api_key, base_url, timeout, max_retries, clock, jitter)
        self._http = http_client or httpx.Client()
        self._owns_http = http_client is None
        self._sleep = sleep
        self.contacts = resources.Contacts(self)
        self.groups = resources.Groups(self)
        self.campaigns = resources.Campaigns(self)
        self.webhooks = resources.Webhooks(self)
        self.tags = resources.Tags(self)
        self.pipeline_stages = resources.PipelineStages(self)
        self.custom_fields = resources.CustomFields(self)
        self.email_accounts = resources.EmailAccounts(self)
        self.locations = resources.Locations(self)

    @property
    def base_url(self) -> str:
        """Where the API is, with its /v1."""
        return self._config.base_url

    def run(self, call: Call[T]) -> T:
        """The result of a call, after as many attempts as it takes. Raises FluenzrError."""
        attempts = Attempts(call, self._config, self._http)
        while True:
            outcome = self._send(attempts.request())
            wait = attempts.wait_after(outcome)
            if wait is None:
                return attempts.result(outcome)
            self._sleep(wait)

    def _send(self, request: httpx.Request) -> Outcome:
        try:
            # The key goes to the base URL only: no redirect, and no other way of signing in, takes its place.
            return self._http.send(request, auth=None, follow_redirects=False)
        except httpx.RequestError as error:
            return error

    def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class AsyncFluenzrClient:
    """FluenzrClient for asyncio: every method is awaited, and lists are run through with ``async for``."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 4,
        http_client: httpx.AsyncClient | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._config = configured(api_key, base_url, timeout, max_retries, clock, jitter)
        self._http = http_client or httpx.AsyncClient()
        self._owns_http = http_client is None
        self._sleep = sleep
        self.contacts = async_resources.AsyncContacts(self)
        self.groups = async_resources.AsyncGroups(self)
        self.campaigns = async_resources.AsyncCampaigns(self)
        self.webhooks = async_resources.AsyncWebhooks(self)
        self.tags = async_resources.AsyncTags(self)
        self.pipeline_stages = async_resources.AsyncPipelineStages(self)
        self.custom_fields = async_resources.AsyncCustomFields(self)
        self.email_accounts = async_resources.AsyncEmailAccounts(self)
        self.locations = async_resources.AsyncLocations(self)

    @property
    def base_url(self) -> str:
        """Where the API is, with its /v1."""
        return self._config.base_url

    async def run(self, call: Call[T]) -> T:
        """The result of a call, after as many attempts as it takes. Raises FluenzrError."""
        attempts = Attempts(call, self._config, self._http)
        while True:
            outcome = await self._send(attempts.request())
            wait = attempts.wait_after(outcome)
            if wait is None:
                return attempts.result(outcome)
            await self._sleep(wait)

    async def _send(self, request: httpx.Request) -> Outcome:
        try:
            # The key goes to the base URL only: no redirect, and no other way of signing in, takes its place.
            return await self._http.send(request, auth=None, follow_redirects=False)
        except httpx.RequestError as error:
            return error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
