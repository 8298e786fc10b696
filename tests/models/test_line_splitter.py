"""From pieces of text to lines."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.models.line_splitter import LineSplitter


def lines_of(parts: list[str]) -> list[str]:
    """Return all lines of text that comes in these pieces."""
    splitter = LineSplitter()
    lines = [line for part in parts for line in splitter.feed(part)]
    last = splitter.finish()
    return lines if last is None else [*lines, last]


@given(st.lists(st.text(alphabet="ab\r\né\u2028", max_size=6), max_size=8))
@settings(max_examples=300)
def test_splits_do_not_change_lines(parts: list[str]) -> None:
    """CR, LF and CRLF end a line, nothing else does, wherever the pieces begin and end."""
    expected = re.split("\r\n|\r|\n", "".join(parts))

    assert (expected if expected[-1] else expected[:-1]) == lines_of(parts)


def test_a_line_is_there_as_soon_as_its_end_is() -> None:
    """A CR needs no look at what follows."""
    splitter = LineSplitter()

    assert ["a"] == splitter.feed("a\r")
    assert [] == splitter.feed("\nb")
    assert 1 == splitter.open_length
    assert ["b"] == splitter.feed("\n")
    assert (0, None) == (splitter.open_length, splitter.finish())
