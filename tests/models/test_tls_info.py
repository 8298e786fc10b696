"""What a TLS handshake agreed on, as a value."""

from __future__ import annotations

import ssl

from antiphon.models.spki import pin_of
from antiphon.models.tls_config import TLSConfig
from antiphon.models.tls_info import TLSInfo
from tests.certificates import authority


def test_certificate_and_pin() -> None:
    """The certificate can be had as PEM, and its pin is one that `TLSConfig` takes."""
    pem = authority().cert_pem.bytes().decode()
    certificate = ssl.PEM_cert_to_DER_cert(pem)
    info = TLSInfo(version="TLSv1.3", cipher="X", alpn="http/1.1", peer_certificate=certificate)

    assert certificate == ssl.PEM_cert_to_DER_cert(str(info.peer_certificate_pem))
    assert pin_of(certificate) == info.pin
    assert (info.pin,) == TLSConfig(pins=str(info.pin)).pins


def test_no_certificate() -> None:
    """Where the server showed no certificate there is neither PEM nor pin."""
    info = TLSInfo(version="TLSv1.3", cipher="X")

    assert (None, None, None) == (info.peer_certificate_pem, info.pin, info.alpn)


def test_repr_is_short() -> None:
    """A certificate of some thousand bytes does not fill logs."""
    info = TLSInfo(version="TLSv1.3", cipher="X", peer_certificate=b"secret" * 1000)

    assert "TLSInfo(version='TLSv1.3', cipher='X', alpn=None)" == repr(info)
