"""The public key of a certificate, and the hash by which it is pinned (RFC 5280, RFC 7469)."""

from __future__ import annotations

import base64
import hashlib

PIN_PREFIX = "sha256/"

_SEQUENCE = 0x30
_VERSION = b"\xa0"  # [0] EXPLICIT, absent from certificates of version 1


def pin_of(certificate: bytes) -> str:
    """The pin of a DER certificate: "sha256/" and the base64 hash of its SubjectPublicKeyInfo.

    Raises `ValueError` for bytes that are no certificate.
    """
    digest = hashlib.sha256(public_key_info(certificate)).digest()
    return PIN_PREFIX + base64.b64encode(digest).decode("ascii")


def public_key_info(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a DER certificate, tag and length included.

    It is the seventh field of the TBSCertificate (RFC 5280, section 4.1), the sixth where the
    version is absent. Raises `ValueError` for bytes that are no certificate.
    """
    start, _ = _enter(certificate, 0)
    position, end = _enter(certificate, start)
    if certificate[position : position + 1] == _VERSION:
        position = _skip(certificate, position)
    # serialNumber, signature, issuer, validity, subject
    for _ in range(5):
        position = _skip(certificate, position)
    after = _skip(certificate, position)
    if certificate[position] != _SEQUENCE or after > end:
        raise ValueError("the certificate has no public key where one belongs")
    return certificate[position:after]


def _enter(data: bytes, position: int) -> tuple[int, int]:
    """Where the contents of the SEQUENCE at `position` begin and end."""
    if data[position : position + 1] != b"\x30":
        raise ValueError("that is no certificate in DER form")
    return _contents(data, position)


def _skip(data: bytes, position: int) -> int:
    """Where the element after the one at `position` begins."""
    return _contents(data, position)[1]


def _contents(data: bytes, position: int) -> tuple[int, int]:
    if position + 2 > len(data):
        raise ValueError("the certificate ends too early")
    length = data[position + 1]
    start = position + 2
    if length >= 0x80:
        # Long form: so many bytes of length follow. Four are enough for any certificate.
        count = length & 0x7F
        if not 1 <= count <= 4:
            raise ValueError("the certificate has an element of no definite length")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > len(data):
        raise ValueError("the certificate ends too early")
    return start, start + length
