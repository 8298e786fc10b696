"""Errors named after the status of a response, and the choice between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors.root import AntiphonError

if TYPE_CHECKING:
    from antiphon.models.response import Response


class StatusError(AntiphonError):
    """The server answered, with a status that says no."""

    code = "status_error"


class ClientStatusError(StatusError):
    """4xx: the server finds fault with the request (RFC 9110 section 15.5)."""

    code = "client_status"


class BadRequestError(ClientStatusError):
    """400: the request is malformed, or says something invalid."""

    code = "bad_request"


class AuthenticationError(ClientStatusError):
    """401: no credentials, or wrong ones."""

    code = "authentication"


class PaymentRequiredError(ClientStatusError):
    """402: most often used up credit."""

    code = "payment_required"


class PermissionDeniedError(ClientStatusError):
    """403: the server knows who asks, and refuses."""

    code = "permission_denied"


class NotFoundError(ClientStatusError):
    """404: there is nothing at this URL."""

    code = "not_found"


class MethodNotAllowedError(ClientStatusError):
    """405: this URL does not take this method; `headers["Allow"]` lists those that it takes."""

    code = "method_not_allowed"


class NotAcceptableError(ClientStatusError):
    """406: the server has nothing in the form that the Accept headers ask for."""

    code = "not_acceptable"


class ProxyAuthenticationError(ClientStatusError):
    """407: the proxy wants credentials."""

    code = "proxy_authentication"


class RequestTimeoutError(ClientStatusError):
    """408: the server gave up waiting for the request."""

    code = "request_timeout"


class ConflictError(ClientStatusError):
    """409: the request does not fit the present state of the resource."""

    code = "conflict"


class GoneError(ClientStatusError):
    """410: there was something here, and it will not come back."""

    code = "gone"


class LengthRequiredError(ClientStatusError):
    """411: the server takes no body without a Content-Length."""

    code = "length_required"


class PreconditionFailedError(ClientStatusError):
    """412: an If-Match or If-Unmodified-Since did not hold."""

    code = "precondition_failed"


class PayloadTooLargeError(ClientStatusError):
    """413: the body of the request is larger than the server takes."""

    code = "payload_too_large"


class URITooLongError(ClientStatusError):
    """414: the URL is longer than the server takes."""

    code = "uri_too_long"


class UnsupportedMediaTypeError(ClientStatusError):
    """415: the server does not take bodies of this Content-Type or Content-Encoding."""

    code = "unsupported_media_type"


class RangeNotSatisfiableError(ClientStatusError):
    """416: the Range asked for lies outside the resource."""

    code = "range_not_satisfiable"


class ExpectationFailedError(ClientStatusError):
    """417: the server does not meet the Expect header."""

    code = "expectation_failed"


class MisdirectedRequestError(ClientStatusError):
    """421: this server does not answer for this host."""

    code = "misdirected_request"


class UnprocessableEntityError(ClientStatusError):
    """422: well formed, but the content is invalid."""

    code = "unprocessable_entity"


class LockedError(ClientStatusError):
    """423: the resource is locked (RFC 4918 section 11.3)."""

    code = "locked"


class TooEarlyError(ClientStatusError):
    """425: the server will not act on early data (RFC 8470 section 5.2)."""

    code = "too_early"


class UpgradeRequiredError(ClientStatusError):
    """426: the server wants another protocol; `headers["Upgrade"]` names it."""

    code = "upgrade_required"


class PreconditionRequiredError(ClientStatusError):
    """428: the server wants an If-Match with this request (RFC 6585 section 3)."""

    code = "precondition_required"


class RateLimitError(ClientStatusError):
    """429: too many requests; `retry_after` says how long to wait (RFC 6585 section 4)."""

    code = "rate_limit"

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait, None if it does not say (RFC 9110 section 10.2.3).

        A date counts from the Date of the response.
        """
        from antiphon.errors.retry_after import retry_after_seconds

        return None if self.headers is None else retry_after_seconds(self.headers)


class HeaderFieldsTooLargeError(ClientStatusError):
    """431: the header fields of the request are larger than the server takes."""

    code = "header_fields_too_large"


class UnavailableForLegalReasonsError(ClientStatusError):
    """451: withheld by a legal demand (RFC 7725)."""

    code = "unavailable_for_legal_reasons"


class ServerStatusError(StatusError):
    """5xx: the server failed (RFC 9110 section 15.6)."""

    code = "server_status"


class InternalServerError(ServerStatusError):
    """500, and the parent of every other 5xx."""

    code = "internal_server"


class NotImplementedStatusError(InternalServerError):
    """501: the server does not know this method."""

    code = "not_implemented"


class BadGatewayError(InternalServerError):
    """502: a gateway got no valid answer from the server behind it."""

    code = "bad_gateway"


class ServiceUnavailableError(InternalServerError):
    """503: overloaded or down for maintenance."""

    code = "service_unavailable"


class GatewayTimeoutError(InternalServerError):
    """504: a gateway got no answer in time from the server behind it."""

    code = "gateway_timeout"


class InsufficientStorageError(InternalServerError):
    """507: the server has no room left (RFC 4918 section 11.5)."""

    code = "insufficient_storage"


_CLASS_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    406: NotAcceptableError,
    407: ProxyAuthenticationError,
    408: RequestTimeoutError,
    409: ConflictError,
    410: GoneError,
    411: LengthRequiredError,
    412: PreconditionFailedError,
    413: PayloadTooLargeError,
    414: URITooLongError,
    415: UnsupportedMediaTypeError,
    416: RangeNotSatisfiableError,
    417: ExpectationFailedError,
    421: MisdirectedRequestError,
    422: UnprocessableEntityError,
    423: LockedError,
    425: TooEarlyError,
    426: UpgradeRequiredError,
    428: PreconditionRequiredError,
    429: RateLimitError,
    431: HeaderFieldsTooLargeError,
    451: UnavailableForLegalReasonsError,
    501: NotImplementedStatusError,
    502: BadGatewayError,
    503: ServiceUnavailableError,
    504: GatewayTimeoutError,
    507: InsufficientStorageError,
}


def error_class_for(status: int) -> type[StatusError]:
    """Return the class named after `status`, or that of its hundred (RFC 9110 section 15)."""
    named = _CLASS_BY_STATUS.get(status)
    if named is not None:
        return named
    if 400 <= status <= 499:
        return ClientStatusError
    if 500 <= status <= 599:
        return InternalServerError
    return StatusError


def status_error(response: Response) -> StatusError:
    """Return (not raise) the error that names `response`, whose body has been loaded.

    The message has the form "404 Not Found for GET https://host/path?[2 parameters]: " and a
    bounded, redacted snippet of the body.
    """
    from antiphon.errors.snippet import describe_response

    return error_class_for(response.status)(
        describe_response(response),
        status=response.status,
        request_id=response.request_id,
        headers=response.headers,
        request=response.request,
        response=response,
        attempts=response.attempts,
    )
