"""Content codings are undone piece by piece in bounded memory, and faults in them are named."""

from __future__ import annotations

import gzip
import itertools
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import ContentDecodingError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.wire import decoding
from antiphon.wire.codings.brotli import find_brotli
from antiphon.wire.codings.decoder import MAX_PIECE
from antiphon.wire.decoding import accept_encoding, decoder_for, supported_codings
from tests.wire.encoders import BROTLI, ENCODERS, ZSTANDARD, ZSTD, new_decoder, zstd

TEXT = "".join(f'{{"id": {i}, "name": "Zoë {i * 7919 % 1000}"}}\n' for i in range(3000)).encode()

CODINGS = sorted({coding for coding, _ in ENCODERS.values() if "," not in coding})
encoders = pytest.mark.parametrize("name", ENCODERS)


def decode(coding, pieces):
    decoder = new_decoder(coding)
    decoded = []
    for piece in pieces:
        for output in decoder.decode(piece):
            assert 0 < len(output) <= MAX_PIECE
            decoded.append(output)
    decoder.finish()
    return b"".join(decoded)


def encode(name, data):
    coding, encoder = ENCODERS[name]
    return coding, encoder(data)


def split(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


@encoders
@pytest.mark.parametrize("data", [b"", b"a", b"hello world", TEXT, b"\0" * 600_000], ids=len)
@pytest.mark.parametrize("size", [10_000_000, 1000, 7])
def test_what_was_encoded_comes_out(name, data, size):
    """Every coding is undone, fed whole and in parts, in pieces of at most 256 KiB."""
    coding, encoded = encode(name, data)

    assert data == decode(coding, split(encoded, size))


@encoders
def test_a_stream_may_be_split_anywhere(name):
    """Byte by byte, and cut in two at every place, with empty pieces between, the result is the same."""
    coding, encoded = encode(name, TEXT[:400])

    assert TEXT[:400] == decode(coding, split(encoded, 1))
    for at in range(len(encoded) + 1):
        assert TEXT[:400] == decode(coding, [encoded[:at], b"", encoded[at:]])


@encoders
def test_a_truncated_stream_is_an_error_wherever_it_ends(name):
    """A body that ends in the middle of its coding is never taken for a short body."""
    coding, encoded = encode(name, TEXT[:400])
    # Where a member or frame ends, the stream is complete, as far as anybody can tell.
    first = {"members": gzip.compress, "zstd-frames": zstd, "zstandard-frames": zstd}
    whole = len(first[name](TEXT[:100])) if name in first else 0
    for end in range(1, len(encoded)):
        if end == whole:
            continue
        with pytest.raises(ContentDecodingError, match="truncated: it ended after"):
            decode(coding, [encoded[:end]])
        with pytest.raises(ContentDecodingError, match="truncated: it ended after"):
            decode(coding, split(encoded[:end], 1))


@encoders
def test_a_body_without_any_byte_is_empty(name):
    """Empty bodies (of HEAD, 304 and careless servers) need no coding."""
    coding, _ = ENCODERS[name]

    assert b"" == decode(coding, [])
    assert b"" == decode(coding, [b"", b""])


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [10_000, 1])
def test_a_body_that_is_not_encoded_is_named(coding, size):
    """A body that only says that it is encoded is an error with the coding and an excerpt."""
    body = b"<!doctype html><p>Not encoded, whatever the header says.</p>" * 3

    named = {"brotlicffi": "br", "zstandard": "zstd", "X-GZip": "gzip"}.get(coding, coding)
    with pytest.raises(ContentDecodingError, match=f"not valid {named}: .*near '") as caught:
        decode(coding, split(body, size))
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", [name for name in ENCODERS if "," not in ENCODERS[name][0]])
@pytest.mark.parametrize("garbage", [b"garbage!", b"<!-- cached -->\n", b"\x1f\x8b garbage"])
@pytest.mark.parametrize("size", [10_000, 1])
def test_bytes_after_the_end_are_an_error(name, garbage, size):
    """What follows a complete stream and is no further one belongs to nobody, and is refused."""
    coding, encoded = encode(name, b"hello")

    with pytest.raises(ContentDecodingError):
        decode(coding, split(encoded + garbage, size))


@pytest.mark.parametrize("size", [100_000, 1])
def test_zeros_after_a_gzip_member_are_padding(size):
    """Zero bytes after a member are skipped, before another member too."""
    encoded = gzip.compress(b"hello ") + bytes(600) + gzip.compress(b"world") + bytes(70)

    assert b"hello world" == decode("gzip", split(encoded, size))


def test_a_wrong_checksum_is_an_error():
    """The CRC of gzip and the Adler checksum of zlib are checked."""
    for coding, encoded in (("gzip", gzip.compress(TEXT)), ("deflate", zlib.compress(TEXT))):
        at = len(encoded) - (8 if coding == "gzip" else 4)
        wrong = encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]
        with pytest.raises(ContentDecodingError, match="incorrect data check"):
            decode(coding, [wrong])


@pytest.mark.parametrize("coding", [coding for coding in CODINGS if coding.startswith("zst")])
def test_a_zstd_window_over_8_mib_is_refused(coding):
    """A frame that asks for more memory than RFC 9659 allows is an error, not an allocation."""
    # Magic number, no declared size, a window of 2^(10 + exponent), one raw block of one byte.
    frames = [
        b"\x28\xb5\x2f\xfd\0" + bytes([exponent << 3]) + b"\x09\0\0x" for exponent in (13, 14)
    ]

    assert b"x" == decode(coding, frames[:1])
    with pytest.raises(ContentDecodingError, match="too much memory"):
        decode(coding, frames[1:])


@pytest.mark.parametrize("coding", [coding for coding in CODINGS if coding.startswith("zst")])
def test_skippable_zstd_frames_put_out_nothing(coding):
    """Skippable frames (RFC 8878 section 3.1.2) stand anywhere."""
    skippable = (0x184D2A50).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    for parts in itertools.permutations([zstd(b"x"), zstd(b"x"), skippable]):
        for size in (1000, 1):
            assert b"xx" == decode(coding, split(b"".join(parts), size))


@pytest.mark.parametrize(
    ("coding", "decodes"),
    [
        (None, False), ("", False), ("identity", False), ("identity, identity", False), (",", False),
        ("unknown", False), ("gzip, unknown", False), ("unknown, gzip", False), ("compress", False),
        ("gzip", True), ("GZIP", True), (" gzip ,", True), ("identity, gzip", True), ("deflate", True),
        ("x-gzip", True), ("gzip,gzip", True), ("br", bool(BROTLI)), ("Br", bool(BROTLI)),
        ("zstd", bool(ZSTD or ZSTANDARD)),
    ],
)  # fmt: skip
def test_a_decoder_is_made_where_every_coding_is_known(coding, decodes):
    """No, identity and unknown codings have no decoder: the body is handed over as it came."""
    headers = EMPTY_HEADERS if coding is None else Headers.trusted((("Content-Encoding", coding),))

    assert decodes is (decoder_for(headers) is not None)


def test_codings_on_several_lines_are_one_list():
    """Two lines of Content-Encoding apply one after the other (RFC 9110 section 5.3)."""
    headers = Headers([("Content-Encoding", "deflate"), ("Content-Encoding", "gzip")])
    decoder = decoder_for(headers)

    assert b"hello" == b"".join(decoder.decode(gzip.compress(zlib.compress(b"hello"))))


def test_more_than_five_codings_are_refused():
    """The sixth coding is an error that says how many are undone."""
    with pytest.raises(ContentDecodingError, match=r"has 6 content codings .*at most 5"):
        decoder_for(Headers({"Content-Encoding": ", ".join(["gzip"] * 6)}))
    assert decoder_for(Headers({"Content-Encoding": ", ".join(["gzip"] * 5)})) is not None


def test_accept_encoding_names_what_can_be_decoded():
    """gzip and deflate are always offered, br and zstd where a package for them is installed."""
    optional = {"br": BROTLI, "zstd": ZSTD or ZSTANDARD}
    expected = ("gzip", "deflate", *[name for name, module in optional.items() if module])

    assert expected == supported_codings()
    assert ", ".join(expected) == accept_encoding()


@pytest.fixture
def fresh_lookup():
    """Forget which packages were found, before and after."""
    caches = (supported_codings, accept_encoding, decoding._find_brotli, decoding._find_zstd)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_a_coding_is_offered_where_its_package_is_installed_only(fresh_lookup, monkeypatch):
    """Without the optional packages, br and zstd are neither offered nor undone."""
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert "gzip, deflate" == accept_encoding()
    assert decoder_for(Headers({"Content-Encoding": "br"})) is None
    assert decoder_for(Headers({"Content-Encoding": "zstd"})) is None


def test_an_old_brotli_that_cannot_bound_its_output_is_not_used(monkeypatch):
    """A brotli before 1.2 would let a bomb through, and counts as not installed."""

    class OldBrotli:
        class Decompressor:
            def process(self, data): ...

        error = ValueError

    monkeypatch.setitem(sys.modules, "brotli", OldBrotli)
    monkeypatch.setitem(sys.modules, "brotlicffi", None)

    assert find_brotli() is None


def test_looking_for_zstd_imports_no_zstd():
    """`accept_encoding()` finds the packages of zstd without paying for their import."""
    code = (
        "import sys; from antiphon.wire.decoding import accept_encoding; accept_encoding(); "
        "assert not {'zstandard', 'backports.zstd', 'compression.zstd'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(ENCODERS)),
    data=st.binary(max_size=3000) | st.binary(max_size=50).map(lambda data: data * 300),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_any_data_survives_in_any_pieces(name, data, cuts):
    """Whatever was encoded, and however it was cut, it comes out the same."""
    coding, encoded = encode(name, data)
    edges = [0, *sorted(min(cut, len(encoded)) for cut in cuts), len(encoded)]
    pieces = [encoded[a:b] for a, b in itertools.pairwise(edges)]

    assert data == decode(coding, pieces)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(sorted(ENCODERS)),
    mutations=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 255)), max_size=4),
    end=st.integers(0, 2000),
    extra=st.binary(max_size=20),
    size=st.integers(1, 3000),
)
def test_a_mutated_stream_raises_nothing_else(name, mutations, end, extra, size):
    """Whatever happens to a stream, the outcome is data or `ContentDecodingError`."""
    coding, encoded = encode(name, TEXT[:1500])
    mutated = bytearray(encoded[:end] + extra)
    for at, change in mutations:
        if mutated:
            mutated[at % len(mutated)] ^= change
    message = ""
    try:
        decode(coding, split(bytes(mutated), size))
    except ContentDecodingError as error:
        message = str(error)

    assert len(message) < 300


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(CODINGS))
def test_noise_raises_nothing_else(noise, coding):
    """Random bytes are data or `ContentDecodingError`, never another error."""
    try:
        decode(coding, [noise])
    except ContentDecodingError:
        pass
