"""A part of a file that the operating system can send by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from antiphon.errors import LocalProtocolError


class FileSpan(NamedTuple):
    """`length` bytes at `offset` of an open file; `argument` names it in errors."""

    descriptor: int
    offset: int
    length: int
    argument: str

    def cut_short(self, sent: int) -> LocalProtocolError:
        """Return the error for a file that ended after `sent` bytes."""
        return cut_short(self.argument, sent, self.length)


def cut_short(argument: str, sent: int, length: int) -> LocalProtocolError:
    """Return the error for a file that ended after `sent` of the `length` bytes it announced."""
    from antiphon.errors import LocalProtocolError

    return LocalProtocolError(
        f"the file in {argument} ended after {sent} of {length} bytes: "
        "it got shorter after the request was made"
    )
