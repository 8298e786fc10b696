"""The codec of a body."""

from __future__ import annotations

import pytest

from antiphon.models.text_encoding import declared_charset, encoding_for


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        (None, None),
        ("text/plain", None),
        ("text/plain; charset=utf-8", "utf-8"),
        ('text/plain;CHARSET = "Latin-1"; x=y', "Latin-1"),
        ("text/plain; charset='utf-8'", "utf-8"),
        ("text/plain; x=charset; charset=a;charset=b", "a"),
        ("charset=utf-8", None),
        ("text/plain; charset=", None),
        ('text/plain; charset=""', None),
    ],
)
def test_declared_charset(content_type: str | None, charset: str | None) -> None:
    """The first charset parameter, quotes removed; an empty one is none."""
    assert charset == declared_charset(content_type)


@pytest.mark.parametrize(
    ("content_type", "start", "codec"),
    [
        (None, b"abc", "utf-8"),
        ("a/b; charset=latin-1", b"\xef\xbb\xbf", "iso8859-1"),
        ("a/b; charset=utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("a/b; charset=UTF8", b"abc", "utf-8"),
        ("a/b", b"\xef\xbb\xbf", "utf-8-sig"),
        ("a/b", b"\xff\xfea\x00", "utf-16"),
        ("a/b", b"\xfe\xff\x00a", "utf-16"),
        ("a/b", b"\xff\xfe\x00\x00", "utf-32"),
        ("a/b", b"\x00\x00\xfe\xff", "utf-32"),
        ("a/b; charset=nonsense", b"", "utf-8"),
        ("a/b; charset=rot13", b"", "utf-8"),
        ("a/b; charset=hex", b"", "utf-8"),
        ("a/b; charset=unicode_escape", b"", "utf-8"),
        ("a/b; charset=a\x00b", b"", "utf-8"),
    ],
)
def test_encoding_for(content_type: str | None, start: bytes, codec: str) -> None:
    """Charset of the header, then byte order mark, then UTF-8; odd codecs of Python are none."""
    assert codec == encoding_for(content_type, start)
