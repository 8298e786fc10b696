"""JSON Lines, and the lines that both they and event streams are cut into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import ResponseTooLargeError
from antiphon.wire.line_feeds import LineFeeds
from antiphon.wire.ndjson import JSONLinesParser


def lines_of(pieces: list[bytes], cap: int = 1000) -> list[tuple[int, bytes]]:
    """Feed the pieces and the end; return the lines with their numbers."""
    parser = JSONLinesParser(cap)
    found = []
    for piece in [*pieces, None]:
        if piece is None:
            parser.finish()
        else:
            parser.feed(piece)
        while (line := parser.next_line()) is not None:
            found.append((parser.number, line))
    return found


STREAMS: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "nothing": (b"", []),
    "one line": (b"1\n", [(1, b"1")]),
    "no end": (b"1\n2", [(1, b"1"), (2, b"2")]),
    "blank lines": (b"\n \n1\n\t\r\n\n2\n\n", [(3, b"1"), (6, b"2")]),
    "CRLF": (b"1\r\n2\r\n", [(1, b"1"), (2, b"2")]),
    "CR ends no line": (b"[1,\r2]\n", [(1, b"[1,\r2]")]),
    "line separators of Unicode end no line": ('"\u2028"\n'.encode(), [(1, '"\u2028"'.encode())]),
    "byte order mark": (b"\xef\xbb\xbf1\n2\n", [(1, b"1"), (2, b"2")]),
    "byte order mark alone": (b"\xef\xbb\xbf", []),
    "byte order mark later": (b"1\n\xef\xbb\xbf2\n", [(1, b"1"), (2, b"\xef\xbb\xbf2")]),
}


@pytest.mark.parametrize("name", STREAMS)
def test_lines(name: str) -> None:
    """Lines end with LF, blank ones are skipped but counted, however the stream is cut."""
    stream, expected = STREAMS[name]

    assert expected == lines_of([stream])
    assert expected == lines_of([stream[i : i + 1] for i in range(len(stream))])
    for cut in range(len(stream)):
        assert expected == lines_of([stream[:cut], stream[cut:]])


@pytest.mark.parametrize("ending", [b"\n", b"", b"x"])
def test_long_lines_are_refused(ending: bytes) -> None:
    """A line over the limit is refused with its number, whether its end is there or not."""
    stream = b"12345\n\n123456" + ending
    for pieces in ([stream], [stream[i : i + 1] for i in range(len(stream))]):
        with pytest.raises(ResponseTooLargeError, match=r"line 3 is longer than max_line_bytes=5"):
            lines_of(pieces, cap=5)


@given(st.lists(st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\n\n"])).map(b"".join)))
def test_line_feeds_cut_as_split_does(pieces: list[bytes]) -> None:
    """Whatever the pieces are, the lines are those of the whole, and nothing is lost."""
    splitter = LineFeeds()
    lines = []
    fed = b""
    for piece in pieces:
        lines += splitter.feed(piece)
        fed += piece
        assert len(fed.rpartition(b"\n")[2]) == splitter.open_length
    lines.append(splitter.finish())

    assert fed.split(b"\n") == lines
    assert (b"", 0) == (splitter.finish(), splitter.open_length)
