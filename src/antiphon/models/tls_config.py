"""How TLS connections are made and whom they trust, as data."""

from __future__ import annotations

import os
import re
from typing import Literal, get_args

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.secret import Secret, SupportsSecretValue, reveal

TLSVersionName = Literal["TLSv1.2", "TLSv1.3"]


class InsecureTLSWarning(UserWarning):
    """TLS is used in a way that lets others listen in or pretend to be the server."""


# SHA-256 of the public key in base64, as curl's --pinnedpubkey and RFC 7469 write it.
_PIN = re.compile(r"sha256/[A-Za-z0-9+/]{43}=")


def _path(value: str | os.PathLike[str] | None) -> str | None:
    if value is None:
        return None
    _require("tls", value, (str, os.PathLike), "the name of a file")
    path = os.fspath(value)
    _require("tls", path, (str,), "the name of a file as text")
    if not path or "\0" in path:
        msg = f"tls: {path!r} names no file; leave it out to have none"
        raise InvalidOptionError(msg)
    return path


def _authorities(value: str | bytes | None) -> str | bytes | None:
    """Return PEM as str and DER as bytes, which is how `ssl` tells them apart."""
    if value is None:
        return None
    _require("tls.ca_data", value, (str, bytes), "PEM text or DER bytes")
    text = value
    if isinstance(value, bytes) and b"-----BEGIN" in value:
        text = value.decode("latin-1")
    if isinstance(text, str) and "-----BEGIN" in text:
        # Bundles name authorities in comments, in any language; `ssl` takes ASCII text alone.
        return text.encode("ascii", "replace").decode("ascii")
    return text


def _pem(value: str | bytes | None) -> str | None:
    if value is None:
        return None
    _require("tls.cert_data", value, (str, bytes), "PEM text")
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if "-----BEGIN CERTIFICATE-----" not in text:
        msg = "tls.cert_data: expected a certificate in PEM form"
        raise InvalidOptionError(msg)
    return text


def _key(value: str | bytes | SupportsSecretValue | None) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    text = value.decode("latin-1") if isinstance(value, bytes) else reveal(value)
    if "PRIVATE KEY-----" not in text:
        msg = "tls.key_data: expected a private key in PEM form"
        raise InvalidOptionError(msg)
    return Secret(text)


def _pins(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    _require("tls.pins", value, (str, tuple, list), "a tuple of pins")
    pins = (value,) if isinstance(value, str) else tuple(value)
    for pin in pins:
        if not isinstance(pin, str) or not _PIN.fullmatch(pin):
            msg = (
                f"tls.pins: {str(pin)[:60]!r} is no pin; expected 'sha256/' and the base64 SHA-256 "
                "of the certificate's SubjectPublicKeyInfo"
            )
            raise InvalidOptionError(msg)
    return pins


def _protocols(value: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    _require("tls.alpn", value, (tuple, list), "a tuple of protocol names")
    protocols = tuple(value)
    for protocol in protocols:
        _require("tls.alpn", protocol, (str,), "a tuple of protocol names")
        if not protocol.isascii() or not 1 <= len(protocol) <= 255:
            msg = f"tls.alpn: {protocol[:40]!r} is no protocol name (RFC 7301: 1 to 255 bytes)"
            raise InvalidOptionError(msg)
    return protocols


def _password(value: str | SupportsSecretValue | None) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    return Secret(reveal(value))


def _shown_size(value: str | bytes | None) -> str:
    if value is None:
        return "None"
    return f"<{len(value)} {'characters' if isinstance(value, str) else 'bytes'}>"


@attrs.frozen(kw_only=True)
class TLSConfig:
    """Settings of TLS. Files are named here and read at the first TLS connection.

    Trust is in the operating system's authorities, unless `ca_file` or `ca_data` name others.
    Raises InvalidOptionError for settings that cannot be meant. Pickles leave `key_password`
    behind, as every Secret is.
    """

    verify: bool = True
    """Check the certificate and that it is for the host. False lets anybody listen in."""
    ca_file: str | None = attrs.field(default=None, converter=_path)
    """A PEM file of the authorities to trust, and no others."""
    ca_data: str | bytes | None = attrs.field(
        default=None, converter=_authorities, repr=_shown_size
    )
    """The same as text (PEM) or bytes (PEM or DER)."""
    ca_dir: str | None = attrs.field(default=None, converter=_path)
    """A folder of the authorities to trust, prepared by OpenSSL's `rehash`."""
    cert_file: str | None = attrs.field(default=None, converter=_path)
    """A PEM file with the certificate by which this client proves who it is."""
    key_file: str | None = attrs.field(default=None, converter=_path)
    """A PEM file with its private key, if `cert_file` does not hold it."""
    cert_data: str | None = attrs.field(default=None, converter=_pem, repr=_shown_size)
    """The same as `cert_file`, in memory."""
    key_data: Secret | None = attrs.field(default=None, converter=_key)
    """The private key of `cert_data` in PEM form, if that does not hold it."""
    key_password: Secret | None = attrs.field(default=None, converter=_password)
    """What opens the private key."""
    minimum_version: TLSVersionName = "TLSv1.2"
    """The oldest protocol version to agree to; 1.0 and 1.1 must not be used (RFC 8996)."""
    alpn: tuple[str, ...] = attrs.field(default=("http/1.1",), converter=_protocols)
    """The protocols to offer (RFC 7301); none at all if empty. Only http/1.1 is spoken."""
    server_hostname: str | None = None
    """The name to ask for (SNI) and to verify, instead of the URL's host."""
    pins: tuple[str, ...] = attrs.field(default=(), converter=_pins)
    """Public keys of which the server's certificate must have one, checked beside all else:
    "sha256/" and the base64 SHA-256 of the SubjectPublicKeyInfo."""

    def __attrs_post_init__(self) -> None:
        expected = "True or False; own authorities are named with ca_file="
        _require("tls.verify", self.verify, (bool,), expected)
        if self.minimum_version not in get_args(TLSVersionName):
            msg = (
                f"tls.minimum_version: {str(self.minimum_version)[:20]!r} is none of "
                + ", ".join(repr(name) for name in get_args(TLSVersionName))
            )
            raise InvalidOptionError(msg)
        if self.server_hostname is not None:
            _check_hostname(self.server_hostname)
        self._check_client_certificate()

    def _check_client_certificate(self) -> None:
        if self.cert_file is not None and self.cert_data is not None:
            msg = "tls: give the client certificate as cert_file or as cert_data, not both"
            raise InvalidOptionError(msg)
        if self.cert_file is None and self.key_file:
            msg = "tls: key_file needs the cert_file that it belongs to"
            raise InvalidOptionError(msg)
        if self.cert_data is None and self.key_data is not None:
            msg = "tls: key_data needs the cert_data that it belongs to"
            raise InvalidOptionError(msg)
        if self.cert_file is None and self.cert_data is None and self.key_password is not None:
            msg = "tls: key_password needs the cert_file or cert_data whose key it opens"
            raise InvalidOptionError(msg)


def _check_hostname(name: str) -> None:
    _require("tls.server_hostname", name, (str,), "a host name")
    from antiphon.models.url_host import InvalidHost, normalise_host

    if name.isascii() and "%" not in name:
        try:
            normalise_host(f"[{name}]" if ":" in name else name)
        except InvalidHost:
            pass
        else:
            return
    msg = f"tls.server_hostname: {name[:80]!r} is no ASCII host name"
    raise InvalidOptionError(msg)


def _require(name: str, value: object, types: tuple[type, ...], expected: str) -> None:
    """Refuse a value of another type; the message names the type, for the value may be secret."""
    if not isinstance(value, types):
        msg = f"{name}: got {type(value).__name__}, expected {expected}"
        raise InvalidOptionError(msg)
