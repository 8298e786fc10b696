"""What every content decoder has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from antiphon.wire.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from antiphon.errors import ContentDecodingError

MAX_PIECE = 262_144
"""The most bytes that a decoder hands out, and so holds, at once."""
SLICE = 16_384
"""The most bytes that go into a decompressor at once, where it copies what it leaves unread."""
NOTHING: tuple[bytes, ...] = ()


class Decoder(ABC):
    """Undoes content codings, piece by piece.

    A decoder serves one body. What `decode` returns is made while it is iterated, so that a small
    input that stands for a huge output costs memory for one piece only. It has to be iterated to
    its end before the next `decode`. Both methods raise `ContentDecodingError`, and after that the
    decoder is of no more use.
    """

    __slots__ = ()

    @abstractmethod
    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the decoded pieces, none empty and none over 256 KiB, that `data` completes."""

    @abstractmethod
    def finish(self) -> None:
        """Tell that the body ended; raises `ContentDecodingError` if its coding did not.

        A body without any byte is complete in every coding.
        """


class CodingDecoder(Decoder):
    """What the decoders of one coding each have in common: how they end, and what they say."""

    __slots__ = ("_received",)

    coding: str
    # Set to 0 by each of them, and counted up.
    _received: int

    def finish(self) -> None:
        """Tell that the body ended; raises `ContentDecodingError` if its coding did not."""
        if self._received and not self._complete():
            raise decoding_error(
                f"the {self.coding} body is truncated: it ended after {self._received} bytes, "
                "in the middle of its coding"
            )

    @abstractmethod
    def _complete(self) -> bool:
        """Whether the coding could end here."""

    def _invalid(self, error: Exception | str, data: bytes | memoryview) -> ContentDecodingError:
        return decoding_error(
            f"the body is not valid {self.coding}: {error}; near {excerpt(bytes(data[:32]))}"
        )

    def _garbage(self, data: bytes | memoryview) -> ContentDecodingError:
        return decoding_error(
            f"the {self.coding} body goes on after its end with {excerpt(bytes(data[:32]))}"
        )


def decoding_error(message: str) -> ContentDecodingError:
    """Return the error; the class is imported when it is needed."""
    from antiphon.errors import ContentDecodingError

    return ContentDecodingError(message)


def cut(data: bytes) -> Iterator[bytes]:
    """Return what a decompressor gave as pieces that are not too large."""
    for start in range(0, len(data), MAX_PIECE):
        yield data[start : start + MAX_PIECE]
