"""One HTTP client, two voices: `Client` for plain scripts, `AsyncClient` for asyncio and trio."""

# General layout, in the order in which a call travels:
#
# _async/client.py      settings + call -> Request -> pipeline -> Response
# _async/pipeline.py    folds the steps around the transport, in stage order
# _async/steps/         one short loop per policy; each asks its brain in policies/
# _async/transport.py   the seam: one method, any HTTP stack fits behind it
# _async/engine/        the default transport: pool, connection, HTTP/1.1
# network/              the doors: sockets, TLS and waiting; the only twins written by hand
# wire/                 protocols: bytes in, events out, no sockets
#
# models/ and errors/ are spoken everywhere: values without I/O, clock or flavour.
# policies/ are settings and pure decisions.
# _sync/ is generated from _async/ by tools/unasync.py, line for line. Never edit it.
#
# Imports run one way: errors, models <- policies, wire <- network <- _async <- cli.
# Every name below is imported when it is first used, so `import antiphon` costs next to nothing.

from __future__ import annotations

from importlib import import_module

# Type checkers take it for typing.TYPE_CHECKING; importing typing for it would cost 5 ms.
TYPE_CHECKING = False

__version__ = "0.1.0"

__all__ = [
    "APIKeyAuth",
    "AWSSigV4",
    "AdaptiveConcurrency",
    "AllowedHosts",
    "AntiphonError",
    "AsyncBodySource",
    "AsyncBytesSource",
    "AsyncCachingResolver",
    "AsyncClient",
    "AsyncEventSource",
    "AsyncHTTPClient",
    "AsyncNext",
    "AsyncPolicy",
    "AsyncRawStream",
    "AsyncResolver",
    "AsyncResponseStream",
    "AsyncTransport",
    "Attempt",
    "Auth",
    "AuthenticationError",
    "BadGatewayError",
    "BadRequestError",
    "BasicAuth",
    "BearerAuth",
    "Body",
    "BodySource",
    "Bulkhead",
    "BulkheadFullError",
    "BytesSource",
    "Cache",
    "CacheInfo",
    "CacheStore",
    "CachingResolver",
    "CallContext",
    "CallKeywords",
    "CallOptions",
    "CancelToken",
    "CertificateVerifyError",
    "CircuitBreaker",
    "CircuitOpenError",
    "CircuitSnapshot",
    "Client",
    "ClientClosedError",
    "ClientConfig",
    "ClientRateLimitError",
    "ClientStatusError",
    "ConflictError",
    "ConnectError",
    "ConnectTimeout",
    "Connecting",
    "ContentDecodingError",
    "ContentTypeError",
    "Cookie",
    "CookieJar",
    "Deadline",
    "DeadlineExceeded",
    "DeadlineHeader",
    "DecodeError",
    "DestinationRefusedError",
    "DigestAuth",
    "EventSource",
    "ExpectationFailedError",
    "Fallback",
    "FlowPolicy",
    "GatewayTimeoutError",
    "GoneError",
    "HTTPClient",
    "HTTPSOnly",
    "HeaderFieldsTooLargeError",
    "Headers",
    "Hedge",
    "HttpTracer",
    "IdempotencyKey",
    "InformationalResponse",
    "InsecureRequestError",
    "InsecureTLSWarning",
    "InsufficientStorageError",
    "InterceptorContext",
    "InterceptorError",
    "InternalServerError",
    "InvalidBodyError",
    "InvalidHeaderError",
    "InvalidJSONError",
    "InvalidMethodError",
    "InvalidOptionError",
    "InvalidRequestError",
    "InvalidURLError",
    "JSONCodec",
    "LengthRequiredError",
    "Limits",
    "Link",
    "LocalProtocolError",
    "LockedError",
    "Logging",
    "MemoryStore",
    "MethodNotAllowedError",
    "Metrics",
    "MetricsRecorder",
    "MisdirectedRequestError",
    "MissingExtraError",
    "NameResolutionError",
    "NetrcAuth",
    "Next",
    "NotAcceptableError",
    "NotFoundError",
    "NotImplementedStatusError",
    "OAuth2ClientCredentials",
    "OAuth2DeviceCode",
    "OAuth2Error",
    "OAuth2RefreshToken",
    "OAuth2Token",
    "Origin",
    "Outcome",
    "Part",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Pipeline",
    "Policy",
    "PolicyError",
    "PoolTimeout",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "ProtocolError",
    "Proxy",
    "ProxyAuthenticationError",
    "ProxyError",
    "RangeNotSatisfiableError",
    "RateLimit",
    "RateLimitError",
    "RawStream",
    "ReadError",
    "ReadTimeout",
    "Reconnect",
    "RedirectError",
    "RedisShared",
    "RedisStore",
    "RemoteProtocolError",
    "Request",
    "RequestCancelled",
    "RequestId",
    "RequestKeywords",
    "RequestTimeoutError",
    "Resilience",
    "Resolver",
    "Response",
    "ResponseStream",
    "ResponseTooLargeError",
    "Retry",
    "RetryBudget",
    "SQLiteStore",
    "Secret",
    "SendKeywords",
    "ServerSentEvent",
    "ServerStatusError",
    "ServiceUnavailableError",
    "SharedStateError",
    "SigningAuth",
    "StatusError",
    "StoredResponse",
    "StreamClosed",
    "StreamConsumed",
    "StreamError",
    "TLSConfig",
    "TLSError",
    "TLSInfo",
    "Timeout",
    "TimeoutError",
    "Timings",
    "TooEarlyError",
    "TooManyRedirects",
    "TracedAttempt",
    "TracedCall",
    "Tracing",
    "Transport",
    "TransportError",
    "TransportObserver",
    "TransportOptions",
    "URITooLongError",
    "URL",
    "UnavailableForLegalReasonsError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "UpgradeRequiredError",
    "UsageError",
    "WriteError",
    "WriteTimeout",
    "WrongFlavourError",
    "__version__",
    "deadline",
]

# Where the names live; what `__all__` has beyond these is in antiphon.errors. To add a name: here,
# in `__all__`, and below for type checkers. tests/test_public_api.py compares the three.
_HOMES: dict[str, tuple[str, ...]] = {
    "antiphon._async.bytes_source": ("AsyncBytesSource",),
    "antiphon._async.client": ("AsyncClient",),
    "antiphon._async.engine.raw_stream": ("AsyncRawStream",),
    "antiphon._async.event_source": ("AsyncEventSource",),
    "antiphon._async.http_client": ("AsyncHTTPClient",),
    "antiphon._async.pipeline": ("AsyncNext", "AsyncPolicy"),
    "antiphon._async.resolver": ("AsyncCachingResolver", "AsyncResolver"),
    "antiphon._async.stream": ("AsyncResponseStream",),
    "antiphon._async.transport": ("AsyncBodySource", "AsyncTransport"),
    "antiphon._sync.bytes_source": ("BytesSource",),
    "antiphon._sync.client": ("Client",),
    "antiphon._sync.engine.raw_stream": ("RawStream",),
    "antiphon._sync.event_source": ("EventSource",),
    "antiphon._sync.http_client": ("HTTPClient",),
    "antiphon._sync.pipeline": ("Next", "Policy"),
    "antiphon._sync.resolver": ("CachingResolver", "Resolver"),
    "antiphon._sync.stream": ("ResponseStream",),
    "antiphon._sync.transport": ("BodySource", "Transport"),
    "antiphon.integrations.redis": ("RedisShared",),
    "antiphon.models.attempt": ("Attempt",),
    "antiphon.models.body": ("Body",),
    "antiphon.models.cache_info": ("CacheInfo",),
    "antiphon.models.cancel": ("CancelToken",),
    "antiphon.models.config": ("ClientConfig",),
    "antiphon.models.connecting": ("Connecting",),
    "antiphon.models.deadline": ("Deadline",),
    "antiphon.models.events": ("TransportObserver",),
    "antiphon.models.headers": ("Headers",),
    "antiphon.models.informational": ("InformationalResponse",),
    "antiphon.models.json_codec": ("JSONCodec",),
    "antiphon.models.limits": ("Limits",),
    "antiphon.models.link_header": ("Link",),
    "antiphon.models.multipart": ("Part",),
    "antiphon.models.origin": ("Origin",),
    "antiphon.models.request": ("Request",),
    "antiphon.models.response": ("Response",),
    "antiphon.models.secret": ("Secret",),
    "antiphon.models.server_sent_event": ("ServerSentEvent",),
    "antiphon.models.stored_response": ("StoredResponse",),
    "antiphon.models.timeout": ("Timeout",),
    "antiphon.models.timings": ("Timings",),
    "antiphon.models.tls_config": ("InsecureTLSWarning", "TLSConfig"),
    "antiphon.models.tls_info": ("TLSInfo",),
    "antiphon.models.transport_options": ("TransportOptions",),
    "antiphon.models.url": ("URL",),
    "antiphon.network.deadline_block": ("deadline",),
    "antiphon.policies.adaptive_concurrency": ("AdaptiveConcurrency",),
    "antiphon.policies.allowed_hosts": ("AllowedHosts",),
    "antiphon.policies.auth": ("Auth", "BasicAuth", "BearerAuth", "SigningAuth"),
    "antiphon.policies.auth_api_key": ("APIKeyAuth",),
    "antiphon.policies.auth_digest": ("DigestAuth",),
    "antiphon.policies.auth_netrc": ("NetrcAuth",),
    "antiphon.policies.auth_oauth2_device": ("OAuth2DeviceCode",),
    "antiphon.policies.auth_oauth2_grants": ("OAuth2ClientCredentials", "OAuth2RefreshToken"),
    "antiphon.policies.auth_oauth2_token": ("OAuth2Token",),
    "antiphon.policies.auth_sigv4": ("AWSSigV4",),
    "antiphon.policies.bulkhead": ("Bulkhead",),
    "antiphon.policies.cache": ("Cache",),
    "antiphon.policies.cache_store": ("CacheStore",),
    "antiphon.policies.call_context": ("CallContext",),
    "antiphon.policies.call_keywords": ("CallKeywords", "RequestKeywords", "SendKeywords"),
    "antiphon.policies.call_options": ("CallOptions",),
    "antiphon.policies.circuit_breaker": ("CircuitBreaker", "CircuitSnapshot"),
    "antiphon.policies.cookie": ("Cookie",),
    "antiphon.policies.cookie_jar": ("CookieJar",),
    "antiphon.policies.deadline_header": ("DeadlineHeader",),
    "antiphon.policies.fallback": ("Fallback",),
    "antiphon.policies.flow": ("FlowPolicy",),
    "antiphon.policies.hedge": ("Hedge",),
    "antiphon.policies.https_only": ("HTTPSOnly",),
    "antiphon.policies.idempotency_key": ("IdempotencyKey",),
    "antiphon.policies.interceptors": ("InterceptorContext",),
    "antiphon.policies.logging": ("Logging",),
    "antiphon.policies.memory_store": ("MemoryStore",),
    "antiphon.policies.metrics": ("Metrics", "MetricsRecorder"),
    "antiphon.policies.outcomes": ("Outcome",),
    "antiphon.policies.pipeline": ("Pipeline",),
    "antiphon.policies.proxy": ("Proxy",),
    "antiphon.policies.rate_limit": ("RateLimit",),
    "antiphon.policies.reconnect": ("Reconnect",),
    "antiphon.policies.request_ids": ("RequestId",),
    "antiphon.policies.resilience": ("Resilience",),
    "antiphon.policies.retry": ("Retry",),
    "antiphon.policies.retry_budget": ("RetryBudget",),
    "antiphon.policies.tracing": ("HttpTracer", "TracedAttempt", "TracedCall", "Tracing"),
    "antiphon.stores.redis": ("RedisStore",),
    "antiphon.stores.sqlite": ("SQLiteStore",),
}

if TYPE_CHECKING:
    from antiphon._async.bytes_source import AsyncBytesSource
    from antiphon._async.client import AsyncClient
    from antiphon._async.engine.raw_stream import AsyncRawStream
    from antiphon._async.event_source import AsyncEventSource
    from antiphon._async.http_client import AsyncHTTPClient
    from antiphon._async.pipeline import AsyncNext, AsyncPolicy
    from antiphon._async.resolver import AsyncCachingResolver, AsyncResolver
    from antiphon._async.stream import AsyncResponseStream
    from antiphon._async.transport import AsyncBodySource, AsyncTransport
    from antiphon._sync.bytes_source import BytesSource
    from antiphon._sync.client import Client
    from antiphon._sync.engine.raw_stream import RawStream
    from antiphon._sync.event_source import EventSource
    from antiphon._sync.http_client import HTTPClient
    from antiphon._sync.pipeline import Next, Policy
    from antiphon._sync.resolver import CachingResolver, Resolver
    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.transport import BodySource, Transport
    from antiphon.errors import *  # noqa: F403 - all of them, and they say which
    from antiphon.integrations.redis import RedisShared
    from antiphon.models.attempt import Attempt
    from antiphon.models.body import Body
    from antiphon.models.cache_info import CacheInfo
    from antiphon.models.cancel import CancelToken
    from antiphon.models.config import ClientConfig
    from antiphon.models.connecting import Connecting
    from antiphon.models.deadline import Deadline
    from antiphon.models.events import TransportObserver
    from antiphon.models.headers import Headers
    from antiphon.models.informational import InformationalResponse
    from antiphon.models.json_codec import JSONCodec
    from antiphon.models.limits import Limits
    from antiphon.models.link_header import Link
    from antiphon.models.multipart import Part
    from antiphon.models.origin import Origin
    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.secret import Secret
    from antiphon.models.server_sent_event import ServerSentEvent
    from antiphon.models.stored_response import StoredResponse
    from antiphon.models.timeout import Timeout
    from antiphon.models.timings import Timings
    from antiphon.models.tls_config import InsecureTLSWarning, TLSConfig
    from antiphon.models.tls_info import TLSInfo
    from antiphon.models.transport_options import TransportOptions
    from antiphon.models.url import URL
    from antiphon.network.deadline_block import deadline
    from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
    from antiphon.policies.allowed_hosts import AllowedHosts
    from antiphon.policies.auth import Auth, BasicAuth, BearerAuth, SigningAuth
    from antiphon.policies.auth_api_key import APIKeyAuth
    from antiphon.policies.auth_digest import DigestAuth
    from antiphon.policies.auth_netrc import NetrcAuth
    from antiphon.policies.auth_oauth2_device import OAuth2DeviceCode
    from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials, OAuth2RefreshToken
    from antiphon.policies.auth_oauth2_token import OAuth2Token
    from antiphon.policies.auth_sigv4 import AWSSigV4
    from antiphon.policies.bulkhead import Bulkhead
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_store import CacheStore
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.call_keywords import CallKeywords, RequestKeywords, SendKeywords
    from antiphon.policies.call_options import CallOptions
    from antiphon.policies.circuit_breaker import CircuitBreaker, CircuitSnapshot
    from antiphon.policies.cookie import Cookie
    from antiphon.policies.cookie_jar import CookieJar
    from antiphon.policies.deadline_header import DeadlineHeader
    from antiphon.policies.fallback import Fallback
    from antiphon.policies.flow import FlowPolicy
    from antiphon.policies.hedge import Hedge
    from antiphon.policies.https_only import HTTPSOnly
    from antiphon.policies.idempotency_key import IdempotencyKey
    from antiphon.policies.interceptors import InterceptorContext
    from antiphon.policies.logging import Logging
    from antiphon.policies.memory_store import MemoryStore
    from antiphon.policies.metrics import Metrics, MetricsRecorder
    from antiphon.policies.outcomes import Outcome
    from antiphon.policies.pipeline import Pipeline
    from antiphon.policies.proxy import Proxy
    from antiphon.policies.rate_limit import RateLimit
    from antiphon.policies.reconnect import Reconnect
    from antiphon.policies.request_ids import RequestId
    from antiphon.policies.resilience import Resilience
    from antiphon.policies.retry import Retry
    from antiphon.policies.retry_budget import RetryBudget
    from antiphon.policies.tracing import HttpTracer, TracedAttempt, TracedCall, Tracing
    from antiphon.stores.redis import RedisStore
    from antiphon.stores.sqlite import SQLiteStore
else:
    _HOME_OF = {name: module for module, names in _HOMES.items() for name in names}
    _VERBS = ("get", "options", "head", "post", "put", "patch", "delete", "query", "request")

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name in __all__:
            home = import_module(_HOME_OF.get(name, "antiphon.errors"))
            globals()[name] = value = getattr(home, name)
            return value
        message = f"module 'antiphon' has no attribute {name!r}"
        if name in _VERBS:
            message += f"; calls are made by a client: antiphon.Client().{name}(...)"
        raise AttributeError(message)

    def __dir__() -> list[str]:
        """List every public name, whether it was imported yet or not."""
        return sorted({*globals(), *__all__})
