"""What a client is set to: its key, its server, its patience."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

from fluenzr.errors import ConfigurationError

DEFAULT_BASE_URL: Final = "https://api.fluenzr.co/v1"
VERSION: Final = "0.1.0"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one client. The key is never shown."""

    api_key: str = field(repr=False)
    base_url: str
    timeout: float
    max_retries: int
    clock: Callable[[], float] = field(repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)


def configured(
    api_key: str | None,
    base_url: str | None,
    timeout: float,
    max_retries: int,
    clock: Callable[[], float],
    jitter: Callable[[], float],
) -> Config:
    """The settings, from the environment where they aren't given. Raises ConfigurationError."""
    if max_retries < 0:
        raise ConfigurationError("max_retries must not be negative")
    return Config(
        api_key=_key(api_key if api_key is not None else os.environ.get("FLUENZR_API_KEY")),
        base_url=_url(base_url or os.environ.get("FLUENZR_BASE_URL") or DEFAULT_BASE_URL),
        timeout=timeout,
        max_retries=max_retries,
        clock=clock,
        jitter=jitter,
    )


def _key(given: str | None) -> str:
    key = (given or "").strip()
    if not key:
        raise ConfigurationError(
            "No API key: pass api_key='flz_sk_…' or set the environment variable FLUENZR_API_KEY. "
            "A workspace's admins make keys in its settings."
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigurationError("The API key has characters that no key has: was something else pasted?")
    return key


def _url(given: str) -> str:
    try:
        url = httpx.URL(given.strip())
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"base_url is not a URL: {error}") from error
    if url.userinfo:
        raise ConfigurationError("base_url must not hold a user or password")
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(f"base_url must look like {DEFAULT_BASE_URL}, not {given!r}")
    path = url.path.rstrip("/")
    return str(url.copy_with(path=path if path.endswith("/v1") else f"{path}/v1", query=None, fragment=None))
