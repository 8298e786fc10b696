"""Errors of the caller: requests that cannot be sent, and objects used in a wrong way."""

from __future__ import annotations

from antiphon.errors.root import AntiphonError


class InvalidRequestError(AntiphonError, ValueError):
    """The call was refused before anything was sent."""

    code = "invalid_request"


class InvalidURLError(InvalidRequestError):
    """The URL cannot be parsed, or is of a scheme other than http and https."""

    code = "invalid_url"


class InvalidHeaderError(InvalidRequestError):
    """A header name is no token, or a value holds characters that end or split the field."""

    code = "invalid_header"


class InvalidMethodError(InvalidRequestError):
    """The method is no token (RFC 9110 section 9.1)."""

    code = "invalid_method"


class InvalidBodyError(InvalidRequestError):
    """The body is of a type that cannot be sent, or two bodies were given."""

    code = "invalid_body"


class InvalidOptionError(InvalidRequestError):
    """An option is unknown, or its value has a wrong type or range."""

    code = "invalid_option"


class UsageError(AntiphonError, RuntimeError):
    """The library was used in a way that cannot work, whatever the request."""

    code = "usage"


class ClientClosedError(UsageError):
    """The client was closed before this call."""

    code = "client_closed"


class WrongFlavourError(UsageError):
    """An async object was given to the sync voice, or the other way round."""

    code = "wrong_flavour"


class MissingExtraError(UsageError):
    """What was asked for needs an optional package that is not installed."""

    code = "missing_extra"
