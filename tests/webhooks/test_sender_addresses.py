"""Where the sender goes, and where never: addresses, names, plain http, certificates."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.core.test_outbound import FIRST_AND_LAST
from tests.support.scripted import HOST, Peer, certificate, serving
from tests.webhooks.receivers import answering, post, saying


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


# ----------------------------------------------------------------------------------------- where it leads


@pytest.mark.parametrize(
    "host",
    ["0", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1", "127.0.0.1.", "１２７.0.0.1", "localhost"]
    + ["[::1]", "[::ffff:127.0.0.1]", "[::]", "10.0.0.1", "169.254.169.254"],
)
@pytest.mark.parametrize("checked", [True, False])
def test_no_private_address_is_dialled(
    host: str, checked: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = []
    if not checked:
        # What the form lets pass, the dial must not.
        monkeypatch.setattr("fluenzr_site.webhooks.sender.check_url", lambda _: None)
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(0)
        for scheme in ("https", "http"):
            answer = post(f"{scheme}://{host}:{server.getsockname()[1]}/", timeout=5)
            assert answer.status is None
            assert answer.error
            assert "refused" not in answer.error and "within" not in answer.error
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("ips", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::ffff:7f00:1"]])
def test_a_name_with_any_private_address_is_not_dialled(ips: list[str], settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = []
    answer = post("https://inside.example/", resolve=answering(*ips))
    assert answer.error.startswith("inside.example leads to a private address.")
    assert "127" not in answer.error


@pytest.mark.parametrize("ips", FIRST_AND_LAST, ids=[first for first, _ in FIRST_AND_LAST])
def test_no_network_of_special_purpose_is_dialled(ips: tuple[str, str], settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = []
    for ip in ips:
        literal = f"[{ip}]" if ":" in ip else ip
        assert "private address" in post(f"https://{literal}/", timeout=5).error
        assert "private address" in post("https://inside.example/", resolve=answering(ip), timeout=5).error


def test_a_name_that_is_rebound_is_dialled_where_it_was_judged(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return answering("127.0.0.1" if len(asked) == 1 else "127.0.0.2")(host, port)

    with serving(saying("200 OK")) as port:
        answer = post(f"http://rebound.example:{port}/", resolve=rebinding)
    assert answer.ok
    assert asked == ["rebound.example"]


def test_a_name_is_judged_again_for_the_next_post(settings: Settings) -> None:
    answers = iter(["127.0.0.1", "127.0.0.2"])

    def rebinding(host: str, port: int, **_: Any) -> Any:
        return answering(next(answers))(host, port)

    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    with serving(saying("200 OK", "Connection: close")) as port:
        assert post(f"http://rebound.example:{port}/", resolve=rebinding).ok
    assert "private address" in post(f"http://rebound.example:{port}/", resolve=rebinding).error


def test_plain_http_goes_only_into_opened_networks(settings: Settings) -> None:
    answer = post("http://example.com/", resolve=answering("8.8.8.8"))
    assert answer.error == "example.com must be reached by https://"
    assert "https://" in post("http://8.8.8.8/").error
    settings.FLUENZR_PRIVATE_NETWORKS = []
    assert "https://" in post("http://example.com/", resolve=answering("8.8.8.8")).error


def test_another_address_is_tried_when_the_first_refuses(settings: Settings) -> None:
    with serving(saying("200 OK")) as port:
        assert post(f"http://two.example:{port}/", resolve=answering("127.0.0.9", HOST)).ok


@pytest.mark.parametrize(
    "url", ["", "ftp://example.com/", "https://ann:pw@example.com/", "https://x/#y", "http://[::1"]
)
def test_what_is_no_url_for_a_webhook(url: str) -> None:
    answer = post(url)
    assert (answer.status, answer.ok) == (None, False)
    assert answer.error.startswith(("The URL", "This is not"))


def test_errors_do_not_hold_the_path() -> None:
    for url in (f"http://{HOST}:9/secret", "http://8.8.8.8/secret", f"https://{HOST}:9/secret", "https://a..b/secret"):
        assert "secret" not in post(url, timeout=2).error


# ----------------------------------------------------------------------------------------------------- TLS


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with serving(lambda peer: pytest.fail("trusted"), context=context) as port:
        answer = post(f"https://{HOST}:{port}/")
    assert answer.status is None
    assert answer.error == "its certificate isn't valid: self-signed certificate"


def test_a_certificate_that_is_vouched_for_serves(tmp_path: Path) -> None:
    chain, context = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=chain)
    with serving(saying("200 OK"), context=context) as port:
        assert post(f"https://{HOST}:{port}/", context=trusting).ok


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    chain, context = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=chain)
    with serving(lambda peer: pytest.fail("trusted"), context=context) as port:
        answer = post(f"https://other.example:{port}/", context=trusting, resolve=answering(HOST))
    assert answer.error.startswith("its certificate isn't valid: Hostname mismatch")


def test_a_server_without_tls() -> None:
    def talk(peer: Peer) -> None:
        peer.hear_bytes(20)
        peer.say("HTTP/1.1 400 Bad Request", "")

    with serving(talk) as port:
        assert post(f"https://{HOST}:{port}/").error == "the secure connection (TLS) failed"
