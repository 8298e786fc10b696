# Source of _sync/ending_source.py; after editing run: tox -e codegen
"""A body that says when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._async.engine.raw_stream import AsyncRawStream
    from antiphon._async.stream import AsyncResponseStream
    from antiphon._async.transport import AsyncBodySource
    from antiphon.models.headers import Headers
    from antiphon.policies.waiting_line import Permit


class AsyncEndingSource:
    """Hands on what `source` gives, and calls `over` once it is read or closed.

    That may happen more than once. A stream that is forgotten open is never over: whom that
    concerns has to notice that `over` is forgotten too, as a `Permit` does.
    """

    __slots__ = ("_over", "_source")

    def __init__(self, source: AsyncBodySource, over: Callable[[], None]) -> None:
        self._source = source
        self._over = over

    async def receive(self) -> bytes:
        """Return the next piece, b"" at the end."""
        piece = await self._source.receive()
        if not piece:
            self._over()
        return piece

    async def aclose(self) -> None:
        """Close the source."""
        try:
            await self._source.aclose()
        finally:
            self._over()

    @property
    def trailers(self) -> Headers:
        """The trailer fields of the source."""
        return self._source.trailers

    @property
    def upgrade(self) -> Callable[[], AsyncRawStream]:
        """Hand the connection over after a 101; an AttributeError if the source cannot."""
        hand_over: Callable[[], AsyncRawStream] = self._source.upgrade  # type: ignore[attr-defined]

        def upgrade() -> AsyncRawStream:
            self._over()
            return hand_over()

        return upgrade


def hold_until_over(permit: Permit, stream: AsyncResponseStream) -> None:
    """Give the permit back when the body of `stream` has been read, or is closed or forgotten."""
    if stream.is_loaded:
        permit.release()
    else:
        stream.wrap_source(lambda source: AsyncEndingSource(source, permit.release))
