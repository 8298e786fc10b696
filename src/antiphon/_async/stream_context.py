# Source of _sync/stream_context.py; after editing run: tox -e codegen
"""`async with client.stream(...) as stream:`: sends on entry, closes on exit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from antiphon.errors import UsageError
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._async.client_core import AsyncClientCore
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.json_codec import JSONCodec
    from antiphon.models.request import Request
    from antiphon.policies.call_options import CallOptions


class AsyncStreamContext:
    """A call that is made when its block is entered; each entry is a call of its own."""

    __slots__ = ("_begin", "_core", "_json_codec", "_options", "_request", "_stream", "_trusted")

    def __init__(
        self,
        core: AsyncClientCore,
        request: Request,
        options: CallOptions,
        *,
        trusted: bool,
        json_codec: JSONCodec | None,
    ) -> None:
        self._core = core
        self._request = request
        self._options = options
        self._trusted = trusted
        self._json_codec = json_codec
        self._stream: AsyncResponseStream | None = None

    async def __aenter__(self) -> AsyncResponseStream:
        if self._stream is not None:
            raise UsageError("this stream was entered already; call client.stream(...) again")
        self._core.refuse_closed()
        call = self._options.begin(self._request, self._trusted, True, now())
        stream = await self._core.handle(self._request, call)
        stream.json_codec = self._json_codec
        stream.max_response_bytes = self._options.max_response_bytes
        self._stream = stream
        return stream

    async def __aexit__(self, *exc_info: object) -> None:
        if self._stream is not None:
            await self._stream.aclose()

    def __getattr__(self, name: str) -> NoReturn:
        """Name the missing `with`: nothing was sent yet."""
        raise AttributeError(
            f"client.stream(...) has no {name!r} before it is entered; "
            "write `async with client.stream(...) as stream:`"
        )
