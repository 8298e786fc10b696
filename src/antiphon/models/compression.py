"""Compressors for request bodies, one for each content coding (RFC 9110 section 8.4.1)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Coding: TypeAlias = Literal["gzip", "deflate", "br", "zstd"]
"""The content codings that a request body can be sent in."""

CODINGS: tuple[Coding, ...] = ("gzip", "deflate", "br", "zstd")

_GZIP_WINDOW = 31  # zlib: the largest window, plus 16 for the gzip wrapping
_ZLIB_WINDOW = 15  # RFC 9110 section 8.4.1.2: "deflate" is the zlib format
_ZLIB_LEVEL = 6
# Level 11, the default, is made for files that are compressed once and served for years.
_BROTLI_QUALITY = 5


class Compressor(Protocol):
    """One body on its way into a coding; the same input gives the same output."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece; return what is ready, which may be nothing."""
        ...

    def flush(self) -> bytes:
        """Return the rest, once all was taken."""
        ...


def compressor_for(coding: str) -> Compressor:
    """Return a new compressor.

    Raises `InvalidOptionError` for a coding there is none for, and `MissingExtraError` that names
    the extra for one whose package is not installed.
    """
    make = _MAKERS.get(coding) if isinstance(coding, str) else None
    if make is None:
        from antiphon.errors import InvalidOptionError

        raise InvalidOptionError(f"compress={coding!r}: give one of {', '.join(CODINGS)}, or None")
    return make()


def _brotli() -> Compressor:
    for name in ("brotli", "brotlicffi"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        return _BrotliCompressor(module.Compressor(quality=_BROTLI_QUALITY))
    return _refuse("br", "brotli")


class _BrotliStream(Protocol):
    def process(self, data: bytes, /) -> bytes: ...
    def finish(self) -> bytes: ...


class _BrotliCompressor:
    """Gives brotli's methods the names that the others have."""

    __slots__ = ("compress", "flush")

    def __init__(self, stream: _BrotliStream) -> None:
        self.compress = stream.process
        self.flush = stream.finish


def _zstd() -> Compressor:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = __import__(name, fromlist=("ZstdCompressor",))
        except ImportError:
            continue
        compressor: Compressor = module.ZstdCompressor()
        return compressor
    try:
        zstandard = __import__("zstandard")
    except ImportError:
        return _refuse("zstd", "zstd")
    stream: Compressor = zstandard.ZstdCompressor().compressobj()
    return stream


def _refuse(coding: str, extra: str) -> Compressor:
    from antiphon.errors import MissingExtraError

    raise MissingExtraError(
        f"compress={coding!r} needs an optional package; "
        f'pip install "antiphon[{extra}]", or compress with "gzip"'
    )


_MAKERS: dict[str, Callable[[], Compressor]] = {
    "gzip": lambda: zlib.compressobj(_ZLIB_LEVEL, zlib.DEFLATED, _GZIP_WINDOW),
    "deflate": lambda: zlib.compressobj(_ZLIB_LEVEL, zlib.DEFLATED, _ZLIB_WINDOW),
    "br": _brotli,
    "zstd": _zstd,
}
