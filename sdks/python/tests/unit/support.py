"""A server made of prepared answers, and clients that never wait."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from fluenzr import AsyncFluenzrClient, FluenzrClient

T = TypeVar("T")
KEY = "flz_sk_" + "a" * 32
BASE = "https://crm.example/v1"
NOW = 1_750_000_000.0

CONTACT = {
    "id": "con_1",
    "email": "mary@startup.example",
    "firstName": "Mary",
    "lastName": None,
    "company": "StartupIO",
    "jobTitle": "CEO",
    "phone": None,
    "website": None,
    "status": "active",
    "groups": [{"id": "grp_1", "name": "Leads"}],
    "tags": ["prospect"],
    "customFields": {"company_size": "10-50"},
    "pipelineStage": {"id": "stg_1", "name": "Qualified"},
    "createdAt": "2025-01-15T10:30:00Z",
    "updatedAt": "2025-01-15T14:45:00Z",
}


def ok(data: Any, meta: dict[str, Any] | None = None, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"success": True, "data": data, **({"meta": meta} if meta else {})})


def failed(status: int, code: str = "X", message: str = "No", details: Any = None, **headers: str) -> httpx.Response:
    error = {"code": code, "message": message, "details": details or {}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"success": False, "error": error}, headers=named)


class Server:
    """Gives its answers in turn, the last one again and again, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]

    @property
    def body(self) -> Any:
        return json.loads(self.last.content)

    def client(self, **settings: Any) -> FluenzrClient:
        http = httpx.Client(transport=httpx.MockTransport(self))
        given = {"api_key": KEY, "base_url": BASE, **settings}
        return FluenzrClient(http_client=http, sleep=self.waits.append, clock=lambda: NOW, jitter=lambda: 1.0, **given)

    def awaited(self, use: Callable[[AsyncFluenzrClient], Awaitable[T]], **settings: Any) -> T:
        """What ``use`` gives with an asynchronous client."""

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        async def main() -> T:
            given = {"api_key": KEY, "base_url": BASE, "clock": lambda: NOW, "jitter": lambda: 1.0, **settings}
            async with httpx.AsyncClient(transport=httpx.MockTransport(self)) as http:
                return await use(AsyncFluenzrClient(http_client=http, sleep=sleep, **given))

        return asyncio.run(main())
