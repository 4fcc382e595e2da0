"""Which addresses may be dialled, how hosts are spelled, and that what was judged is what is dialled."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from fluenzr_site.core import outbound
from fluenzr_site.core.outbound import Reader, Refused, addresses_for, parse_networks, readable

FIRST_AND_LAST = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.31.196.0", "192.31.196.255"),
    ("192.52.193.0", "192.52.193.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("192.175.48.0", "192.175.48.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "255.255.255.255"),
    ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]
# On either side of a refused network, and the well-known.
PUBLIC = [
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "8.8.8.8",
    "2001:200::",
    "2001:db7:ffff::",
    "2001:db9::",
    "2003::",
    "2606:4700::1111",
    "3ffe::",
    "3fff:1000::",
]


def answering(*ips: str) -> Callable[..., list[Any]]:
    """A resolver that knows one answer."""

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        families = [socket.AF_INET6 if ":" in ip else socket.AF_INET for ip in ips]
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port)) for family, ip in zip(families, ips, strict=True)]

    return resolve


def never(*_: Any, **__: Any) -> list[Any]:
    raise AssertionError("resolved")


@pytest.fixture
def loopback(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]


@pytest.mark.parametrize("ip", [ip for pair in FIRST_AND_LAST for ip in pair])
def test_private_and_special_addresses_are_refused(ip: str) -> None:
    with pytest.raises(Refused, match="private address. FLUENZR_PRIVATE_NETWORKS can name networks"):
        addresses_for("mail.example.com", 25, resolve=answering(ip))


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_given(ip: str) -> None:
    [address] = addresses_for("mail.example.com", 587, resolve=answering(ip))
    assert (address.ip, address.port) == (ip, 587)


def test_the_message_names_the_host_but_not_where_it_leads() -> None:
    with pytest.raises(Refused) as literal:
        addresses_for("127.0.0.1", 25)
    assert str(literal.value).startswith("127.0.0.1 is a private address. FLUENZR_PRIVATE_NETWORKS ")
    with pytest.raises(Refused) as name:
        addresses_for("db.example.com", 25, resolve=answering("10.1.2.3"))
    assert str(name.value).startswith("db.example.com leads to a private address. ")


def test_ipv4_inside_ipv6_is_judged_and_dialled_as_ipv4() -> None:
    with pytest.raises(Refused):
        addresses_for("x.example", 25, resolve=answering("::ffff:10.0.0.1"))
    found = addresses_for("x.example", 25, resolve=answering("::ffff:8.8.8.8", "8.8.8.8"))
    assert found == [(socket.AF_INET, "8.8.8.8", 25)]


def test_one_private_address_refuses_all() -> None:
    for ips in (("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ("2606:4700::1111", "8.8.8.8", "::1")):
        with pytest.raises(Refused):
            addresses_for("x.example", 25, resolve=answering(*ips))


def test_addresses_keep_their_order() -> None:
    found = addresses_for("x.example", 25, resolve=answering("2606:4700::1111", "8.8.8.8", "1.1.1.1", "8.8.8.8"))
    assert [address.ip for address in found] == ["2606:4700::1111", "8.8.8.8", "1.1.1.1"]


@pytest.mark.parametrize(
    "host",
    [
        "0",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
        "１２７.0.0.1",
        "127。0。0。1",
        "localhost",
        "::1",
    ]
    + ["::ffff:127.0.0.1", "::ffff:7f00:1", "::", "LOCALHOST."],
)
def test_no_spelling_leads_here(host: str) -> None:
    with pytest.raises(Refused, match="private address"):
        addresses_for(host, 25)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "..",
        "a..b",
        ".example.com",
        "user@example.com",
        "user＠example.com",
        "mail example.com",
        " a.com",
        "a.com\n",
    ]
    + [
        "a.com\r\nX: y",
        "a.com\0",
        "a\tb",
        "a.com/",
        "a.com／x",
        "http://a.com",
        "a.com:25",
        "[::1]",
        "fe80::1%eth0",
        "a?b",
    ]
    + [
        "a\\b",
        "a#b",
        "a%2eb",
        "*.a.com",
        "a" * 64 + ".com",
        "a." * 126 + "com",
        "a" * 5000,
        "\ud800.com",
        "a,b",
        "a;b",
        "a.com..",
    ]
    + ["a\u00a0b.com", "a\u2028b", "\u200b", "\u202e.com\u202d"],
)
def test_what_is_no_host_is_refused_before_resolving(host: str) -> None:
    with pytest.raises(Refused) as caught:
        addresses_for(host, 25, resolve=never)
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "host, asked",
    [("mail.example.com.", "mail.example.com"), ("_dmarc.x-y.example", "_dmarc.x-y.example")]
    + [
        ("bücher.example", "xn--bcher-kva.example"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("a." * 126 + "c", "a." * 126 + "c"),
    ],
)
def test_hosts_are_resolved_in_ascii(host: str, asked: str) -> None:
    hosts = []

    def resolve(name: str, port: int, **_: Any) -> list[Any]:
        hosts.append(name)
        return answering("8.8.8.8")(name, port)

    addresses_for(host, 25, resolve=resolve)
    assert hosts == [asked]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ports_have_their_range(port: int) -> None:
    with pytest.raises(Refused, match="port"):
        addresses_for("mail.example.com", port, resolve=never)


def test_no_address_is_an_oserror() -> None:
    with pytest.raises(OSError):
        addresses_for("mail.example.com", 25, resolve=lambda *_, **__: [])


def test_named_networks_may_be_reached(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["10.1.0.0/16", "fd00::/8"]
    found = addresses_for("x.example", 25, resolve=answering("10.1.2.3", "fd00::1", "::ffff:10.1.0.1", "8.8.8.8"))
    assert len(found) == 4
    for ip in ("10.2.0.0", "fc00::1", "127.0.0.1"):
        with pytest.raises(Refused):
            addresses_for("x.example", 25, resolve=answering(ip))


def test_a_network_that_is_none_is_a_mistake_of_the_settings(settings: Settings) -> None:
    settings.FLUENZR_PRIVATE_NETWORKS = ["10.0.0.0/8", "10.1.2.3/8"]
    with pytest.raises(ImproperlyConfigured, match=r"10\.1\.2\.3/8"):
        addresses_for("x.example", 25, resolve=answering("10.0.0.1"))


def test_networks_are_parsed() -> None:
    assert [str(each) for each in parse_networks(" 10.0.0.0/8,fd00::/8  127.0.0.1 ,")] == [
        "10.0.0.0/8",
        "fd00::/8",
        "127.0.0.1/32",
    ]
    for bad in ("10.0.0.0/33", "ten", "10.0.0.1/8"):
        with pytest.raises(ValueError, match=f"'{bad}' is not a network"):
            parse_networks(f"10.0.0.0/8, {bad}")


# --------------------------------------------------------------------------------------------------- dialling


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_the_judged_address_is_dialled_without_a_second_look(
    listening: socket.socket, loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, looks = listening.getsockname()[1], []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        looks.append(host)
        return answering("127.0.0.1")(host, port)

    monkeypatch.setattr(outbound.addresses_for, "__kwdefaults__", {"resolve": resolve})
    with outbound.connect("rebinding.example", port, timeout=5) as sock:
        assert sock.getpeername() == ("127.0.0.1", port) and sock.gettimeout() == 5
    assert looks == ["rebinding.example"]


def test_addresses_are_tried_in_turn(listening: socket.socket, loopback: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody listens on the first.
    resolve = answering("127.0.0.2", "127.0.0.1")
    monkeypatch.setattr(outbound.addresses_for, "__kwdefaults__", {"resolve": resolve})
    with outbound.connect("two.example", listening.getsockname()[1], timeout=5) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"


def test_nobody_there_is_an_oserror_and_a_private_host_is_refused(listening: socket.socket, settings: Settings) -> None:
    port = listening.getsockname()[1]
    with pytest.raises(Refused):
        outbound.connect("127.0.0.1", port, timeout=5)
    settings.FLUENZR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    listening.close()
    with pytest.raises(ConnectionRefusedError):
        outbound.connect("127.0.0.1", port, timeout=5)


# ---------------------------------------------------------------------------------------------------- reading


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Reader]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, Reader(ours)


def soon() -> float:
    return time.monotonic() + 5


def test_lines_and_bytes_are_read(pair: tuple[socket.socket, Reader]) -> None:
    theirs, reader = pair
    theirs.sendall(b"one\r\ntwo\nabcdef")
    assert [reader.line(5, soon()), reader.line(5, soon()), reader.exactly(4, soon())] == [
        b"one\r\n",
        b"two\n",
        b"abcd",
    ]
    assert reader.holds_more
    theirs.close()
    with pytest.raises(ConnectionError):
        reader.exactly(3, soon())


def test_a_line_has_its_limit(pair: tuple[socket.socket, Reader]) -> None:
    theirs, reader = pair
    theirs.sendall(b"sixsix\n")
    with pytest.raises(ConnectionError, match="more than 6"):
        reader.line(6, soon())


def test_a_silent_server_has_its_time(pair: tuple[socket.socket, Reader]) -> None:
    theirs, reader = pair
    theirs.sendall(b"half a li")
    for deadline in (time.monotonic() - 1, time.monotonic() + 0.05):
        with pytest.raises(TimeoutError):
            reader.line(100, deadline)


def test_words_are_made_readable() -> None:
    assert readable(b"5.1.1 no\r\n such\x00\x1b[31m \xff user\xe2\x80\xae") == "5.1.1 no such [31m \ufffd user"
    assert readable("x" * 1000) == "x" * 500
    secrets = outbound.login_secrets("me", "s3cret", "t0ken")
    said = " ".join(["s3cret", "t0ken", *(outbound.base64_text(each) for each in ("s3cret", "\0me\0s3cret"))])
    assert readable(said, without=[*secrets, ""]) == "*** *** *** ***"
