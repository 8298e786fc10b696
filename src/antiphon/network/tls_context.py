"""TLS settings made into one `SSLContext`, built when first needed and shared."""

from __future__ import annotations

import os
import ssl
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.models.secret import reveal
from antiphon.models.tls_config import InsecureTLSWarning, TLSConfig

if TYPE_CHECKING:
    from collections.abc import Iterator


# Building a context reads the trust store: some 10 to 20 ms. Equal settings share one context, as
# TLS sessions then do too. Contexts hold no per-connection state and are safe among threads.
_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}
# What a context is made from besides its settings, where the environment is trusted.
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_lock = threading.Lock()


def _remake_lock() -> None:
    # Another thread may have been building a context when the process forked.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_remake_lock)


def tls_context(settings: TLSConfig | ssl.SSLContext, trust_env: bool) -> ssl.SSLContext:
    """The context for these settings; a user's own is handed back as it is, and never changed.

    `trust_env` lets `SSL_CERT_FILE` and `SSL_CERT_DIR` name the trusted authorities where the
    settings name none. Raises `InvalidOptionError` for files that cannot be read or understood.
    """
    if isinstance(settings, ssl.SSLContext):
        return settings
    key = (settings, trust_env, *_outer_state(settings, trust_env))
    context = _contexts.get(key)
    if context is None:
        with _lock:
            context = _contexts.get(key)
            if context is None:
                context = _contexts[key] = _build(settings, trust_env)
    return context


def _outer_state(settings: TLSConfig, trust_env: bool) -> Iterator[object]:
    """What else decides: variables, and when files were changed, as certificates are renewed."""
    if trust_env:
        yield from map(os.environ.get, _VARIABLES)
    for path in (settings.ca_file, settings.ca_dir, settings.cert_file, settings.key_file):
        if path is not None:
            try:
                yield os.stat(path).st_mtime_ns
            except OSError:  # building the context says what is wrong with it
                yield None


def _build(settings: TLSConfig, trust_env: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = {
        "TLSv1.2": ssl.TLSVersion.TLSv1_2,
        "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    }[settings.minimum_version]
    if settings.alpn:
        context.set_alpn_protocols(list(settings.alpn))
    if trust_env and os.environ.get("SSLKEYLOGFILE"):
        _log_keys(context, os.environ["SSLKEYLOGFILE"])
    if not settings.verify:
        warnings.warn(
            "TLSConfig(verify=False): certificates are not checked, so anybody on the way can read "
            "and change what is sent; trust a private authority with TLSConfig(ca_file=...)",
            InsecureTLSWarning,
            stacklevel=2,
        )
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_file or settings.ca_dir or settings.ca_data is not None:
        _trust_own_authorities(context, settings)
    else:
        _trust_system(context, trust_env)
    if settings.cert_file is not None:
        _load_client_certificate(context, settings, settings.cert_file, settings.key_file)
    elif settings.cert_data is not None:
        key = "" if settings.key_data is None else reveal(settings.key_data)
        # Only comments can hold other characters than ASCII, and OpenSSL skips those.
        with readable_once(f"{settings.cert_data}\n{key}".encode("ascii", "replace")) as path:
            _load_client_certificate(context, settings, path, None)
    return context


def _log_keys(context: ssl.SSLContext, path: str) -> None:
    try:
        context.keylog_filename = path
    except (OSError, ValueError) as error:
        raise InvalidOptionError(
            f"SSLKEYLOGFILE: {path!r} cannot be written: {getattr(error, 'strerror', error)}; "
            "unset the variable, or give Client(trust_env=False)"
        ) from error


def _trust_own_authorities(context: ssl.SSLContext, settings: TLSConfig) -> None:
    if settings.ca_dir is not None and not os.path.isdir(settings.ca_dir):
        # OpenSSL would look there for each certificate, and say nothing.
        raise InvalidOptionError(f"TLSConfig(ca_dir={settings.ca_dir!r}): there is no such folder")
    try:
        context.load_verify_locations(settings.ca_file, settings.ca_dir, settings.ca_data)
    except (OSError, TypeError, ValueError) as error:
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


def _load_client_certificate(
    context: ssl.SSLContext, settings: TLSConfig, cert_file: str, key_file: str | None
) -> None:
    # An empty password instead of none: OpenSSL would otherwise ask for it on the terminal.
    password = "" if settings.key_password is None else reveal(settings.key_password)
    try:
        context.load_cert_chain(cert_file, key_file, password)
    except (OSError, ValueError) as error:
        named = "in cert_data" if settings.cert_file is None else repr(cert_file)
        raise InvalidOptionError(
            f"the client certificate {named} (key_file={key_file!r}) could not be loaded: {error}; "
            "it takes PEM with the certificate and its key, and key_password where that has one"
        ) from error


@contextmanager
def readable_once(content: bytes) -> Iterator[str]:
    """A path under which OpenSSL can read `content`, which it takes from files only.

    In memory where the system can do that; else in a file that only this user can read.
    """
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        descriptor = os.memfd_create("antiphon", os.MFD_CLOEXEC)
        path = f"/proc/self/fd/{descriptor}"
    else:
        from tempfile import mkstemp

        descriptor, path = mkstemp()
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield path
    finally:
        os.close(descriptor)
        if not path.startswith("/proc/"):
            os.unlink(path)
