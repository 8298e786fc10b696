# GENERATED from _async/ending_source.py by tools/unasync.py. Do not edit.
"""A body that says when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._sync.engine.raw_stream import RawStream
    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.transport import BodySource
    from antiphon.models.headers import Headers
    from antiphon.policies.waiting_line import Permit


class EndingSource:
    """Hands on what `source` gives, and calls `over` once it is read or closed.

    That may happen more than once. A stream that is forgotten open is never over: whom that
    concerns has to notice that `over` is forgotten too, as a `Permit` does.
    """

    __slots__ = ("_over", "_source")

    def __init__(self, source: BodySource, over: Callable[[], None]) -> None:
        self._source = source
        self._over = over

    def receive(self) -> bytes:
        """Return the next piece, b"" at the end."""
        piece = self._source.receive()
        if not piece:
            self._over()
        return piece

    def close(self) -> None:
        """Close the source."""
        try:
            self._source.close()
        finally:
            self._over()

    @property
    def trailers(self) -> Headers:
        """The trailer fields of the source."""
        return self._source.trailers

    @property
    def upgrade(self) -> Callable[[], RawStream]:
        """Hand the connection over after a 101; an AttributeError if the source cannot."""
        hand_over: Callable[[], RawStream] = self._source.upgrade  # type: ignore[attr-defined]

        def upgrade() -> RawStream:
            self._over()
            return hand_over()

        return upgrade


def hold_until_over(permit: Permit, stream: ResponseStream) -> None:
    """Give the permit back when the body of `stream` has been read, or is closed or forgotten."""
    if stream.is_loaded:
        permit.release()
    else:
        stream.wrap_source(lambda source: EndingSource(source, permit.release))
