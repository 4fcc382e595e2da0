"""A resolver that answers from a dictionary, and keys of every length."""

import base64
from collections.abc import Mapping
from typing import Any

import dns.rdata
import dns.resolver
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: A DER key is as long as its numbers, whether they are primes' or not.
_E = 65537


class Zone:
    """``records`` maps (name, type) to texts as in a zone file, or to an exception."""

    def __init__(self, records: Mapping[tuple[str, str], list[str] | Exception]) -> None:
        self.records = dict(records)
        self.asked: list[tuple[str, str, float]] = []

    def resolve(self, qname: str, rdtype: str, *, lifetime: float, search: bool) -> list[Any]:
        assert search is False
        self.asked.append((qname, rdtype, lifetime))
        found = self.records.get((qname, rdtype))
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise dns.resolver.NXDOMAIN
        return [dns.rdata.from_text("IN", rdtype, each) for each in found]


def rsa_der(bits: int, *, bare: bool = False) -> bytes:
    if bits >= 1024:
        key = rsa.RSAPublicNumbers(_E, (1 << bits - 1) + 1).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1 if bare else PublicFormat.SubjectPublicKeyInfo)
    # The library makes none so short.
    number = b"\0" + ((1 << bits - 1) + 1).to_bytes(bits // 8, "big")
    return _element(0x30, _element(2, number) + _element(2, b"\1\0\1"))


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x81, size]) + content


def key(bits: int = 2048, **options: Any) -> str:
    return f"v=DKIM1; k=rsa; p={base64.b64encode(rsa_der(bits, **options)).decode()}"


def in_zone(text: str) -> str:
    """A TXT record's strings, as DNS cuts them at 255."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))


def good_zone() -> dict[tuple[str, str], list[str] | Exception]:
    return {
        ("example.com", "MX"): ["20 b.example.com.", "10 a.example.com."],
        ("example.com", "TXT"): ['"something else"', '"v=spf1 include:spf.x.test -all"'],
        ("spf.x.test", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 ~all"'],
        ("s1._domainkey.example.com", "TXT"): [in_zone(key())],
        ("_dmarc.example.com", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:d@example.com"'],
    }
