"""`StoredResponse`: an answer as a cache keeps it, and its form as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs

from antiphon.models.headers import EMPTY_HEADERS, Headers

if TYPE_CHECKING:
    from typing import Any

_Pairs = tuple[tuple[str, str], ...]

# Who reads another version than this one treats the entry as absent: a cache may forget.
_MAGIC: Final = b"antiphon-cache/1\n"
_LENGTH_BYTES: Final = 4
# In seconds since the epoch, thousands of years from now.
_LATEST: Final = 1e12


@attrs.frozen(slots=True, kw_only=True, repr=False)
class StoredResponse:
    """One stored answer (RFC 9111 section 3), whole unless its status is 206.

    `body` is as it was on the wire, in the content coding that `headers` name. `request_headers`
    are what `Vary` selects by, lower-case names in order, secret values as digests only. `variant`
    names this answer among those of one key. Times are wall clock seconds since the epoch: when
    the request was sent and when the head of the answer had come (section 4.2.3).
    """

    method: str
    url: str
    status: int
    reason: str = ""
    http_version: str = "HTTP/1.1"
    headers: Headers = EMPTY_HEADERS
    body: bytes = b""
    trailers: Headers = EMPTY_HEADERS
    request_headers: _Pairs = ()
    request_time: float
    response_time: float
    variant: str = ""

    @property
    def size(self) -> int:
        """How much room it takes in bytes: body, header lines and a little for the rest."""
        lines = (*self.headers.pairs, *self.trailers.pairs, *self.request_headers)
        return (
            len(self.body)
            + sum(len(name) + len(value) + 4 for name, value in lines)
            + len(self.url)
            + 256
        )

    def to_bytes(self) -> bytes:
        """Return it in our own format: a mark, the length of a JSON head, the head, the body."""
        from zlib import crc32

        head = json.dumps(
            {
                "method": self.method,
                "url": self.url,
                "status": self.status,
                "reason": self.reason,
                "http_version": self.http_version,
                "headers": self.headers.pairs,
                "trailers": self.trailers.pairs,
                "request_headers": self.request_headers,
                "request_time": self.request_time,
                "response_time": self.response_time,
                "variant": self.variant,
                "body_length": len(self.body),
                "body_crc32": crc32(self.body),
            },
            separators=(",", ":"),
        ).encode("ascii")
        return b"".join((_MAGIC, len(head).to_bytes(_LENGTH_BYTES), head, self.body))

    @classmethod
    def from_bytes(cls, data: bytes) -> StoredResponse:
        """Return what `to_bytes` wrote. Raises ValueError for anything else, cut or damaged."""
        from zlib import crc32

        start = len(_MAGIC) + _LENGTH_BYTES
        if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
            raise ValueError("no stored response of this version")
        end = start + int.from_bytes(data[len(_MAGIC) : start])
        try:
            # UnicodeDecodeError and JSONDecodeError are ValueErrors.
            head = json.loads(data[start:end].decode("ascii"))
            length = head.pop("body_length")
            body = bytes(data[end:])
            if length != len(body):
                raise ValueError(f"a stored response has {len(body)} of {length} bytes of its body")
            if head.pop("body_crc32") != crc32(body):
                raise ValueError("the body of a stored response is damaged")
            return cls(
                method=_text(head["method"]),
                url=_text(head["url"]),
                status=_whole(head["status"]),
                reason=_text(head["reason"]),
                http_version=_text(head["http_version"]),
                headers=Headers.trusted(_pairs(head["headers"])),
                body=body,
                trailers=Headers.trusted(_pairs(head["trailers"])),
                request_headers=_pairs(head["request_headers"]),
                request_time=_moment(head["request_time"]),
                response_time=_moment(head["response_time"]),
                variant=_text(head["variant"]),
            )
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError(f"a stored response has an unknown form: {error!r}") from None

    def __repr__(self) -> str:
        """Show what it is, not where it is from: URLs have secrets."""
        return f"<StoredResponse {self.status} {self.method}, {len(self.body)} bytes>"


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} where text is due")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{type(value).__name__} where a whole number is due")
    return value


def _moment(value: Any) -> float:
    number = float(value)
    # JSON in Python knows NaN and Infinity, of which no age can be told.
    if not abs(number) < _LATEST:
        raise ValueError(f"{number} where a time is due")
    return number


def _pairs(value: Any) -> _Pairs:
    return tuple([(_text(name), _text(text)) for name, text in value])
