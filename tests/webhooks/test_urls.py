"""Which URLs a webhook may have, by their form."""

import socket
from typing import Any

import pytest
from pytest_django import Settings

from fluenzr_site.webhooks.urls_allowed import InvalidUrl, check_url


@pytest.fixture(autouse=True)
def nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    settings.FLUENZR_PRIVATE_NETWORKS = []


def refused(url: str) -> str:
    with pytest.raises(InvalidUrl) as error:
        check_url(url)
    return str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "HTTPS://Example.COM/webhook",
        "https://example.com:8443/a/b?token=x%2Fy&b=[1]",
        "https://example.com./",
        "https://bücher.example/straße",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
        "https://localhost.example.com/",
        "https://notlocalhost/",
        "https://example.com/" + "a" * (2048 - 20),
    ],
)
def test_these_may_be(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "host",
    ["0", "127.1", "0x7f000001", "0x7F.1", "2130706433", "0177.0.0.1", "127.0.0.1", "127.0.0.1.", "0.0.0.0"]
    + ["１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "100.64.0.1"]
    + ["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]"]
    + ["localhost", "LOCALHOST.", "app.localhost", "localhost.localdomain", "localhost6", "ip6-loopback"],
)
def test_no_spelling_of_a_private_address_may_be(host: str) -> None:
    for url in (f"https://{host}/", f"https://{host}:8443/x"):
        assert "private address" in refused(url)
        assert "FLUENZR_PRIVATE_NETWORKS" in refused(url)


@pytest.mark.parametrize("host", ["8.526344", "0x08080808", "134744072", "010.8.8.8"])
def test_a_public_address_must_be_written_plainly(host: str) -> None:
    assert "must be written 8.8.8.8" in refused(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("javascript:alert(1)", "https://"),
        ("//example.com/", "https://"),
        ("example.com", "https://"),
        ("", "https://"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://:443/", "no host"),
        ("https://ann:secret@example.com/", "user name or password"),
        ("https://ann@example.com/", "user name or password"),
        ("https://@example.com/", "user name or password"),
        ("https://8.8.8.8@127.0.0.1/", "user name or password"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://example.com:0/", "port"),
        ("https://example.com:65536/", "not a URL"),
        ("https://example.com:x/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://[fe80::1%25eth0]/", "host"),
        ("https://exa mple.com/", "percent-encoded"),
        ("https://example.com\\@127.0.0.1/", "percent-encoded"),
        ("https://example.com/\r\nHost: x", "percent-encoded"),
        ("https://example.com/\t", "percent-encoded"),
        (" https://example.com/", "percent-encoded"),
        ("https://example.com/\u2028", "percent-encoded"),
        ("https://example.com/\ud800", "percent-encoded"),
        ("https://a..b/", "host"),
        ("https://exam!ple.com/", "host"),
        ("https://" + "a" * 64 + ".com/", "host"),
        ("https://example.com/" + "a" * (2049 - 20), "2048"),
    ],
)
def test_these_may_not_be(url: str, why: str) -> None:
    assert why in refused(url)


def test_open_networks_may_be_named_also_by_http(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8", "10.1.0.0/16"]
    for url in ("https://127.0.0.1/", "http://127.0.0.1:8000/", "http://localhost:8000/", "http://10.1.2.3/"):
        check_url(url)
    # Where a name leads is seen when it is dialled.
    check_url("http://receiver.lan/")
    assert "private address" in refused("http://10.2.0.1/")
    assert "private address" in refused("https://192.168.1.1/")
    assert "must be reached by https://" in refused("http://8.8.8.8/")


def test_the_text_does_not_hold_the_url() -> None:
    for url in ("https://127.0.0.1/secret-path", "https://ann:secret@example.com/", "ftp://example.com/secret"):
        assert "secret" not in refused(url)
