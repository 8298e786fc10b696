"""The pin of a certificate is the hash of its public key, wherever that stands."""

from __future__ import annotations

import base64
import hashlib
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.spki import pin_of, public_key_info
from antiphon.models.tls_config import TLSConfig
from tests.certificates import authority


def certificate() -> bytes:
    """A certificate in DER form."""
    return ssl.PEM_cert_to_DER_cert(authority().cert_pem.bytes().decode())


def test_agrees_with_another_parser() -> None:
    """The public key found is the one that the cryptography package finds."""
    key = x509.load_der_x509_certificate(certificate()).public_key()
    expected = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert expected == public_key_info(certificate())
    digest = base64.b64encode(hashlib.sha256(expected).digest()).decode()
    assert f"sha256/{digest}" == pin_of(certificate())
    assert (pin_of(certificate()),) == TLSConfig(pins=pin_of(certificate())).pins


def test_certificate_without_a_version() -> None:
    """A certificate of version 1 has no version field, and its key is found all the same."""
    parts = [b"\x02\x01\x01", *[b"\x30\x00"] * 4, b"\x30\x03key"]
    fields = b"".join(parts)
    body = b"\x30" + bytes([len(fields)]) + fields
    assert b"\x30\x03key" == public_key_info(b"\x30" + bytes([len(body)]) + body)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no certificate"),
        (b"\x31\x00", "no certificate"),
        (b"\x30", "too early"),
        (b"\x30\x05\x30", "too early"),
        (b"\x30\x02\x30\x00", "too early"),
        (b"\x30\x80\x30\x00", "no definite length"),
        (b"\x30\x89" + b"\x01" * 20, "no definite length"),
    ],
)
def test_what_is_no_certificate(data: bytes, problem: str) -> None:
    """Bytes that are no certificate are refused."""
    with pytest.raises(ValueError, match=problem):
        public_key_info(data)


def test_key_that_is_none() -> None:
    """A certificate whose seventh field is no sequence is refused."""
    fields = b"\x02\x01\x01" + b"\x30\x00" * 4 + b"\x02\x01\x01"
    body = b"\x30" + bytes([len(fields)]) + fields
    with pytest.raises(ValueError, match="no public key"):
        public_key_info(b"\x30" + bytes([len(body)]) + body)


@given(st.binary(max_size=60), st.integers(0, 400), st.binary(max_size=3))
def test_damaged_certificates(noise: bytes, at: int, change: bytes) -> None:
    """Whatever the bytes, there is a key or a ValueError, nothing else."""
    whole = certificate()
    for data in (noise, whole[:at], whole[:at] + change + whole[at + len(change) :]):
        try:
            public_key_info(data)
        except ValueError:
            continue
