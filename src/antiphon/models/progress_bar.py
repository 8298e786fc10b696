"""The progress bar of `stream.save(..., progress=True)`."""

from __future__ import annotations

import sys

_WIDTH = 30
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class ProgressBar:
    """Draws on standard error while bytes arrive; silent where that is no terminal."""

    def __init__(self) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._drawn = ""

    def __call__(self, done: int, total: int | None) -> None:
        """Draw `done` of `total` bytes; only when what is shown has changed."""
        if not self._terminal:
            return
        if total:
            filled = _WIDTH * min(done, total) // total
            bar = "#" * filled + "-" * (_WIDTH - filled)
            line = f"[{bar}] {100 * done // total:3d}%  {human_size(done)} / {human_size(total)}"
        else:
            line = human_size(done)
        if line != self._drawn:
            sys.stderr.write("\r" + line.ljust(len(self._drawn)))
            sys.stderr.flush()
            self._drawn = line

    def finish(self) -> None:
        """End the line that was drawn."""
        if self._drawn:
            sys.stderr.write("\n")
            sys.stderr.flush()


def human_size(count: int) -> str:
    """Return a number of bytes as people read it: "1.5 MiB"."""
    if count < 1024:
        return f"{count} B"
    power = min((count.bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{count / 1024**power:.1f} {_UNITS[power]}"
