"""Bounded, escaped excerpts of what a peer sent, for error messages."""

from __future__ import annotations

EXCERPT_SIZE = 80
"""The longest excerpt that an error message shows, in characters after escaping."""


def excerpt(received: bytes | str) -> str:
    r"""Return the start of `received` in quotes, printable ASCII, at most 80 characters of it.

    Control and non-ASCII characters are escaped as `\xNN`; `...` follows what was cut.
    """
    start = received[: EXCERPT_SIZE + 1]
    text = start.decode("latin-1") if isinstance(start, bytes) else start
    shown = ascii(text)[1:-1]
    if len(received) > EXCERPT_SIZE or len(shown) > EXCERPT_SIZE:
        return f"'{shown[:EXCERPT_SIZE]}'..."
    return f"'{shown}'"
