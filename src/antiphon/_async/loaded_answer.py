# Source of _sync/loaded_answer.py; after editing run: tox -e codegen
"""Makes an open answer of a `Response`, whose body is decoded and in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.bytes_source import AsyncBytesSource
from antiphon._async.stream import LOADED, AsyncResponseStream

if TYPE_CHECKING:
    from antiphon.models.response import Response


def loaded_answer(response: Response) -> AsyncResponseStream:
    """Return an answer that says what `response` says; its body needs no decoding any more."""
    stream = AsyncResponseStream(
        request=response.request,
        status=response.status,
        reason=response.reason,
        headers=response.headers,
        http_version=response.http_version,
        source=AsyncBytesSource(b"", response.trailers),
        timeline=response.timeline,
        tls=response.tls,
    )
    stream._content = response.content
    stream._state = LOADED
    stream.informational = response.informational
    stream.history = response.history
    stream.attempts = response.attempts
    stream.json_codec = response.json_codec
    stream.request_id = response.request_id
    return stream
