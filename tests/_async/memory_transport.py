# Source of _sync/memory_transport.py; after editing run: tox -e codegen
"""A transport in memory, for tests of what stands above the wire."""

from __future__ import annotations

from antiphon._async.stream import AsyncResponseStream
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT, TransportOptions


class Answering:
    """Answers statuses in turn, the last for ever."""

    def __init__(self, *statuses: int, headers: Headers | None = None) -> None:
        self.statuses = list(statuses or (200,))
        self.headers = Headers() if headers is None else headers
        self.requests: list[Request] = []
        self.streams: list[AsyncResponseStream] = []
        self.closed = 0

    async def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> AsyncResponseStream:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        stream = AsyncResponseStream.of_bytes(request, status, self.headers, b"body")
        self.streams.append(stream)
        return stream

    async def aclose(self) -> None:
        self.closed += 1
