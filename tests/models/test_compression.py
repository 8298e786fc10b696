"""Compressed bodies: every coding, at once or piece by piece, by whichever package is there."""

from __future__ import annotations

import gzip
import pickle
import sys

import pytest

from antiphon.errors import InvalidOptionError, MissingExtraError, StreamConsumed
from antiphon.models.body import Body, BytesBody
from antiphon.models.body_builder import build_body
from antiphon.models.compressed_body import compressed
from antiphon.models.compression import CODINGS, compressor_for
from antiphon.models.trailed_body import TrailedBody
from antiphon.models.trailers import TrailerMaker

TEXT = b"the same again and again, " * 1000
LONG = TEXT * 100


@pytest.mark.parametrize("coding", CODINGS)
def test_same_input_same_output(coding):
    """A body compressed twice gives the same bytes, or its digest could not be sent ahead."""
    body = compressed(BytesBody(LONG, "text/plain"), coding)

    assert b"".join(body.chunks()) == b"".join(body.chunks())
    assert ("text/plain", None, True) == (body.content_type, body.length, body.replayable)


def test_what_is_small_is_compressed_at_once():
    """A body in memory of up to 1 MiB has a length, a longer one is compressed as it goes out."""
    small = compressed(BytesBody(TEXT, "text/plain"), "gzip")
    large = compressed(BytesBody(LONG), "gzip")

    assert TEXT == gzip.decompress(small.content)
    assert len(small.content) == small.length
    assert "text/plain" == small.content_type
    assert (None, None) == (large.content, large.length)
    assert LONG == gzip.decompress(b"".join(large.chunks()))


def test_a_stream_stays_one():
    """What can be read once can be compressed once."""
    body = compressed(build_body(content=iter([TEXT])), "gzip")

    assert not body.replayable
    assert TEXT == gzip.decompress(b"".join(body.chunks()))
    with pytest.raises(StreamConsumed):
        body.chunks()


def test_pickling():
    """A compressed body goes through pickle as its source does."""
    body = pickle.loads(pickle.dumps(compressed(BytesBody(LONG), "gzip")))

    assert LONG == gzip.decompress(b"".join(body.chunks()))


class Missing:
    """Hides packages from imports."""

    def __init__(self, *names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(f"no {name} here")


def hide(monkeypatch, *names):
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(*names), *sys.meta_path])


@pytest.mark.parametrize(
    ("coding", "hidden"),
    [
        ("br", ["brotli"]),
        ("zstd", ["compression.zstd", "backports.zstd"]),
        ("zstd", ["compression.zstd"]),
    ],
)
def test_other_packages_do_as_well(monkeypatch, coding, hidden):
    """Where one package is missing, another one is taken; what it writes can be read."""
    hide(monkeypatch, *hidden)
    from antiphon.models.headers import Headers
    from antiphon.wire.decoding import decoder_for

    compressor = compressor_for(coding)
    data = compressor.compress(TEXT) + compressor.flush()
    decoder = decoder_for(Headers({"Content-Encoding": coding}))
    assert TEXT == b"".join(decoder.decode(data))


@pytest.mark.parametrize(
    ("coding", "hidden", "extra"),
    [
        ("br", ["brotli", "brotlicffi"], "brotli"),
        ("zstd", ["compression.zstd", "backports.zstd", "zstandard"], "zstd"),
    ],
)
def test_missing_package_is_named(monkeypatch, coding, hidden, extra):
    """Without any of its packages, a coding is refused with the extra to install."""
    hide(monkeypatch, *hidden)
    with pytest.raises(MissingExtraError, match=rf'pip install "antiphon\[{extra}\]"'):
        compressed(BytesBody(TEXT), coding)


@pytest.mark.parametrize("coding", ["lzw", "GZIP", "", 7, ["gzip"]])
def test_unknown_codings_are_refused(coding):
    """There is no other coding, and none of another spelling."""
    with pytest.raises(InvalidOptionError, match="give one of gzip, deflate, br, zstd"):
        compressor_for(coding)


class Arriving:
    """Pieces that arrive, of no generator: there is nothing to close."""

    def __init__(self):
        self.left = [TEXT, TEXT]

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop()


@pytest.mark.parametrize("wrap", ["compressed", "hashed", "trailed"])
async def test_pieces_that_arrive(wrap):
    """What wraps an async body can be iterated and closed as its source can."""
    source = build_body(content=Arriving())
    if wrap == "compressed":
        body = compressed(source, "gzip")
    else:
        body = TrailedBody(
            source, TrailerMaker({"X": "1"}), "sha-256" if wrap == "hashed" else None
        )
    pieces = body.async_chunks()
    data = b"".join([piece async for piece in pieces])

    assert TEXT * 2 == (gzip.decompress(data) if wrap == "compressed" else data)
    with pytest.raises(StopAsyncIteration):
        await pieces.__anext__()
    await pieces.aclose()
    assert body.is_async


@pytest.mark.parametrize("wrap", ["compressed", "hashed"])
async def test_sources_that_cannot_be_closed(wrap):
    """A body of the caller's own class whose iterator has no `aclose()` is left alone."""

    class Own(Body):
        is_async = True
        replayable = False
        content = content_type = length = None

        def async_chunks(self):
            return Arriving()

    body = (
        compressed(Own(), "gzip") if wrap == "compressed" else TrailedBody(Own(), None, "sha-256")
    )
    await body.async_chunks().aclose()
