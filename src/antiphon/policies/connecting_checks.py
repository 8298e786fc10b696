"""Settings of a client about proxies and addresses, checked when the client is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError, WrongFlavourError
from antiphon.models.unset import UNSET

if TYPE_CHECKING:
    from types import CodeType

# Of a code object: `async def` (the inspect module's value, which costs more than this file).
_COROUTINE = 0x80


def check_async_connecting(
    proxy: object, proxies: object, resolve: object, connecting: object, transport: object
) -> None:
    """Raise for what an AsyncClient cannot use, naming what it can; the proxies are read later."""
    _check_resolve(resolve, "async", "AsyncClient")
    _check(proxy, proxies, resolve, connecting, transport)


def check_sync_connecting(
    proxy: object, proxies: object, resolve: object, connecting: object, transport: object
) -> None:
    """Raise for what a Client cannot use, naming what it can; the proxies are read later."""
    _check_resolve(resolve, "plain", "Client")
    _check(proxy, proxies, resolve, connecting, transport)


def _check(
    proxy: object, proxies: object, resolve: object, connecting: object, transport: object
) -> None:
    # Known by what it has: its module is imported only by those who make one.
    if connecting is not None and not hasattr(connecting, "allow_private"):
        raise InvalidOptionError(
            f"connecting={connecting!r}: give Connecting(uds=..., local_address=..., ...)"
        )
    if transport is not None and (
        proxy is not UNSET or not (proxies is None and resolve is None and connecting is None)
    ):
        raise InvalidOptionError(
            "transport= carries the requests, so proxy=, proxies=, resolve= and connecting= would "
            "have no effect; give them to the transport"
        )


def _check_resolve(resolve: object, wanted: str, client: str) -> None:
    if resolve is None or isinstance(resolve, Mapping):
        return
    method = getattr(resolve, "resolve", None)
    prefix = "async " if wanted == "async" else ""
    if isinstance(resolve, type) or not callable(method):
        raise InvalidOptionError(
            f"resolve={resolve!r}: give {{'host': 'IP address'}}, or an object with "
            f"`{prefix}def resolve(self, host, port)`"
        )
    code: CodeType | None = getattr(getattr(method, "__func__", method), "__code__", None)
    if code is not None and bool(code.co_flags & _COROUTINE) != (wanted == "async"):
        voice = "a plain" if wanted == "async" else "an async"
        raise WrongFlavourError(
            f"resolve={resolve!r} has {voice} resolve(), which {client} cannot call; "
            f"it takes `{prefix}def resolve(self, host, port)`"
        )
