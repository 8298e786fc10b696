"""From Content-Encoding to the decoder of a body, bounded at each step (RFC 9110 section 8.4)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from antiphon.wire.codings.decoder import Decoder, decoding_error
from antiphon.wire.codings.deflate import DeflateDecoder, GzipDecoder
from antiphon.wire.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from antiphon.models.headers import Headers

MAX_CODINGS = 5
"""The most codings that one body may have, one over the other: a cap on work, of no RFC."""


@cache
def supported_codings() -> tuple[str, ...]:
    """Return the names of the content codings that can be decoded with the installed packages."""
    names = ["gzip", "deflate"]
    if _find_brotli() is not None:
        names.append("br")
    if _is_zstd_installed():
        names.append("zstd")
    return tuple(names)


@cache
def accept_encoding() -> str:
    """Return the value of Accept-Encoding that names `supported_codings()`."""
    return ", ".join(supported_codings())


def decoder_for(headers: Headers) -> Decoder | None:
    """Return a new decoder for the body of a message with these headers.

    None where there is nothing to decode, and where a coding is unknown or its package is not
    installed: such a body is handed over as it came. Raises `ContentDecodingError` for more than
    five codings.
    """
    value = headers.get("content-encoding")
    if value is None:
        return None
    make = _BUILT_IN.get(value)
    if make is not None:
        return make()
    names = [name.strip(" \t").lower() for name in value.split(",")]
    names = [name for name in names if name not in _NO_CODING]
    if len(names) > MAX_CODINGS:
        raise decoding_error(
            f"the body has {len(names)} content codings ({excerpt(value)}); "
            f"at most {MAX_CODINGS} are undone"
        )
    # Listed in the order in which they were applied, so the last is undone first.
    makers = [_find_maker(name) for name in reversed(names)]
    if not makers or None in makers:
        return None
    stages = [make() for make in makers if make is not None]
    return stages[0] if len(stages) == 1 else NestedDecoder(stages)


class NestedDecoder(Decoder):
    """Several codings, one over the other: each holds one piece at a time."""

    __slots__ = ("_stages",)

    def __init__(self, stages: list[Decoder]) -> None:
        self._stages = stages

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces that `data` completes."""
        return self._decode_from(0, data)

    def _decode_from(self, position: int, data: bytes) -> Iterator[bytes]:
        pieces = self._stages[position].decode(data)
        if position == len(self._stages) - 1:
            return pieces
        return self._decode_all(position + 1, pieces)

    def _decode_all(self, position: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield from self._decode_from(position, piece)

    def finish(self) -> None:
        """Tell that the body ended; raises `ContentDecodingError` if one of its codings did not."""
        for stage in self._stages:
            stage.finish()


# RFC 9110 section 8.4.1: `identity` is reserved for no coding, and should not be sent.
_NO_CODING = ("", "identity")

# RFC 9110 section 8.4.1.3: x-gzip is gzip.
_BUILT_IN: dict[str, Callable[[], Decoder]] = {
    "gzip": GzipDecoder,
    "x-gzip": GzipDecoder,
    "deflate": DeflateDecoder,
}


def _find_maker(name: str) -> Callable[[], Decoder] | None:
    """Return what makes a decoder for a coding, None if there is none. Imports its package."""
    if name == "br":
        return _find_brotli()
    if name == "zstd":
        return _find_zstd()
    return _BUILT_IN.get(name)


@cache
def _find_brotli() -> Callable[[], Decoder] | None:
    from antiphon.wire.codings.brotli import find_brotli

    return find_brotli()


@cache
def _find_zstd() -> Callable[[], Decoder] | None:
    from antiphon.wire.codings.zstd import find_zstd

    return find_zstd()


def _is_zstd_installed() -> bool:
    """Look for the packages of `find_zstd` without importing them, which takes up to 10 ms."""
    from importlib.util import find_spec

    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            # The module of the standard library is there even where its C half was not built.
            if find_spec(name) and (name != "compression.zstd" or find_spec("_zstd")):
                return True
        except ImportError:
            continue
    return False
