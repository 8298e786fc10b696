"""The codings gzip (RFC 1952) and deflate (RFC 1950, and bare RFC 1951 as some servers send it)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from antiphon.wire.codings.decoder import MAX_PIECE, NOTHING, SLICE, CodingDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator

# zlib's windowBits: 16 more expects a gzip header, a negative number none at all.
_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS

# A piece of at most this size is decoded in one go first; what is left of it is sliced.
_DIRECT = 65_536


class GzipDecoder(CodingDecoder):
    """Members one after another (RFC 1952 section 2.2), each with its checksum.

    Zero bytes after a member are padding and are skipped, as gzip(1) does; all else is an error.
    """

    __slots__ = ("_between", "_stream")

    coding = "gzip"

    def __init__(self) -> None:
        self._received = 0
        self._stream = zlib.decompressobj(_GZIP)
        self._between = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        stream = self._stream
        if self._between or len(data) > _DIRECT:
            self._received += len(data)
            return self._decode_slices(memoryview(data))
        try:
            piece = stream.decompress(data, MAX_PIECE)
        except zlib.error as error:
            raise self._invalid(error, data) from error
        self._received += len(data)
        if stream.eof:
            self._between = True
            rest = stream.unused_data
            if rest:
                return self._after(piece, rest)
        elif stream.unconsumed_tail or len(piece) == MAX_PIECE:
            return self._after(piece, stream.unconsumed_tail)
        return iter((piece,) if piece else NOTHING)

    def _after(self, piece: bytes, rest: bytes) -> Iterator[bytes]:
        if piece:
            yield piece
        # Without any rest the decompressor may hold output that did not fit.
        yield from self._decode_slices(memoryview(rest)) if rest else self._decode_slice(rest)

    def _decode_slices(self, data: memoryview) -> Iterator[bytes]:
        for start in range(0, len(data), SLICE):
            yield from self._decode_slice(data[start : start + SLICE])

    def _decode_slice(self, data: bytes | memoryview) -> Iterator[bytes]:
        while True:
            if self._between:
                data = bytes(data).lstrip(b"\0")
                if not data:
                    return
                self._stream = zlib.decompressobj(_GZIP)
                self._between = False
            stream = self._stream
            try:
                piece = stream.decompress(data, MAX_PIECE)
            except zlib.error as error:
                raise self._invalid(error, data) from error
            if piece:
                yield piece
            if stream.eof:
                self._between = True
                data = stream.unused_data
            else:
                data = stream.unconsumed_tail
                if not data and len(piece) < MAX_PIECE:
                    return

    def _complete(self) -> bool:
        return self._between


class DeflateDecoder(CodingDecoder):
    """The zlib format, or bare deflate where its header is missing (RFC 9110 section 8.4.1.2)."""

    __slots__ = ("_first", "_stream")

    coding = "deflate"

    def __init__(self) -> None:
        self._received = 0
        self._first = b""
        self._stream: zlib._Decompress | None = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        self._received += len(data)
        if self._stream is None:
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return iter(NOTHING)
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(data) else _RAW)
        return self._decode_slices(self._stream, memoryview(data))

    def _decode_slices(self, stream: zlib._Decompress, data: memoryview) -> Iterator[bytes]:
        for start in range(0, len(data), SLICE):
            rest: bytes | memoryview = data[start : start + SLICE]
            if stream.eof:
                raise self._garbage(rest)
            while True:
                try:
                    piece = stream.decompress(rest, MAX_PIECE)
                except zlib.error as error:
                    raise self._invalid(error, rest) from error
                if piece:
                    yield piece
                rest = stream.unconsumed_tail
                if not rest and len(piece) < MAX_PIECE:
                    break
            if stream.unused_data:
                raise self._garbage(stream.unused_data)

    def _complete(self) -> bool:
        return self._stream is not None and self._stream.eof


def _has_zlib_header(data: bytes) -> bool:
    """Tell the formats apart by RFC 1950 section 2.2.

    No encoder's bare deflate starts like it: its first bits would be those of a stored block with
    padding other than zero.
    """
    return data[0] & 0x0F == 8 and data[0] >> 4 <= 7 and (data[0] << 8 | data[1]) % 31 == 0
