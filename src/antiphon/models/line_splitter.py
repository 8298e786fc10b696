"""`LineSplitter`: from pieces of text to lines."""

from __future__ import annotations


class LineSplitter:
    """Cuts text at CR, LF and CRLF, wherever its pieces begin and end.

    A CR ends its line at once; an LF that follows it, perhaps in the next piece, is its tail.
    """

    __slots__ = ("_after_cr", "_pieces", "open_length")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._after_cr = False
        self.open_length = 0
        """How many characters wait for the end of their line."""

    def feed(self, text: str) -> list[str]:
        """Return the lines that `text` completes, without their ends."""
        if not text:
            return []
        after_cr = self._after_cr
        self._after_cr = text.endswith("\r")
        if after_cr and text[0] == "\n":
            text = text[1:]
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        lines[0] = "".join([*self._pieces, lines[0]]) if len(lines) > 1 else lines[0]
        rest = lines.pop()
        if lines:
            self._pieces = []
            self.open_length = 0
        if rest:
            self._pieces.append(rest)
            self.open_length += len(rest)
        return lines

    def finish(self) -> str | None:
        """Return the last line if it has no end, None if there is none."""
        if not self._pieces:
            return None
        line = "".join(self._pieces)
        self._pieces = []
        self.open_length = 0
        return line
