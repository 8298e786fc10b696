# Source of _sync/transport.py; after editing run: tox -e codegen
"""The seam: anything that can carry a request is a transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from antiphon.models.transport_options import DEFAULT, TransportOptions

if TYPE_CHECKING:
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request


class AsyncTransport(Protocol):
    """Carries one request and returns its answer as an open stream, whatever its status.

    `execute` is the only required method; one that also has `aclose()` is closed with the client
    that it was given to. A transport may ignore the options, but must take them.
    """

    async def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> AsyncResponseStream:
        """Send `request` and return once the final head of the answer is here."""
        ...


class AsyncBodySource(Protocol):
    """Where a stream gets the bytes of its body from; one reader, used once."""

    async def receive(self) -> bytes:
        """Return the next piece of the body as it was sent, b"" at its end."""
        ...

    async def aclose(self) -> None:
        """Give the connection back or drop it; safe to repeat, never waits for the whole body."""
        ...

    @property
    def trailers(self) -> Headers:
        """The trailer fields (RFC 9110 section 6.5), known after the end of the body."""
        ...
