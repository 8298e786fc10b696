"""A small body that stands for a huge one costs memory for one piece of it."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from antiphon.wire.codings.decoder import MAX_PIECE
from tests.wire.encoders import BROTLI, ENCODERS, ZSTANDARD, ZSTD, new_decoder, zstd_compressor


def zeros(wrap, count=200):
    """Encode `count` MB of zeros, compressed piece by piece."""
    compressor = wrap()
    piece = bytes(1_000_000)
    return b"".join(compressor.compress(piece) for _ in range(count)) + compressor.flush()


class BrotliStream:
    def __init__(self):
        self.stream = BROTLI.Compressor(quality=1)
        self.compress = self.stream.process
        self.flush = self.stream.finish


BOMBS = {
    "gzip": lambda: ("gzip", zeros(lambda: zlib.compressobj(9, wbits=31))),
    "gzip twice": lambda: (
        "gzip, gzip",
        gzip.compress(zeros(lambda: zlib.compressobj(9, wbits=31))),
    ),
    "raw": lambda: ("deflate", zeros(lambda: zlib.compressobj(9, wbits=-15))),
    "members": lambda: ("gzip", gzip.compress(bytes(1_000_000)) * 200),
}
if BROTLI:
    BOMBS["br"] = lambda: ("br", zeros(BrotliStream))
if "brotlicffi" in ENCODERS:
    BOMBS["brotlicffi"] = lambda: ("brotlicffi", zeros(BrotliStream))
if ZSTD or ZSTANDARD:
    BOMBS["zstd"] = lambda: ("zstd", zeros(zstd_compressor))
    BOMBS["gzip over zstd"] = lambda: ("zstd, gzip", gzip.compress(zeros(zstd_compressor)))
if ZSTANDARD:
    BOMBS["zstandard"] = lambda: ("zstandard", zeros(zstd_compressor))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_memory_for_one_piece(name):
    """200 MB of zeros, fed whole, pass through within a few pieces of memory."""
    coding, bomb = BOMBS[name]()
    decoder = new_decoder(coding)
    total = 0
    tracemalloc.start()
    for output in decoder.decode(bomb):
        assert len(output) <= MAX_PIECE
        total += len(output)
    decoder.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 200_000_000 == total
    assert peak < 4_000_000


def test_a_bomb_may_be_left_after_the_first_piece():
    """Nothing is decoded ahead of who iterates: after one piece of 200 MB, one piece was made."""
    _, bomb = BOMBS["gzip twice"]()
    pieces = new_decoder("gzip, gzip").decode(bomb)
    tracemalloc.start()
    first = next(pieces)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(first) <= MAX_PIECE
    assert peak < 2_000_000


def test_many_empty_members_take_no_time():
    """A body of nothing but empty gzip members is read in one pass, not in a quadratic one."""
    decoder = new_decoder("gzip")

    assert [] == list(decoder.decode(gzip.compress(b"") * 20_000))
    decoder.finish()
