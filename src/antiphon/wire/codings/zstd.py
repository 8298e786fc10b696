"""The coding zstd (RFC 8878), by the standard library, `backports.zstd` or `zstandard`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from antiphon.wire.codings.decoder import MAX_PIECE, CodingDecoder, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    class _Frame(Protocol):
        @property
        def eof(self) -> bool: ...
        @property
        def unused_data(self) -> bytes: ...

    class _BoundedFrame(_Frame, Protocol):
        @property
        def needs_input(self) -> bool: ...
        def decompress(self, data: bytes, max_length: int) -> bytes: ...

    class _UnboundedFrame(_Frame, Protocol):
        def decompress(self, data: bytes | memoryview) -> bytes: ...


# RFC 9659 section 3: who sends the coding zstd uses windows of at most 8 MiB, and more is refused.
_WINDOW_LOG_MAX = 23

# `zstandard` cannot bound what it puts out, but 4 bytes of input stand for at most one block of
# 128 KiB (RFC 8878 section 3.1.1.2), so that this many bytes make at most 1 MiB.
_UNBOUNDED_SLICE = 32


def find_zstd() -> Callable[[], CodingDecoder] | None:
    """Return what makes a decoder by the first of the packages that is installed."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = __import__(name, fromlist=("ZstdDecompressor",))
        except ImportError:
            continue
        options = {module.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
        make = partial(module.ZstdDecompressor, options=options)
        return partial(BoundedZstdDecoder, make, module.ZstdError)
    try:
        zstandard = __import__("zstandard")
    except ImportError:
        return None
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG_MAX)
    return partial(UnboundedZstdDecoder, decompressor.decompressobj, zstandard.ZstdError)


class ZstdDecoder(CodingDecoder):
    """Frames one after another (RFC 8878 section 3.1); skippable ones put out nothing."""

    __slots__ = ("_error", "_started")

    coding = "zstd"

    def __init__(self, error: type[Exception]) -> None:
        self._received = 0
        self._error = error
        # Whether a frame began and did not end.
        self._started = False

    def _complete(self) -> bool:
        return not self._started


class BoundedZstdDecoder(ZstdDecoder):
    """By `compression.zstd` or its backport, which bound each output."""

    __slots__ = ("_frame", "_make")

    def __init__(self, make: Callable[[], _BoundedFrame], error: type[Exception]) -> None:
        super().__init__(error)
        self._make = make
        self._frame = make()

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        self._received += len(data)
        rest = data
        while rest:
            if self._frame.eof:
                self._frame = self._make()
            frame = self._frame
            self._started = True
            while True:
                try:
                    output = frame.decompress(rest, max_length=MAX_PIECE)
                except self._error as error:
                    raise self._invalid(error, rest or data) from error
                if output:
                    yield output
                rest = b""
                if frame.eof or frame.needs_input:
                    break
            if frame.eof:
                self._started = False
                rest = frame.unused_data


class UnboundedZstdDecoder(ZstdDecoder):
    """By `zstandard`, a few bytes at a time."""

    __slots__ = ("_frame", "_make")

    def __init__(self, make: Callable[[], _UnboundedFrame], error: type[Exception]) -> None:
        super().__init__(error)
        self._make = make
        self._frame = make()

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        self._received += len(data)
        view = memoryview(data)
        for start in range(0, len(data), _UNBOUNDED_SLICE):
            rest: bytes | memoryview = view[start : start + _UNBOUNDED_SLICE]
            while rest:
                if self._frame.eof:
                    self._frame = self._make()
                frame = self._frame
                self._started = True
                try:
                    output = frame.decompress(rest)
                except self._error as error:
                    raise self._invalid(error, rest) from error
                if output:
                    yield from cut(output)
                if frame.eof:
                    self._started = False
                    rest = frame.unused_data
                else:
                    rest = b""
