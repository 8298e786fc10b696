"""How long a response body is, and whether its connection persists (RFC 9112 sections 6.3 and 9.3).

Every ambiguity that smuggling lives on is refused, never repaired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from antiphon.errors import RemoteProtocolError
from antiphon.wire.excerpt import excerpt

if TYPE_CHECKING:
    from antiphon.wire.http1_head import Index

CHUNKED: Final = -1
"""The body comes in chunks (RFC 9112 section 7.1)."""
UNTIL_CLOSE: Final = -2
"""The body ends where the connection ends (RFC 9112 section 6.3, rule 8)."""

# 10**18 bytes is an exabyte; longer numbers only look for integers that overflow elsewhere.
_MAX_LENGTH_DIGITS = 18


def body_framing(index: Index, version: str) -> tuple[int, bool]:
    """Return the length of the body in bytes, or `CHUNKED` or `UNTIL_CLOSE` (RFC 9112 6.3).

    The second value says whether the framing was odd: repeated, though it did not contradict
    itself. `index` has the header values by lower-case name. Raises `RemoteProtocolError` for both
    Content-Length and Transfer-Encoding, for lengths that differ or are no plain numbers, for a
    transfer coding other than one "chunked", and for Transfer-Encoding in HTTP/1.0.
    """
    length = index.get("content-length")
    coding = index.get("transfer-encoding")
    if coding is None:
        if length is None:
            return UNTIL_CLOSE, False
        if type(length) is str and length.isdecimal() and len(length) <= _MAX_LENGTH_DIGITS:
            return int(length), False
        return _repeated_length(length), True
    if length is not None:
        raise RemoteProtocolError("both Content-Length and Transfer-Encoding in one response")
    if version == "HTTP/1.0":
        raise RemoteProtocolError("Transfer-Encoding in an HTTP/1.0 response")
    if type(coding) is not str or coding.lower() != "chunked":
        shown = excerpt(coding if isinstance(coding, str) else ", ".join(coding))
        raise RemoteProtocolError(
            f"Transfer-Encoding is not exactly 'chunked', which is all we accept: {shown}"
        )
    return CHUNKED, False


def _repeated_length(length: str | list[str]) -> int:
    """Return the one length that every line and list member repeats in the same digits.

    RFC 9112 section 6.3, rule 5 allows a recipient to take "42, 42" as 42.
    """
    whole = length if isinstance(length, str) else ", ".join(length)
    members = {member.strip(" \t") for member in whole.split(",")}
    if len(members) > 1:
        raise RemoteProtocolError(f"conflicting Content-Length: {excerpt(whole)}")
    (member,) = members
    # The text is latin-1, where only 0-9 are decimal.
    if not member.isdecimal():
        raise RemoteProtocolError(f"Content-Length is not a number: {excerpt(whole)}")
    if len(member) > _MAX_LENGTH_DIGITS:
        raise RemoteProtocolError(
            f"Content-Length has more than {_MAX_LENGTH_DIGITS} digits: {excerpt(whole)}"
        )
    return int(member)


def keeps_alive(index: Index, version: str) -> bool:
    """Tell whether the peer agreed to keep the connection open (RFC 9112 section 9.3)."""
    connection = index.get("connection")
    if connection is None:
        return version == "HTTP/1.1"
    if connection == "keep-alive":
        return True
    whole = connection if isinstance(connection, str) else ",".join(connection)
    options = {option.strip(" \t") for option in whole.lower().split(",")}
    if "close" in options:
        return False
    return version == "HTTP/1.1" or "keep-alive" in options
