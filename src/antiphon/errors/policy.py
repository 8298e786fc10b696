"""Errors of the client's own policies: nothing was wrong on the wire."""

from __future__ import annotations

import attrs

from antiphon.errors.root import AntiphonError


class PolicyError(AntiphonError):
    """A policy of this client refused the call; nothing was wrong on the wire."""

    code = "policy"


class DestinationRefusedError(PolicyError):
    """The host or its address is not among those that this client may talk to."""

    code = "destination_refused"


class InsecureRequestError(PolicyError):
    """The URL is plain http, and the client or the call asks for https only."""

    code = "insecure_request"


@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class CircuitOpenError(PolicyError):
    """The circuit breaker is open: the peer failed so often that it is left alone for a while."""

    code = "circuit_open"

    retry_after: float = attrs.field(default=0.0, kw_only=True)
    """Seconds until the breaker lets a trial call through."""


class BulkheadFullError(PolicyError):
    """As many calls as the bulkhead allows are running, and none ended in time."""

    code = "bulkhead_full"


@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class ClientRateLimitError(PolicyError):
    """The rate limit of this client, not the server's, is used up."""

    code = "client_rate_limit"

    retry_after: float = attrs.field(default=0.0, kw_only=True)
    """Seconds until the limit has room for this call."""


class InterceptorError(PolicyError):
    """An interceptor raised; its own error is the cause."""

    code = "interceptor"


class SharedStateError(PolicyError):
    """What decides for a fleet could not be asked, and calls are to be refused then."""

    code = "shared_state"


@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class OAuth2Error(PolicyError):
    """There is no access token: the token endpoint refused, or the user did, or it made no sense.

    `status`, `headers` and `request` are those of the token endpoint.
    """

    code = "oauth"

    error: str | None = attrs.field(default=None, kw_only=True)
    """The endpoint's word for it (RFC 6749 section 5.2, RFC 8628 section 3.5), if it gave one."""
    error_description: str | None = attrs.field(default=None, kw_only=True)
    """What it says to developers, bounded, secrets hidden."""
