"""Settings of a client that are objects, checked when the client is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.models.limits import Limits
from antiphon.models.tls_config import TLSConfig

if TYPE_CHECKING:
    from collections.abc import Callable


def check_settings(
    *, limits: object, tls: object, trust_env: object, transport: object, json_codec: object
) -> None:
    """Raise InvalidOptionError for the first setting that cannot work, naming what would."""
    if limits is not None and not isinstance(limits, Limits):
        raise InvalidOptionError(f"limits={limits!r}: give Limits(max_connections=...)")
    # An SSLContext is known by what it does: `ssl` is imported only where TLS is spoken.
    if tls is not None and not isinstance(tls, TLSConfig) and not hasattr(tls, "wrap_bio"):
        raise InvalidOptionError(
            f"tls={tls!r}: give TLSConfig(ca_file=..., verify=...) or an ssl.SSLContext"
        )
    if not isinstance(trust_env, bool):
        raise InvalidOptionError(f"trust_env={trust_env!r}: give True or False")
    if transport is not None and (limits is not None or tls is not None):
        raise InvalidOptionError(
            "transport= carries the requests, so limits= and tls= would have no effect; "
            "give them to the transport"
        )
    if json_codec is not None:
        for name in ("dumps", "loads"):
            _check_function(json_codec, name)


def _check_function(json_codec: object, name: str) -> None:
    function: Callable[..., object] | None = getattr(json_codec, name, None)
    if not callable(function):
        raise InvalidOptionError(
            f"json_codec={json_codec!r} has no {name}(); give an object with "
            "dumps(value) -> str or bytes and loads(data) -> value"
        )
