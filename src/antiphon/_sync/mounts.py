# GENERATED from _async/mounts.py by tools/unasync.py. Do not edit.
"""Several transports under one client, each for a part of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.flavour import check_sync_transport
from antiphon.policies.origin_patterns import OriginPatterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.transport import Transport
    from antiphon.models.request import Request
    from antiphon.models.url import URL


class Mounts:
    """Carries each request by the transport of the most specific pattern that its URL matches.

    None stands for the client's own transport, as does a URL that no pattern matches. Patterns are
    those of `OriginPatterns`. Raises InvalidOptionError and WrongFlavourError.
    """

    def __init__(
        self, transports: Mapping[str, Transport | None], default: Transport
    ) -> None:
        def check(value: object, _: str) -> Transport:
            if value is None:
                return default
            check_sync_transport(value)
            return value  # type: ignore[return-value]

        self._default = default
        self._patterns: OriginPatterns[Transport] = OriginPatterns(
            "transports", transports, check, "{'https://internal.example': transport}"
        )

    def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> ResponseStream:
        """Hand the request on."""
        transport = self._patterns.find(request.url.origin, self._default)
        return transport.execute(request, options)

    def warm_up(self, urls: Iterable[URL], options: TransportOptions = DEFAULT) -> int:
        """Open connections ahead of use, where the transport of a URL can; return how many."""
        opened = 0
        for url in urls:
            transport = self._patterns.find(url.origin, self._default)
            warm_up = getattr(transport, "warm_up", None)
            if warm_up is not None:
                opened += warm_up([url], options)
        return opened

    def close(self) -> None:
        """Close every transport that can be closed, once each."""
        transports = {id(value): value for value in (*self._patterns.values(), self._default)}
        for transport in transports.values():
            close = getattr(transport, "close", None)
            if close is not None:
                close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {self._default!r}>"
