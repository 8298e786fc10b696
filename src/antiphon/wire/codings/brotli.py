"""The coding br (RFC 7932), by the packages `brotli` or `brotlicffi`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from antiphon.wire.codings.decoder import MAX_PIECE, CodingDecoder, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    class _Decompressor(Protocol):
        def process(self, data: bytes, output_buffer_limit: int) -> bytes: ...
        def can_accept_more_data(self) -> bool: ...
        def is_finished(self) -> bool: ...


def find_brotli() -> Callable[[], CodingDecoder] | None:
    """Return what makes a decoder by one of the packages, if it is installed.

    Versions before 1.2 cannot bound what they put out, and count as not installed.
    """
    for name in ("brotli", "brotlicffi"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        if hasattr(module.Decompressor, "can_accept_more_data"):
            return partial(BrotliDecoder, module.Decompressor, module.error)
    return None


class BrotliDecoder(CodingDecoder):
    """One brotli stream. Its window is at most 16 MiB (RFC 7932 section 9.1)."""

    __slots__ = ("_error", "_stream")

    coding = "br"

    def __init__(self, make: Callable[[], _Decompressor], error: type[Exception]) -> None:
        self._received = 0
        self._stream = make()
        self._error = error

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        stream = self._stream
        if not data:
            return
        if stream.is_finished():
            raise self._garbage(data)
        self._received += len(data)
        rest = data
        while True:
            try:
                output = stream.process(rest, output_buffer_limit=MAX_PIECE)
            except self._error as error:
                # What follows the end in the same piece is not told apart from a fault.
                raise self._invalid(error, data) from error
            if len(output) > MAX_PIECE:
                yield from cut(output)
            elif output:
                yield output
            # It accepts more while it still holds output that did not fit, so the size tells.
            if len(output) < MAX_PIECE and stream.can_accept_more_data():
                return
            rest = b""

    def _complete(self) -> bool:
        return self._stream.is_finished()
