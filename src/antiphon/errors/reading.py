"""Errors after the head of a response: following it, decoding it, reading its stream."""

from __future__ import annotations

from antiphon.errors.root import AntiphonError


class RedirectError(AntiphonError):
    """A redirect cannot be followed: no usable Location, or a body that cannot be sent again."""

    code = "redirect_error"


class TooManyRedirects(RedirectError):
    """The chain of redirects is longer than `max_redirects`, or a loop."""

    code = "too_many_redirects"


class DecodeError(AntiphonError):
    """The response came whole, but is not what was asked for."""

    code = "decode_error"


class InvalidJSONError(DecodeError):
    """A body, a line of JSON Lines or the data of an event is not JSON (RFC 8259)."""

    code = "invalid_json"


class ContentDecodingError(DecodeError):
    """The body contradicts its Content-Encoding, or ends in the middle of it."""

    code = "content_decoding"


class ResponseTooLargeError(DecodeError):
    """The body, a line or an event is larger than the limit that the message names."""

    code = "response_too_large"


class ContentTypeError(DecodeError):
    """The body is of another type than the one that is to be read, by its Content-Type."""

    code = "content_type"


class StreamError(AntiphonError):
    """A stream was read in a way that it cannot be read."""

    code = "stream_error"


class StreamConsumed(StreamError):
    """The stream was read already, and cannot be read twice."""

    code = "stream_consumed"


class StreamClosed(StreamError):
    """The stream was closed before this read."""

    code = "stream_closed"
