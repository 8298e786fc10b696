"""`LineFeeds`: from pieces of a body to its lines, as bytes, ended by LF."""

from __future__ import annotations


class LineFeeds:
    """Cuts bytes at every LF, wherever the pieces begin and end. In UTF-8 that splits nothing.

    A piece costs its own length, however long the line is that it adds to.
    """

    __slots__ = ("_pieces", "open_length")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.open_length = 0
        """How many bytes wait for the end of their line."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their ends."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._pieces:
            self._pieces.append(lines[0])
            lines[0] = b"".join(self._pieces)
            self._pieces.clear()
        if rest:
            self._pieces.append(rest)
            self.open_length = len(rest) + (0 if lines else self.open_length)
        elif lines:
            self.open_length = 0
        return lines

    def finish(self) -> bytes:
        """Return what stands after the last LF."""
        line = b"".join(self._pieces)
        self._pieces.clear()
        self.open_length = 0
        return line
