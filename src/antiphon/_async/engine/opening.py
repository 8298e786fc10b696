# Source of _sync/engine/opening.py; after editing run: tox -e codegen
"""Opening a connection along its route: TCP, TLS to a proxy, a tunnel, TLS to the origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.engine.connection import AsyncConnection
from antiphon._async.engine.dial import AsyncDialler
from antiphon.models.origin import Origin
from antiphon.models.timings import Timeline
from antiphon.network.channel import PlainChannel
from antiphon.network.clock import now

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from antiphon._async.engine.settings import AsyncConnectSettings
    from antiphon._async.engine.tls import AsyncTLSStarter
    from antiphon.models.events import TransportObserver
    from antiphon.models.tls_config import TLSConfig
    from antiphon.network.channel import Channel
    from antiphon.policies.patience import Patience
    from antiphon.policies.proxy import ProxiedOrigin, Route


class AsyncOpening:
    """One connection being opened within one `connect` time, from the name to the last handshake.

    `tls_starter` makes what starts TLS by the given settings, by the client's own for None.
    """

    __slots__ = (
        "_deadline",
        "_observer",
        "_patience",
        "_route",
        "_settings",
        "_timeline",
        "_tls_starter",
    )

    def __init__(
        self,
        route: Route,
        settings: AsyncConnectSettings,
        tls_starter: Callable[[TLSConfig | ssl.SSLContext | None], AsyncTLSStarter],
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> None:
        self._route = route
        self._settings = settings
        self._tls_starter = tls_starter
        self._patience = patience
        self._timeline = timeline
        self._observer = observer
        self._deadline = patience.until(patience.connect, now())

    async def open(self) -> AsyncConnection:
        """A connection ready for its first request; raises `ConnectError` and its kin."""
        route = self._route
        # Settings that cannot work are refused before anything is connected.
        tls = self._tls_starter(None) if route.scheme == "https" else None
        if isinstance(route, Origin):
            dialler = AsyncDialler(
                route,
                self._settings,
                self._deadline,
                self._patience,
                self._timeline,
                self._observer,
            )
            channel: Channel = PlainChannel(await dialler.connect())
        else:
            channel = await self._way_through(route)
        self._timeline.connected = now()
        if tls is None:
            connection = AsyncConnection(route, channel)
            if not isinstance(route, Origin) and not route.proxy.is_socks:
                connection.proxy_lines = route.proxy.own_lines
            return connection
        secure = await tls.start(
            channel, route, self._deadline, self._patience, self._timeline, self._observer
        )
        return AsyncConnection(route, secure, secure.info)

    async def _way_through(self, route: ProxiedOrigin) -> Channel:
        """A channel that ends at the origin; at the proxy, for plain http by an HTTP proxy."""
        proxy = route.proxy
        tls = self._tls_starter(proxy.tls) if proxy.scheme == "https" else None
        address = await self._destination(route)
        dialler = AsyncDialler(
            proxy.origin,
            self._settings,
            self._deadline,
            self._patience,
            self._timeline,
            self._observer,
            for_proxy=True,
        )
        channel: Channel = PlainChannel(await dialler.connect())
        if tls is not None:
            channel = await tls.start(
                channel,
                proxy.origin,
                self._deadline,
                self._patience,
                Timeline(0.0),  # not the origin's TLS: this is part of connecting
                self._observer,
            )
        if route.scheme == "https" or proxy.is_socks:
            # Imported where it is needed, as few have a proxy.
            from antiphon._async.engine.tunnel import AsyncTunnel

            await AsyncTunnel(channel, route, self._deadline, self._patience).open(address)
        return channel

    async def _destination(self, route: ProxiedOrigin) -> str:
        """What the proxy is asked for: the name, or its address where names are resolved here.

        What it refuses before the proxy hears of it: special addresses, if those are not allowed.
        A name that the proxy resolves can still lead to one, which only the proxy sees.
        """
        from antiphon._async.engine.resolving import AsyncResolution, refused_destination
        from antiphon.network.resolver import numeric
        from antiphon.policies.special_addresses import is_local_name, special_kind

        host, port = route.host, route.port
        resolution = AsyncResolution(host, port, self._settings, self._deadline, self._patience)
        if route.proxy.scheme in {"socks4", "socks5"}:
            addresses = await resolution.addresses(Timeline(0.0), self._observer, any_address=False)
            texts = [address[0] for _, address in addresses]
            # SOCKS4 knows no others: an IPv6 address is what it will complain about.
            old = [text for text in texts if ":" not in text]
            return (old or texts)[0] if route.proxy.scheme == "socks4" else texts[0]
        if not self._settings.allow_private:
            kind = None
            if is_local_name(host):
                kind = "a name of this machine itself"
            elif numeric(host, port) is not None:
                kind = special_kind(host)
            if kind is not None:
                raise refused_destination(host, kind, self._patience)
        return host
