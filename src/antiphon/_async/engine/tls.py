# Source of _sync/engine/tls.py; after editing run: tox -e codegen
"""TLS on a connected socket, with the errors that name what was wrong with the peer."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from antiphon._async.engine.talk import shake_hands
from antiphon.errors import CertificateVerifyError, TLSError
from antiphon.network.anyio_network import start_tls
from antiphon.network.channel import PlainChannel
from antiphon.network.clock import now
from antiphon.network.layered_tls import LayeredTLSChannel
from antiphon.network.outcome import CANCELLED, WaitEnded
from antiphon.network.tls_channel import TLSChannel
from antiphon.network.tls_context import tls_context

if TYPE_CHECKING:
    from antiphon.models.events import TransportObserver
    from antiphon.models.timings import Timeline
    from antiphon.models.tls_config import TLSConfig
    from antiphon.network.channel import Channel
    from antiphon.policies.patience import Patience
    from antiphon.policies.proxy import Route

# OpenSSL's names for "that was not TLS": a plain HTTP server on the port answers in clear text.
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
}


class AsyncTLSStarter:
    """Turns connected sockets into TLS connections, by one client's settings."""

    __slots__ = ("_context", "_pins", "_server_hostname")

    def __init__(self, settings: TLSConfig | ssl.SSLContext, trust_env: bool) -> None:
        # Here rather than at the handshake: settings that name unreadable files are refused before
        # anything is connected.
        self._context = tls_context(settings, trust_env)
        self._server_hostname: str | None = None
        self._pins: tuple[str, ...] = ()
        if not isinstance(settings, ssl.SSLContext):
            self._server_hostname = settings.server_hostname
            self._pins = settings.pins

    async def start(
        self,
        outer: Channel,
        origin: Route,
        deadline: float | None,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> TLSChannel | LayeredTLSChannel:
        """Shake hands over `outer` and verify; closes it if that fails.

        Raises `CertificateVerifyError`, `TLSError`, `ConnectTimeout` and its kin.
        """
        timeline.tls_started = now()
        # Neither zones nor the dot of the root stand in certificates.
        name = self._server_hostname or origin.host.partition("%")[0].rstrip(".")
        try:
            channel: TLSChannel | LayeredTLSChannel
            if isinstance(outer, PlainChannel):
                tls = await start_tls(outer.sock, self._context, name, deadline, patience.cancel)
                channel = TLSChannel(tls)
            else:
                channel = LayeredTLSChannel(outer, self._context, name)
                await shake_hands(channel, deadline, patience.cancel)
        except WaitEnded as ended:
            outer.close()
            raise patience.exhausted(
                "connect", now(), "no", cancelled=ended.outcome is CANCELLED
            ) from None
        except (OSError, ValueError) as error:
            outer.close()
            failure = tls_error(error, origin)
            failure.request = patience.request
            raise failure from error
        except BaseException:
            outer.close()
            raise
        if channel.alpn not in {None, "http/1.1"}:
            channel.close()
            raise TLSError(
                f"{origin} chose the protocol {channel.alpn!r} by ALPN, which antiphon does not "
                "speak; leave it out of the SSLContext's set_alpn_protocols()",
                request=patience.request,
            )
        if self._pins:
            self._check_pin(channel, origin, patience)
        timeline.tls_done = now()
        if observer is not None:
            observer.tls_established(
                origin.host, origin.port, channel.info.version, channel.info.cipher, channel.alpn
            )
        return channel

    def _check_pin(
        self, channel: TLSChannel | LayeredTLSChannel, origin: Route, patience: Patience
    ) -> None:
        """Refuse a server whose public key is none of those that were pinned."""
        pin = channel.info.pin
        if pin not in self._pins:
            channel.close()
            raise CertificateVerifyError(
                f"the certificate of {origin} was refused: its public key {pin} is not among "
                "TLSConfig(pins=...)",
                request=patience.request,
            )


def tls_error(error: Exception, origin: Route) -> TLSError:
    """What a failed handshake means, in the terms of its user."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateVerifyError(
            f"the certificate of {origin} was refused: {error.verify_message}; "
            "trust its authority with TLSConfig(ca_file=...), or ask for the name it was made for"
        )
    reason = getattr(error, "reason", None)
    if reason in _NOT_TLS:
        return TLSError(
            f"{origin} does not speak TLS on port {origin.port} ({reason}); "
            "use http:// if it is a plain HTTP server"
        )
    if isinstance(error, (ssl.SSLEOFError, ConnectionError)):
        return TLSError(f"{origin} ended the connection during the TLS handshake: {error}")
    return TLSError(f"no TLS connection to {origin}: {reason or error}")
