"""Every exception of antiphon.

AntiphonError
  InvalidRequestError (ValueError)       the caller's fault, nothing was sent
    InvalidURLError  InvalidHeaderError  InvalidMethodError  InvalidBodyError  InvalidOptionError
  UsageError (RuntimeError)              ClientClosedError  WrongFlavourError  MissingExtraError
  TransportError                         .sent: "no" | "maybe"
    ConnectError (ConnectionError)       NameResolutionError  TLSError > CertificateVerifyError
                                         ProxyError
    TimeoutError (TimeoutError)          ConnectTimeout (a ConnectError too)  ReadTimeout
                                         WriteTimeout  PoolTimeout  DeadlineExceeded
    ReadError  WriteError
    ProtocolError                        LocalProtocolError (us)  RemoteProtocolError (them)
  RequestCancelled                       .sent, as above
  StatusError                            one class per common status: docs/errors.md
    ClientStatusError                    4xx: NotFoundError, RateLimitError (.retry_after), ...
    ServerStatusError > InternalServerError > BadGatewayError, ServiceUnavailableError, ...
  RedirectError > TooManyRedirects
  PolicyError                            CircuitOpenError (.retry_after)  BulkheadFullError
                                         ClientRateLimitError (.retry_after)  InterceptorError
                                         InsecureRequestError  DestinationRefusedError
                                         SharedStateError  OAuth2Error
  DecodeError                            InvalidJSONError  ContentDecodingError
                                         ResponseTooLargeError  ContentTypeError
  StreamError                            StreamConsumed  StreamClosed
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.errors.policy import (
        BulkheadFullError,
        CircuitOpenError,
        ClientRateLimitError,
        DestinationRefusedError,
        InsecureRequestError,
        InterceptorError,
        OAuth2Error,
        PolicyError,
        SharedStateError,
    )
    from antiphon.errors.reading import (
        ContentDecodingError,
        ContentTypeError,
        DecodeError,
        InvalidJSONError,
        RedirectError,
        ResponseTooLargeError,
        StreamClosed,
        StreamConsumed,
        StreamError,
        TooManyRedirects,
    )
    from antiphon.errors.retry_after import (
        retry_after_seconds,
    )
    from antiphon.errors.root import (
        AntiphonError,
    )
    from antiphon.errors.status import (
        AuthenticationError,
        BadGatewayError,
        BadRequestError,
        ClientStatusError,
        ConflictError,
        ExpectationFailedError,
        GatewayTimeoutError,
        GoneError,
        HeaderFieldsTooLargeError,
        InsufficientStorageError,
        InternalServerError,
        LengthRequiredError,
        LockedError,
        MethodNotAllowedError,
        MisdirectedRequestError,
        NotAcceptableError,
        NotFoundError,
        NotImplementedStatusError,
        PayloadTooLargeError,
        PaymentRequiredError,
        PermissionDeniedError,
        PreconditionFailedError,
        PreconditionRequiredError,
        ProxyAuthenticationError,
        RangeNotSatisfiableError,
        RateLimitError,
        RequestTimeoutError,
        ServerStatusError,
        ServiceUnavailableError,
        StatusError,
        TooEarlyError,
        UnavailableForLegalReasonsError,
        UnprocessableEntityError,
        UnsupportedMediaTypeError,
        UpgradeRequiredError,
        URITooLongError,
        error_class_for,
        status_error,
    )
    from antiphon.errors.transport import (
        CertificateVerifyError,
        ConnectError,
        ConnectTimeout,
        DeadlineExceeded,
        LocalProtocolError,
        NameResolutionError,
        PoolTimeout,
        ProtocolError,
        ProxyError,
        ReadError,
        ReadTimeout,
        RemoteProtocolError,
        RequestCancelled,
        TimeoutError,  # noqa: A004 - it is a builtin TimeoutError too
        TLSError,
        TransportError,
        WriteError,
        WriteTimeout,
    )
    from antiphon.errors.usage import (
        ClientClosedError,
        InvalidBodyError,
        InvalidHeaderError,
        InvalidMethodError,
        InvalidOptionError,
        InvalidRequestError,
        InvalidURLError,
        MissingExtraError,
        UsageError,
        WrongFlavourError,
    )

__all__ = [
    "AntiphonError",
    "AuthenticationError",
    "BadGatewayError",
    "BadRequestError",
    "BulkheadFullError",
    "CertificateVerifyError",
    "CircuitOpenError",
    "ClientClosedError",
    "ClientRateLimitError",
    "ClientStatusError",
    "ConflictError",
    "ConnectError",
    "ConnectTimeout",
    "ContentDecodingError",
    "ContentTypeError",
    "DeadlineExceeded",
    "DecodeError",
    "DestinationRefusedError",
    "ExpectationFailedError",
    "GatewayTimeoutError",
    "GoneError",
    "HeaderFieldsTooLargeError",
    "InsecureRequestError",
    "InsufficientStorageError",
    "InterceptorError",
    "InternalServerError",
    "InvalidBodyError",
    "InvalidHeaderError",
    "InvalidJSONError",
    "InvalidMethodError",
    "InvalidOptionError",
    "InvalidRequestError",
    "InvalidURLError",
    "LengthRequiredError",
    "LocalProtocolError",
    "LockedError",
    "MethodNotAllowedError",
    "MisdirectedRequestError",
    "MissingExtraError",
    "NameResolutionError",
    "NotAcceptableError",
    "NotFoundError",
    "NotImplementedStatusError",
    "OAuth2Error",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PolicyError",
    "PoolTimeout",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "ProtocolError",
    "ProxyAuthenticationError",
    "ProxyError",
    "RangeNotSatisfiableError",
    "RateLimitError",
    "ReadError",
    "ReadTimeout",
    "RedirectError",
    "RemoteProtocolError",
    "RequestCancelled",
    "RequestTimeoutError",
    "ResponseTooLargeError",
    "ServerStatusError",
    "ServiceUnavailableError",
    "SharedStateError",
    "StatusError",
    "StreamClosed",
    "StreamConsumed",
    "StreamError",
    "TLSError",
    "TimeoutError",
    "TooEarlyError",
    "TooManyRedirects",
    "TransportError",
    "URITooLongError",
    "UnavailableForLegalReasonsError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "UpgradeRequiredError",
    "UsageError",
    "WriteError",
    "WriteTimeout",
    "WrongFlavourError",
    "error_class_for",
    "retry_after_seconds",
    "status_error",
]

# Searched in this order. A happy call raises nothing, and the many status errors are read last.
_FILES = ("root", "usage", "transport", "reading", "policy", "retry_after", "status")

# Hidden from type checkers: they would believe that every name exists.
if not TYPE_CHECKING:  # pragma: no branch - it is False when code runs

    def __getattr__(name: str) -> object:
        """Import the file that defines a public name, at its first use (PEP 562)."""
        if name in __all__:
            for file in _FILES:  # pragma: no branch - one of them has the name
                module = import_module(f"{__name__}.{file}")
                if hasattr(module, name):
                    globals()[name] = value = getattr(module, name)
                    return value
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
