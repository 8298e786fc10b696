"""TLS settings: plain values that hash, and say early what cannot be meant."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from antiphon.errors import InvalidOptionError, UsageError
from antiphon.models.secret import Secret
from antiphon.models.tls_config import TLSConfig

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
PIN = "sha256/" + "A" * 43 + "="


def test_defaults() -> None:
    """Certificates are verified against the system's authorities, over TLS 1.2 or newer."""
    assert repr(TLSConfig()) == (
        "TLSConfig(verify=True, ca_file=None, ca_data=None, ca_dir=None, cert_file=None, "
        "key_file=None, cert_data=None, key_data=None, key_password=None, "
        "minimum_version='TLSv1.2', alpn=('http/1.1',), server_hostname=None, pins=())"
    )


def test_paths_become_text() -> None:
    """Files may be given as paths."""
    config = TLSConfig(ca_file=Path("ca.pem"), cert_file=Path("c.pem"), key_file=Path("k.pem"))
    assert (config.ca_file, config.cert_file, config.key_file) == ("ca.pem", "c.pem", "k.pem")


@pytest.mark.parametrize(
    ("given", "kept"), [(PEM, PEM), (PEM.encode(), PEM), (b"\x30\x82", b"\x30\x82")]
)
def test_authorities_are_pem_text_or_der_bytes(given: str | bytes, kept: str | bytes) -> None:
    """PEM may come as bytes, as files are read; DER stays bytes."""
    assert TLSConfig(ca_data=given).ca_data == kept


def test_repr_shows_neither_password_nor_certificates() -> None:
    """The password is a Secret, and authorities are shown by their size."""
    config = TLSConfig(ca_data=PEM, cert_file="c.pem", key_password="hunter2")
    assert config.key_password == Secret("hunter2")
    assert "hunter2" not in repr(config)
    assert "MIIB" not in repr(config)
    assert f"ca_data=<{len(PEM)} characters>" in repr(config)
    assert "ca_data=<2 bytes>" in repr(TLSConfig(ca_data=b"\x30\x82"))


def test_client_certificates_in_memory() -> None:
    """Certificate and key may be text or bytes, and the key is a Secret."""
    config = TLSConfig(cert_data=PEM.encode(), key_data=KEY.encode())
    assert PEM == config.cert_data
    assert Secret(KEY) == config.key_data == TLSConfig(cert_data=PEM, key_data=Secret(KEY)).key_data
    assert "PRIVATE" not in repr(config)


def test_pins_and_protocols_become_tuples() -> None:
    """One pin may be given alone, and lists become tuples."""
    config = TLSConfig(pins=PIN, alpn=["http/1.1"])
    assert ((PIN,), ("http/1.1",)) == (config.pins, config.alpn)
    assert hash(config) == hash(TLSConfig(pins=[PIN]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"verify": "ca.pem"}, r"tls\.verify: got str, .* named with ca_file="),
        ({"verify": 1}, r"tls\.verify: got int, "),
        ({"verify": None}, r"tls\.verify: got NoneType, "),
        ({"ca_file": 3}, "tls: got int, expected the name of a file"),
        ({"ca_file": b"ca.pem"}, "tls: got bytes, expected the name of a file"),
        ({"ca_file": ""}, "tls: '' names no file"),
        ({"ca_file": "a\0b"}, "tls: .* names no file"),
        ({"ca_data": 3}, r"tls\.ca_data: got int, expected PEM text or DER bytes"),
        ({"minimum_version": "TLSv1"}, "'TLSv1' is none of 'TLSv1.2', 'TLSv1.3'"),
        ({"minimum_version": 1.2}, "'1.2' is none of 'TLSv1.2', 'TLSv1.3'"),
        ({"key_file": "k.pem"}, "key_file needs the cert_file"),
        ({"key_password": "p"}, "key_password needs the cert_file or cert_data"),
        ({"key_data": KEY}, "key_data needs the cert_data"),
        ({"key_data": "not a key", "cert_data": PEM}, "key_data: expected a private key in PEM"),
        ({"cert_data": "not a certificate"}, "cert_data: expected a certificate in PEM"),
        ({"cert_data": 3}, r"cert_data: got int"),
        ({"cert_data": PEM, "cert_file": "c.pem"}, "as cert_file or as cert_data, not both"),
        ({"alpn": "h2"}, r"alpn: got str, expected a tuple"),
        ({"alpn": (1,)}, r"alpn: got int, expected a tuple"),
        ({"alpn": ("",)}, "'' is no protocol name"),
        ({"server_hostname": ""}, "'' is no ASCII host name"),
        ({"server_hostname": 3}, "server_hostname: got int"),
        ({"server_hostname": "ü.example"}, "'ü.example' is no ASCII host name"),
        ({"server_hostname": "a b"}, "'a b' is no ASCII host name"),
        ({"server_hostname": "."}, "'.' is no ASCII host name"),
        ({"server_hostname": "a..b"}, "'a..b' is no ASCII host name"),
        ({"server_hostname": "a%20b"}, "'a%20b' is no ASCII host name"),
        ({"server_hostname": "a\0b"}, "is no ASCII host name"),
        ({"server_hostname": 64 * "a"}, "is no ASCII host name"),
        ({"pins": None}, r"tls\.pins: got NoneType, expected a tuple of pins"),
        ({"pins": 3}, r"tls\.pins: got int, expected a tuple of pins"),
        ({"pins": "sha256/short"}, "'sha256/short' is no pin"),
        ({"pins": (3,)}, "'3' is no pin"),
        ({"key_password": 7, "cert_file": "c.pem"}, "got int"),
    ],
)
def test_refused(settings: dict[str, object], message: str) -> None:
    """What cannot be meant is refused when written, not at the first connection."""
    with pytest.raises(InvalidOptionError, match=message):
        TLSConfig(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.example", "a.example.", "10.0.0.1", "::1", "a_b.example"])
def test_names_to_ask_for(name: str) -> None:
    """What a URL may have as its host in ASCII may be asked for."""
    assert name == TLSConfig(server_hostname=name).server_hostname


def test_value_semantics() -> None:
    """Settings compare and hash by value, so that equal ones share one context."""
    config = TLSConfig(cert_file="c.pem", key_password="p", minimum_version="TLSv1.3")
    assert config == TLSConfig(
        cert_file=Path("c.pem"), key_password=Secret("p"), minimum_version="TLSv1.3"
    )
    assert config != TLSConfig(cert_file="c.pem", key_password="q", minimum_version="TLSv1.3")
    assert hash(config) == hash(
        TLSConfig(cert_file="c.pem", key_password="p", minimum_version="TLSv1.3")
    )
    with pytest.raises(AttributeError):
        config.verify = False  # type: ignore[misc]


def test_pickle() -> None:
    """Settings pickle, but a password stays behind and says so when it is asked for."""
    config = TLSConfig(ca_file="ca.pem", verify=False)
    assert pickle.loads(pickle.dumps(config)) == config
    data = pickle.dumps(TLSConfig(cert_file="c.pem", key_password="hunter2"))
    assert b"hunter2" not in data
    again = pickle.loads(data)
    assert again.cert_file == "c.pem"
    with pytest.raises(UsageError):
        again.key_password.get_secret_value()
