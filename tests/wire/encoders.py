"""Encoders of every content coding, by the packages that are installed, for the tests of decoding."""

from __future__ import annotations

import gzip
import importlib
import sys
import zlib
from unittest.mock import patch

from antiphon.models.headers import Headers
from antiphon.wire.codings.brotli import find_brotli
from antiphon.wire.codings.zstd import find_zstd
from antiphon.wire.decoding import decoder_for


def package(name):
    """Import an optional package; what needs one that is missing is left out or skipped."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


BROTLI = package("brotli") or package("brotlicffi")
ZSTANDARD = package("zstandard")
ZSTD = package("compression.zstd") or package("backports.zstd")


def zlib_raw(data):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def brotli(data):
    return BROTLI.compress(data, quality=4)


def zstd(data):
    return ZSTD.compress(data) if ZSTD else ZSTANDARD.ZstdCompressor().compress(data)


def zstd_compressor():
    return ZSTD.ZstdCompressor() if ZSTD else ZSTANDARD.ZstdCompressor().compressobj()


def zstd_streamed(data):
    """A frame that does not declare its size, as servers make it."""
    compressor = zstd_compressor()
    return compressor.compress(data) + compressor.flush()


def small_window(data):
    compressor = zlib.compressobj(wbits=9)
    return compressor.compress(data) + compressor.flush()


# name of the encoder: (Content-Encoding, encoder)
ENCODERS = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "members": ("gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
    "zlib": ("deflate", zlib.compress),
    "zlib-fast": ("deflate", lambda data: zlib.compress(data, 1)),
    "zlib-small-window": ("deflate", lambda data: small_window(data)),
    "raw": ("deflate", zlib_raw),
    "gzip over zlib": ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
}
if BROTLI:
    ENCODERS["br"] = ("br", brotli)
    ENCODERS["gzip over br"] = ("br, gzip", lambda data: gzip.compress(brotli(data)))
if BROTLI and package("brotlicffi"):
    ENCODERS["brotlicffi"] = ("brotlicffi", brotli)
if ZSTD or ZSTANDARD:
    ENCODERS["zstd"] = ("zstd", zstd)
    ENCODERS["zstd-streamed"] = ("zstd", zstd_streamed)
    ENCODERS["zstd-frames"] = ("zstd", lambda data: zstd(data[:100]) + zstd_streamed(data[100:]))
if ZSTANDARD:
    ENCODERS["zstandard"] = ("zstandard", zstd)
    ENCODERS["zstandard-frames"] = ("zstandard", ENCODERS["zstd-frames"][1])
if BROTLI and (ZSTD or ZSTANDARD):
    ENCODERS["five"] = (
        "gzip, deflate,identity , br, zstd,gzip",
        lambda data: gzip.compress(zstd(brotli(zlib.compress(gzip.compress(data))))),
    )
# Codings by the package that is not the first choice; the header never names them.
SECOND_CHOICES = {
    "brotlicffi": (find_brotli, {"brotli": None}),
    "zstandard": (find_zstd, {"compression.zstd": None, "backports.zstd": None}),
}


def new_decoder(coding):
    if coding in SECOND_CHOICES:
        find, hidden = SECOND_CHOICES[coding]
        with patch.dict(sys.modules, hidden):
            return find()()
    decoder = decoder_for(Headers({"Content-Encoding": coding}))
    assert decoder is not None
    return decoder
