# GENERATED from _async/memory_transport.py by tools/unasync.py. Do not edit.
"""A transport in memory, for tests of what stands above the wire."""

from __future__ import annotations

from antiphon._sync.stream import ResponseStream
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT, TransportOptions


class Answering:
    """Answers statuses in turn, the last for ever."""

    def __init__(self, *statuses: int, headers: Headers | None = None) -> None:
        self.statuses = list(statuses or (200,))
        self.headers = Headers() if headers is None else headers
        self.requests: list[Request] = []
        self.streams: list[ResponseStream] = []
        self.closed = 0

    def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> ResponseStream:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        stream = ResponseStream.of_bytes(request, status, self.headers, b"body")
        self.streams.append(stream)
        return stream

    def close(self) -> None:
        self.closed += 1
