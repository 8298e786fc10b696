"""Settings of a client that are objects, checked when the client is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from antiphon.errors import InvalidOptionError
from antiphon.models.body import Body
from antiphon.models.headers import Headers
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.tls_config import TLSConfig
from antiphon.models.url import URL

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


def checked_urls(urls: Iterable[str | URL]) -> list[str | URL]:
    """Return several URLs as a list. Raises InvalidOptionError for what is not several."""
    if isinstance(urls, str | bytes | URL) or not isinstance(urls, Iterable):
        raise InvalidOptionError(f"urls: give a list of URLs, not a {type(urls).__name__}")
    return list(urls)


_PARTS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("method", str, "a str"),
    ("url", URL, "a URL"),
    ("headers", Headers, "Headers"),
    ("body", (Body, type(None)), "a Body or None"),
)


def check_request(where: str, request: Any) -> None:
    """Raise InvalidOptionError for what is no request, and for one of parts that are none."""
    # Policies ask it for every request that they pass on, so what is nearly always true is first.
    if (
        request.__class__ is Request
        and request.method.__class__ is str
        and request.url.__class__ is URL
        and request.headers.__class__ is Headers
        and (request.body is None or isinstance(request.body, Body))
    ):
        return
    if not isinstance(request, Request):
        raise InvalidOptionError(
            f"{where} takes a Request, not {type(request).__name__}; "
            "make one with client.build_request(method, url)"
        )
    for name, expected, shown in _PARTS:
        value = getattr(request, name)
        if not isinstance(value, expected):
            raise InvalidOptionError(
                f"{where}: the {name} of the request is of type {type(value).__name__}, not "
                f"{shown}; client.build_request(method, url) makes one of text"
            )
