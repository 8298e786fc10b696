"""Errors between the call and its response: connecting, waiting, writing, reading, cancelling."""

from __future__ import annotations

import builtins
from typing import Literal

import attrs

from antiphon.errors.root import AntiphonError


@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class TransportError(AntiphonError):
    """No complete response came back."""

    code = "transport_error"

    sent: Literal["no", "maybe"] = attrs.field(default="no", kw_only=True)
    """"no": the peer got no byte of the request. "maybe": it got some, and may have acted on it."""


class ConnectError(TransportError, builtins.ConnectionError):
    """No connection to the host could be made; its cause says why."""

    code = "connect_error"


class NameResolutionError(ConnectError):
    """The host name has no address, or the resolver failed."""

    code = "name_resolution"


class TLSError(ConnectError):
    """The TLS handshake failed, or the peer does not speak TLS."""

    code = "tls_error"


class CertificateVerifyError(TLSError):
    """The certificate is expired, for another host, or signed by nobody we trust."""

    code = "certificate_verify"


class ProxyError(ConnectError):
    """The proxy refused to connect us."""

    code = "proxy_error"


class TimeoutError(TransportError, builtins.TimeoutError):  # noqa: A001 - it is one too
    """A limit on time ran out; the subclass says which."""

    code = "timeout"


class ConnectTimeout(ConnectError, TimeoutError):
    """Resolution, TCP, tunnel and TLS together took longer than `Timeout.connect`."""

    code = "connect_timeout"


class ReadTimeout(TimeoutError):
    """The peer sent nothing for longer than `Timeout.read`."""

    code = "read_timeout"


class WriteTimeout(TimeoutError):
    """The peer took nothing for longer than `Timeout.write`."""

    code = "write_timeout"


class PoolTimeout(TimeoutError):
    """No connection became free within `Timeout.pool`."""

    code = "pool_timeout"


class DeadlineExceeded(TimeoutError):
    """The call took longer than its deadline: `Timeout.total`, or a `deadline(...)` around it."""

    code = "deadline_exceeded"


class ReadError(TransportError):
    """The connection broke while the response was being read."""

    code = "read_error"


class WriteError(TransportError):
    """The connection broke while the request was being sent."""

    code = "write_error"


class ProtocolError(TransportError):
    """What was said on the wire is not HTTP."""

    code = "protocol_error"


class LocalProtocolError(ProtocolError):
    """We were about to say it: for example a body longer than its Content-Length."""

    code = "local_protocol_error"


class RemoteProtocolError(ProtocolError):
    """The peer said it: garbage, a truncated body, ambiguous framing."""

    code = "remote_protocol_error"


@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class RequestCancelled(AntiphonError):
    """A CancelToken stopped the call. No TransportError: nobody retries what a user cancelled."""

    code = "request_cancelled"

    sent: Literal["no", "maybe"] = attrs.field(default="no", kw_only=True)
    """"no": the peer got no byte of the request. "maybe": it got some, and may have acted on it."""
