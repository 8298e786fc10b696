"""Lines of a request head that are the engine's to write, where the caller wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from antiphon.errors import LocalProtocolError

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

OWN_FRAMING: Final = ("host", "content-length", "transfer-encoding", "connection", "expect")
"""Lines that the engine writes or must know of; a caller's own take their place."""


def own_framing(headers: Headers, host: str, extra: bytes) -> tuple[Headers, str, bytes]:
    """Let a caller's own Host, Content-Length or Transfer-Encoding take the place of ours.

    `extra` is the framing line that the body calls for. Raises `LocalProtocolError` for lines that
    contradict it.
    """
    own_host = headers.get("host")
    if own_host is not None:
        host = own_host
        headers = headers.without("host")
    own_length = headers.get("content-length")
    if own_length is not None:
        expected = b"Content-Length: " + own_length.encode("latin-1", "replace") + b"\r\n"
        if extra != expected:
            has = extra.decode("ascii").strip() or "no body"
            raise LocalProtocolError(
                f"the header Content-Length: {own_length} contradicts the body, which has {has}; "
                "leave the header out, it is set by itself"
            )
        headers = headers.without("content-length")
    if "transfer-encoding" in headers:
        if headers.get("transfer-encoding", "").lower() != "chunked" or not extra:
            raise LocalProtocolError(
                "the header Transfer-Encoding contradicts the body; leave it out, a body of "
                "unknown length is chunked by itself"
            )
        headers = headers.without("transfer-encoding")
        extra = b"Transfer-Encoding: chunked\r\n"
    return headers, host, extra


def expects_continue(headers: Headers) -> bool:
    """Whether the caller wants leave before the body is sent (RFC 9110 section 10.1.1)."""
    value = headers.get("expect")
    return value is not None and value.lower() == "100-continue"
