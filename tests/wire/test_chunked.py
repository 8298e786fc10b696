"""Chunked bodies: any body in any chunks, cut anywhere, comes out whole (RFC 9112 section 7.1)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import RemoteProtocolError
from antiphon.wire.chunked import MAX_CHUNK_EXTENSION, ChunkedDecoder
from antiphon.wire.http1 import LAST_CHUNK, encode_chunk


def decode(pieces: list[bytes]) -> tuple[bytes, bytes, ChunkedDecoder]:
    """Decode the pieces as a reader does; the body, what was left of the bytes, the decoder."""
    decoder = ChunkedDecoder(1000, 10)
    body = b""
    rest = b""
    for piece in pieces:
        rest += piece
        while rest and not decoder.finished:
            data = decoder.decode(rest, 0)
            body += data
            rest = rest[decoder.position :]
            if not data:
                break
    return body, rest, decoder


def cut(message: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(message) + 1) for place in places}), len(message)]
    return [message[start:end] for start, end in pairwise(edges)]


EXTENSIONS = st.sampled_from([b"", b"", b";a", b" ; a=b", b'\t;a="b c"', b";", b";\x80\xff\t"])
PLACES = st.lists(st.integers(0, 10_000), max_size=8)


@given(
    chunks=st.lists(st.tuples(st.binary(min_size=1, max_size=40), EXTENSIONS), max_size=6),
    upper=st.booleans(),
    zeros=st.integers(0, 8),
    after=st.binary(max_size=4),
    places=PLACES,
)
def test_any_chunks_cut_anywhere_give_the_body(chunks, upper, zeros, after, places):
    """Sizes in any case and with zeros, extensions or none: the body is the same."""
    message = b""
    for data, extension in chunks:
        size = b"0" * zeros + (b"%X" if upper else b"%x") % len(data)
        message += size + extension + b"\r\n" + data + b"\r\n"
    message += LAST_CHUNK

    body, rest, decoder = decode(cut(message + after, places))

    assert b"".join(data for data, _ in chunks) == body
    assert decoder.finished
    assert 0 == decoder.missing
    assert after == rest


@given(bodies=st.lists(st.binary(min_size=1, max_size=50_000), max_size=3), places=PLACES)
def test_what_encode_chunk_writes_is_read_back(bodies, places):
    """Our own chunks, small and large, come out as they went in."""
    message = b"".join(b"".join(encode_chunk(body)) for body in bodies) + LAST_CHUNK
    body, rest, decoder = decode(cut(message, places))

    assert (b"".join(bodies), b"", True) == (body, rest, decoder.finished)


def test_small_chunks_in_one_piece_come_out_in_one_piece():
    """Many small chunks cost one call; a large one is returned without being joined to others."""
    small = b"1\r\nx\r\n" * 500
    decoder = ChunkedDecoder(1000, 10)
    assert b"x" * 500 == decoder.decode(small + LAST_CHUNK, 0)
    assert decoder.finished

    large = b"4000\r\n" + b"y" * 16_384 + b"\r\n"
    decoder = ChunkedDecoder(1000, 10)
    message = large + large + small
    assert b"y" * 16_384 == decoder.decode(message, 0)
    assert b"y" * 16_384 == decoder.decode(message, decoder.position)
    assert b"x" * 500 == decoder.decode(message, decoder.position)


def test_the_rest_of_a_chunk_is_counted():
    """`missing` tells how much of the chunk begun has not come."""
    _, _, decoder = decode([b"a\r\n123"])
    assert (7, False) == (decoder.missing, decoder.finished)


def test_a_decoder_is_reused_after_reset():
    """Nothing of one body shows in the next."""
    _, _, decoder = decode([b"1\r\nx\r\n0\r\nHost: a\r\nA: b\r\n\r\n"])
    assert (("A", "b"),) == decoder.trailers.pairs
    assert decoder.odd
    decoder.reset()
    assert (False, False, ()) == (decoder.finished, decoder.odd, decoder.trailers.pairs)
    assert b"hi" == decoder.decode(b"2\r\nhi\r\n0\r\n\r\n", 0)
    assert decoder.finished


@pytest.mark.parametrize("size", [MAX_CHUNK_EXTENSION, MAX_CHUNK_EXTENSION + 1])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_extensions_are_limited(size, step):
    """Extensions of one byte more than the limit are refused, whole or in pieces."""
    message = b"2;" + b"a" * size + b"\r\nhi\r\n0\r\n\r\n"
    pieces = [message[at : at + step] for at in range(0, len(message), step)]
    if size <= MAX_CHUNK_EXTENSION:
        assert b"hi" == decode(pieces)[0]
    else:
        with pytest.raises(RemoteProtocolError, match="chunk extensions are longer than 4096"):
            decode(pieces)


def test_an_endless_extension_is_refused_at_the_limit():
    """What is kept of a size line that never ends is bounded."""
    with pytest.raises(RemoteProtocolError, match="chunk extensions are longer than 4096"):
        decode([b"2;"] + [b"a" * 100] * 50)


def test_the_largest_size_is_not_the_largest_memory():
    """A chunk may announce 2**64 - 1 bytes; only what comes is held."""
    body, _, decoder = decode([b"ffffffffffffffff\r\nhi"])
    assert (b"hi", 2**64 - 3) == (body, decoder.missing)


@pytest.mark.parametrize(
    "name",
    ["Connection", "content-length", "HOST", "TE", "Trailer", "Transfer-Encoding", "Upgrade"],
)
def test_fields_that_frame_or_route_are_dropped_from_trailers(name):
    """RFC 9110 section 6.5.1: they have no meaning there, and merged later they would do harm."""
    _, _, decoder = decode([f"0\r\nA: 1\r\n{name}: 2\r\n\r\n".encode()])
    assert (("A", "1"),) == decoder.trailers.pairs
    assert decoder.odd
