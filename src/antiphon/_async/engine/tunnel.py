# Source of _sync/engine/tunnel.py; after editing run: tox -e codegen
"""Asking a proxy to connect us on: CONNECT (RFC 9110, section 9.3.6), or SOCKS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.engine.talk import AsyncTalk
from antiphon.errors import ProxyError, RemoteProtocolError
from antiphon.errors.snippet import body_snippet
from antiphon.models.origin import Origin
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, WaitEnded
from antiphon.network.resolver import numeric
from antiphon.wire.http1 import ResponseReader, encode_head

if TYPE_CHECKING:
    from antiphon.network.channel import Channel
    from antiphon.policies.patience import Patience
    from antiphon.policies.proxy import ProxiedOrigin, Proxy, Route
    from antiphon.wire.http1 import ResponseHead
    from antiphon.wire.socks import Handshake

_READ_SIZE = 16_384


class AsyncTunnel:
    """One way through a proxy that is being opened; closes its channel if that fails.

    Raises `ProxyError` with the proxy's own status and words, `ConnectTimeout` and its kin.
    """

    __slots__ = ("_channel", "_patience", "_proxy", "_route", "_talk")

    def __init__(
        self,
        channel: Channel,
        route: ProxiedOrigin,
        deadline: float | None,
        patience: Patience,
    ) -> None:
        self._channel = channel
        self._route = route
        self._proxy: Proxy = route.proxy
        self._patience = patience
        self._talk = AsyncTalk(channel, deadline, patience.cancel)

    async def open(self, address: str) -> None:
        """Have the proxy connect to `address`, a name or IP address, at the origin's port."""
        try:
            if self._proxy.is_socks:
                await self._ask_socks(address)
            else:
                await self._ask_http(address)
        except WaitEnded as ended:
            self._channel.close()
            error = self._patience.exhausted(
                "connect", now(), "no", cancelled=ended.outcome is CANCELLED
            )
            error.add_note(f"the proxy {self._proxy} was asked to connect, and had not answered")
            raise error from None
        except ProxyError:
            self._channel.close()
            raise
        except OSError as error:
            self._channel.close()
            raise self._error(f"the connection to it broke: {error.strerror or error}") from error
        except BaseException:
            self._channel.close()
            raise

    # CONNECT. ------------------------------------------------------------------------------------

    async def _ask_http(self, address: str) -> None:
        host = address.partition("%")[0]
        target = f"[{host}]:{self._route.port}" if ":" in host else f"{host}:{self._route.port}"
        lines = self._proxy.own_lines
        await self._talk.send(encode_head("CONNECT", target, lines.wire, target))
        reader = ResponseReader()
        reader.start("CONNECT")
        try:
            head = await self._read_head(reader)
            if 200 <= head.status < 300:
                if reader.handover:
                    raise self._error("it sent something before it was spoken to")
                return
            raise refused_with_head(self._route, head, self._patience)
        except RemoteProtocolError as error:
            raise self._error(f"it does not speak HTTP: {error.message}") from error

    async def _read_head(self, reader: ResponseReader) -> ResponseHead:
        while True:
            head = reader.next_head()
            if head is None:
                data = await self._talk.receive(_READ_SIZE)
                if not data:
                    raise self._error("it ended the connection without an answer")
                reader.feed(data)
            elif head.status >= 200:
                return head

    # SOCKS. --------------------------------------------------------------------------------------

    async def _ask_socks(self, address: str) -> None:
        # Imported where it is needed: few have a SOCKS proxy, and it needs a package of its own.
        from antiphon.wire.socks import SocksRefused, socks4_handshake, socks5_handshake

        credentials = self._proxy.raw_credentials
        port = self._route.port
        handshake: Handshake
        if self._proxy.scheme.startswith("socks5"):
            handshake = socks5_handshake(address, port, credentials)
        else:
            user = b"" if credentials is None else credentials[0]
            by_name = numeric(address, port) is None
            handshake = socks4_handshake(address, port, user, by_name=by_name)
        try:
            data, wanted = next(handshake)
            while True:
                await self._talk.send(data)
                data, wanted = handshake.send(await self._read(wanted))
        except StopIteration:
            return
        except SocksRefused as refused:
            raise self._error(str(refused)) from None

    async def _read(self, wanted: int) -> bytes:
        """Exactly so many bytes: those after them are for somebody else."""
        received = b""
        while len(received) < wanted:
            data = await self._talk.receive(wanted - len(received))
            if not data:
                raise self._error("it ended the connection without an answer")
            received += data
        return received

    def _error(self, words: str) -> ProxyError:
        return _refused(self._route, words, self._patience)


def refused_with_head(route: Route, head: ResponseHead, patience: Patience) -> ProxyError:
    """What a proxy said that answers itself instead of letting us through, in its own words."""
    assert not isinstance(route, Origin)
    proxy = route.proxy
    words = proxy.masked(body_snippet(head.reason.encode("utf-8", "replace")))
    advice = ""
    if head.status == 407 and proxy.auth is None:
        advice = "; give Proxy(url, auth=(user name, password))"
    elif head.status == 407:
        advice = "; check the user name and password in Proxy(auth=...) or the proxy's URL"
    error = _refused(route, f"{head.status} {words}".rstrip() + advice, patience)
    error.status = head.status
    error.headers = proxy.masked_headers(head.headers)
    return error


def _refused(route: ProxiedOrigin, words: str, patience: Patience) -> ProxyError:
    return ProxyError(
        f"the proxy {route.proxy} did not connect us to {patience.request.url.origin}: {words}",
        request=patience.request,
    )
