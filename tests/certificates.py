"""Certificates made for the tests: a private authority, and servers that it vouches for, or not."""

from __future__ import annotations

import datetime
import ssl
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import trustme


@cache
def authority() -> trustme.CA:
    """The authority that the tests' clients trust."""
    return trustme.CA()


@cache
def ca_file() -> str:
    """The path of the authority's own certificate, in PEM."""
    path = Path(mkdtemp()) / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return str(path)


def server_context(
    *names: str, ca: trustme.CA | None = None, expired: bool = False
) -> ssl.SSLContext:
    """TLS settings of a server with a certificate for `names`."""
    issuer = authority() if ca is None else ca
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = issuer.issue_cert(*names, not_after=yesterday if expired else None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    certificate.configure_cert(context)
    return context
