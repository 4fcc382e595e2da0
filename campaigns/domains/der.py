"""The length of an RSA key, read from its DER without trusting it."""

from typing import Final

_RSA_OID: Final = bytes.fromhex("06092a864886f70d010101")
_INTEGER: Final = 0x02
_BITS: Final = 0x03
_SEQUENCE: Final = 0x30


def rsa_bits(der: bytes) -> int:
    """The length of an RSA key, SubjectPublicKeyInfo or RSAPublicKey; 0 where it is neither."""
    key, _ = _element(der, _SEQUENCE)
    algorithm, rest = _element(key, _SEQUENCE)
    if algorithm.startswith(_RSA_OID):
        bits, _ = _element(rest, _BITS)
        # The first byte counts the bits that are unused.
        key, _ = _element(bits[1:], _SEQUENCE)
    modulus, rest = _element(key, _INTEGER)
    exponent, _ = _element(rest, _INTEGER)
    return int.from_bytes(modulus, "big").bit_length() if exponent else 0


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the DER element at the beginning, and what follows it; nothing where it isn't whole."""
    if len(data) < 2 or data[0] != tag:
        return b"", b""
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    end = start + size
    return (data[start:end], data[end:]) if end <= len(data) else (b"", b"")
