"""TLS settings made into one `SSLContext`, built when first needed and shared."""

from __future__ import annotations

import os
import ssl
import threading
from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.models.secret import reveal

if TYPE_CHECKING:
    from antiphon.models.tls_config import TLSConfig

# Building a context reads the trust store: some 10 to 20 ms. Equal settings share one context, as
# TLS sessions then do too. Contexts hold no per-connection state and are safe among threads.
_contexts: dict[tuple[TLSConfig, bool], ssl.SSLContext] = {}
_lock = threading.Lock()


def _remake_lock() -> None:
    # Another thread may have been building a context when the process forked.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_remake_lock)


def tls_context(settings: TLSConfig | ssl.SSLContext, trust_env: bool) -> ssl.SSLContext:
    """The context for these settings; a user's own is handed back as it is, and never changed.

    `trust_env` lets `SSL_CERT_FILE` and `SSL_CERT_DIR` name the trusted authorities where the
    settings name none. Raises `InvalidOptionError` for files that cannot be read or understood.
    """
    if isinstance(settings, ssl.SSLContext):
        return settings
    key = (settings, trust_env)
    context = _contexts.get(key)
    if context is None:
        with _lock:
            context = _contexts.get(key)
            if context is None:
                context = _contexts[key] = _build(settings, trust_env)
    return context


def _build(settings: TLSConfig, trust_env: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = {
        "TLSv1.2": ssl.TLSVersion.TLSv1_2,
        "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    }[settings.minimum_version]
    context.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_file is not None or settings.ca_data is not None:
        _trust_own_authorities(context, settings)
    else:
        _trust_system(context, trust_env)
    if settings.cert_file is not None:
        _load_client_certificate(context, settings)
    return context


def _trust_own_authorities(context: ssl.SSLContext, settings: TLSConfig) -> None:
    try:
        context.load_verify_locations(cafile=settings.ca_file, cadata=settings.ca_data)
    except (OSError, ValueError) as error:
        source = "TLSConfig(ca_data=...)" if settings.ca_file is None else repr(settings.ca_file)
        raise InvalidOptionError(
            f"no certificates could be loaded from {source}: {error}; "
            "ca_file and ca_data take certificates in PEM form"
        ) from error


def _trust_system(context: ssl.SSLContext, trust_env: bool) -> None:
    if trust_env:
        # OpenSSL looks SSL_CERT_FILE and SSL_CERT_DIR up by itself.
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return
    paths = ssl.get_default_verify_paths()
    # The compiled-in places, which the environment does not move.
    for cafile, capath in ((paths.openssl_cafile, None), (None, paths.openssl_capath)):
        try:
            context.load_verify_locations(cafile=cafile, capath=capath)
        except OSError:  # one of the two is commonly absent
            continue


def _load_client_certificate(context: ssl.SSLContext, settings: TLSConfig) -> None:
    assert settings.cert_file is not None
    # An empty password instead of none: OpenSSL would otherwise ask for it on the terminal.
    password = "" if settings.key_password is None else reveal(settings.key_password)
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file, password)
    except (OSError, ValueError) as error:
        raise InvalidOptionError(
            f"the client certificate {settings.cert_file!r} (key_file="
            f"{settings.key_file!r}) could not be loaded: {error}; "
            "cert_file and key_file take PEM files, key_password the password of the key"
        ) from error
