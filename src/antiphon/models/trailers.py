"""Request trailers: fields that are sent after the body (RFC 9110 section 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.headers import Headers

if TYPE_CHECKING:
    from antiphon.models.headers import HeadersInput

TrailersInput: TypeAlias = (
    "Mapping[str, str | Callable[[], str]] | Headers | Callable[[], HeadersInput]"
)
"""What `trailers=` takes: fields whose values may be made at the end of the body, or a function
that then returns all of them."""

# RFC 9110 section 6.5.1: not in trailers are framing, routing, request modifiers, authentication
# and what tells how to process the content. Most of it must be known before the content is read.
_HEAD_ONLY = frozenset(
    {"authorization", "cache-control", "connection", "content-encoding", "content-length"}
    | {"content-range", "content-type", "cookie", "expect", "host", "if-match", "if-modified-since"}
    | {"if-none-match", "if-range", "if-unmodified-since", "keep-alive", "max-forwards", "pragma"}
    | {"proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding"}
    | {"upgrade"}
)


class TrailerMaker:
    """What was given as `trailers=`, checked as far as it can be before the body is sent.

    Raises `InvalidHeaderError` for fields that cannot be trailers, `InvalidOptionError` for what
    is neither a mapping nor a function.
    """

    __slots__ = ("_given", "names")

    def __init__(self, given: TrailersInput) -> None:
        self.names: tuple[str, ...] = ()
        """The names that can be announced in the header Trailer (RFC 9110 section 6.6.2)."""
        if isinstance(given, (Headers, Mapping)):
            fields = dict(given.items())
            self.names = tuple(fields)
            # Checked now, so that the caller is told before anything is sent.
            _checked({name: "" if callable(value) else value for name, value in fields.items()})
            self._given: TrailersInput = fields
        elif callable(given):
            self._given = given
        else:
            from antiphon.errors import InvalidOptionError

            raise InvalidOptionError(
                f"trailers= is of type {type(given).__name__}; give names and values, "
                "or a function that returns them at the end of the body"
            )

    def make(self) -> Headers:
        """Return the fields, once the body was sent; raises what functions of the caller do."""
        given = self._given
        if callable(given):
            return _checked(given())
        return _checked(
            {name: value() if callable(value) else value for name, value in given.items()}
        )


def _checked(fields: HeadersInput) -> Headers:
    headers = Headers(fields)
    for name in headers:
        if name.lower() in _HEAD_ONLY:
            from antiphon.errors import InvalidHeaderError

            raise InvalidHeaderError(
                f"trailers= has {name}, which must come before the body (RFC 9110, section 6.5.1); "
                "give it in headers="
            )
    return headers
