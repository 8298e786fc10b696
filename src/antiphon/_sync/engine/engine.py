# GENERATED from _async/engine/engine.py by tools/unasync.py. Do not edit.
"""The default transport: takes or opens a connection, and runs the exchange on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from antiphon._sync.engine.http1 import (
    HTTP1Exchange,
    ExpectationRefused,
    StaleConnection,
)
from antiphon._sync.engine.opening import Opening
from antiphon._sync.engine.pool import Pool
from antiphon._sync.engine.settings import ConnectSettings
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timings import Timeline
from antiphon.models.tls_config import TLSConfig
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.models.unset import UNSET
from antiphon.network.clock import now
from antiphon.policies.idempotency import is_idempotent
from antiphon.policies.patience import Patience
from antiphon.policies.proxy_variables import routes_of_client

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from antiphon._sync.engine.connection import Connection
    from antiphon._sync.engine.settings import ResolveInput
    from antiphon._sync.engine.tls import TLSStarter
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.connecting import Connecting
    from antiphon.models.events import TransportObserver
    from antiphon.models.unset import Unset
    from antiphon.models.url import URL
    from antiphon.policies.proxy import ProxyInput, Route
    from antiphon.policies.proxy_choice import ProxiesInput


class Engine:
    """Carries requests over HTTP/1.1, plain or TLS, on pooled connections.

    Belongs to no event loop and no thread: one engine serves many, at once or one after another.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        tls: TLSConfig | ssl.SSLContext | None = None,
        trust_env: bool = True,
        proxy: ProxyInput | Unset = UNSET,
        proxies: ProxiesInput | None = None,
        resolve: ResolveInput = None,
        connecting: Connecting | None = None,
    ) -> None:
        self._connect_settings = ConnectSettings(connecting, resolve)
        # None: every origin is reached directly, and no call asks.
        self._routes = routes_of_client(proxy, proxies, connecting, os.environ if trust_env else {})
        self.pool = Pool(Limits() if limits is None else limits)
        self._tls_settings: TLSConfig | ssl.SSLContext = TLSConfig() if tls is None else tls
        self._trust_env = trust_env
        self._tls: dict[TLSConfig | ssl.SSLContext, TLSStarter] = {}

    def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> ResponseStream:
        """Send the request; returns once the head of the final response is here.

        A kept-alive connection that dies before the first byte of the response is replaced once,
        if the request is idempotent and can be sent again (RFC 9112, section 9.3.1). A request
        whose `Expect` was refused with 417 is sent once more without it (RFC 9110, 15.5.18).
        """
        origin = request.url.origin
        observer = options.observer
        timeline = Timeline(now())
        patience = Patience(request, options)
        self._refuse_hopeless(patience)
        routes = self._routes
        route: Route = origin if routes is None else routes.route_to(origin)
        connection = self.pool.acquire(route, patience)
        timeline.acquired = now()
        if connection is None:
            connection = self._open(route, patience, timeline, observer)
        else:
            timeline.reused = True
        if observer is not None:
            connection.observer = observer
            observer.connection_acquired(origin.host, origin.port, timeline.reused, "HTTP/1.1")
        try:
            exchange = HTTP1Exchange(self.pool, connection, patience, timeline, observer)
            return exchange.begin()
        except StaleConnection as stale:
            error = stale.error
        except ExpectationRefused:
            return self._send_again(route, patience.without_expect(), timeline, observer)
        body = request.body
        if not is_idempotent(request.method) or not (body is None or body.replayable):
            try:
                raise error
            finally:
                del error  # its traceback holds this frame
        return self._send_again(route, patience, timeline, observer)

    def _send_again(
        self,
        route: Route,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> ResponseStream:
        """Once more, on a connection that is new and so cannot be stale."""
        timeline = Timeline(timeline.started)
        timeline.resent = True
        while not self.pool.try_permit(route, make_room=True):
            # The place of the dead connection went to somebody who waited; wait in turn.
            connection = self.pool.acquire(route, patience)
            if connection is None:
                break
            self.pool.discard(connection, "a fresh connection was needed in its place")
        timeline.acquired = now()
        connection = self._open(route, patience, timeline, observer)
        if observer is not None:
            connection.observer = observer
            observer.connection_acquired(route.host, route.port, False, "HTTP/1.1")
        exchange = HTTP1Exchange(self.pool, connection, patience, timeline, observer)
        try:
            return exchange.begin()
        except ExpectationRefused:
            return self._send_again(route, patience.without_expect(), timeline, observer)

    def _open(
        self,
        route: Route,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> Connection:
        """Open a connection on a permit of the pool, which is given back if that fails."""
        try:
            settings = self._connect_settings
            opening = Opening(route, settings, self._tls_starter, patience, timeline, observer)
            connection = opening.open()
        except BaseException:
            self.pool.drop(route)
            raise
        self.pool.add(connection)
        return connection

    def _tls_starter(self, settings: TLSConfig | ssl.SSLContext | None) -> TLSStarter:
        """What starts TLS by the client's settings, or by a proxy's."""
        if settings is None:
            settings = self._tls_settings
        starter = self._tls.get(settings)
        if starter is None:
            # Imported when TLS is first needed: `ssl` takes longer to load than a request to run.
            from antiphon._sync.engine.tls import TLSStarter

            starter = self._tls[settings] = TLSStarter(settings, self._trust_env)
        return starter

    @staticmethod
    def _refuse_hopeless(patience: Patience) -> None:
        if patience.cancel is not None and patience.cancel.cancelled:
            raise patience.exhausted("pool", now(), "no", cancelled=True)
        if patience.deadline is not None and now() >= patience.deadline:
            raise patience.exhausted("pool", now(), "no", cancelled=False)

    def warm_up(self, urls: Iterable[URL], options: TransportOptions = DEFAULT) -> int:
        """Open a connection (TLS included) for each URL ahead of use; returns how many.

        A URL given twice opens two. What the limits do not allow is left out. Raises `ConnectError`
        and its kin.
        """
        opened = 0
        for url in urls:
            origin = url.origin
            patience = Patience(Request("GET", url), options)
            self._refuse_hopeless(patience)
            route: Route = origin if self._routes is None else self._routes.route_to(origin)
            if not self.pool.try_permit(route, make_room=False):
                continue
            timeline = Timeline(now())
            connection = self._open(route, patience, timeline, options.observer)
            connection.observer = options.observer
            self.pool.release(connection)
            opened += 1
        return opened

    def close(self) -> None:
        """Close every connection, end every call in flight. Never waits."""
        self.pool.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pool!r}>"
