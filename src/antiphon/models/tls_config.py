"""How TLS connections are made and whom they trust, as data."""

from __future__ import annotations

import os
from typing import Literal, get_args

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.secret import Secret, SupportsSecretValue, reveal

TLSVersionName = Literal["TLSv1.2", "TLSv1.3"]


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
    if isinstance(value, bytes) and b"-----BEGIN" in value:
        return value.decode("latin-1")
    return value


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
    cert_file: str | None = attrs.field(default=None, converter=_path)
    """A PEM file with the certificate by which this client proves who it is."""
    key_file: str | None = attrs.field(default=None, converter=_path)
    """A PEM file with its private key, if `cert_file` does not hold it."""
    key_password: Secret | None = attrs.field(default=None, converter=_password)
    """What opens the private key."""
    minimum_version: TLSVersionName = "TLSv1.2"
    """The oldest protocol version to agree to; 1.0 and 1.1 must not be used (RFC 8996)."""

    def __attrs_post_init__(self) -> None:
        expected = "True or False; own authorities are named with ca_file="
        _require("tls.verify", self.verify, (bool,), expected)
        if self.minimum_version not in get_args(TLSVersionName):
            msg = (
                f"tls.minimum_version: {str(self.minimum_version)[:20]!r} is none of "
                + ", ".join(repr(name) for name in get_args(TLSVersionName))
            )
            raise InvalidOptionError(msg)
        if self.cert_file is None and (self.key_file or self.key_password is not None):
            msg = "tls: key_file and key_password need the cert_file that they belong to"
            raise InvalidOptionError(msg)


def _require(name: str, value: object, types: tuple[type, ...], expected: str) -> None:
    """Refuse a value of another type; the message names the type, for the value may be secret."""
    if not isinstance(value, types):
        msg = f"{name}: got {type(value).__name__}, expected {expected}"
        raise InvalidOptionError(msg)
