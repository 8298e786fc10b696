# GENERATED from _async/engine/opening.py by tools/unasync.py. Do not edit.
"""Opening a connection along its route: TCP, TLS to a proxy, a tunnel, TLS to the origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.engine.connection import Connection
from antiphon._sync.engine.dial import Dialler
from antiphon.models.origin import Origin
from antiphon.models.timings import Timeline
from antiphon.network.channel import PlainChannel
from antiphon.network.clock import now

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from antiphon._sync.engine.settings import ConnectSettings
    from antiphon._sync.engine.tls import TLSStarter
    from antiphon.models.events import TransportObserver
    from antiphon.models.tls_config import TLSConfig
    from antiphon.network.channel import Channel
    from antiphon.policies.patience import Patience
    from antiphon.policies.proxy import ProxiedOrigin, Route


class Opening:
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
        settings: ConnectSettings,
        tls_starter: Callable[[TLSConfig | ssl.SSLContext | None], TLSStarter],
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

    def open(self) -> Connection:
        """A connection ready for its first request; raises `ConnectError` and its kin."""
        route = self._route
        # Settings that cannot work are refused before anything is connected.
        tls = self._tls_starter(None) if route.scheme == "https" else None
        if isinstance(route, Origin):
            dialler = Dialler(
                route,
                self._settings,
                self._deadline,
                self._patience,
                self._timeline,
                self._observer,
            )
            channel: Channel = PlainChannel(dialler.connect())
        else:
            channel = self._way_through(route)
        self._timeline.connected = now()
        if tls is None:
            connection = Connection(route, channel)
            if not isinstance(route, Origin) and not route.proxy.is_socks:
                connection.proxy_lines = route.proxy.own_lines
            return connection
        secure = tls.start(
            channel, route, self._deadline, self._patience, self._timeline, self._observer
        )
        return Connection(route, secure, secure.info)

    def _way_through(self, route: ProxiedOrigin) -> Channel:
        """A channel that ends at the origin; at the proxy, for plain http by an HTTP proxy."""
        proxy = route.proxy
        tls = self._tls_starter(proxy.tls) if proxy.scheme == "https" else None
        address = self._destination(route)
        dialler = Dialler(
            proxy.origin,
            self._settings,
            self._deadline,
            self._patience,
            self._timeline,
            self._observer,
            for_proxy=True,
        )
        channel: Channel = PlainChannel(dialler.connect())
        if tls is not None:
            channel = tls.start(
                channel,
                proxy.origin,
                self._deadline,
                self._patience,
                Timeline(0.0),  # not the origin's TLS: this is part of connecting
                self._observer,
            )
        if route.scheme == "https" or proxy.is_socks:
            # Imported where it is needed, as few have a proxy.
            from antiphon._sync.engine.tunnel import Tunnel

            Tunnel(channel, route, self._deadline, self._patience).open(address)
        return channel

    def _destination(self, route: ProxiedOrigin) -> str:
        """What the proxy is asked for: the name, or its address where names are resolved here.

        What it refuses before the proxy hears of it: special addresses, if those are not allowed.
        A name that the proxy resolves can still lead to one, which only the proxy sees.
        """
        from antiphon._sync.engine.resolving import Resolution, refused_destination
        from antiphon.network.resolver import numeric
        from antiphon.policies.special_addresses import is_local_name, special_kind

        host, port = route.host, route.port
        resolution = Resolution(host, port, self._settings, self._deadline, self._patience)
        if route.proxy.scheme in {"socks4", "socks5"}:
            addresses = resolution.addresses(Timeline(0.0), self._observer, any_address=False)
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
