# Source of _sync/engine/dial.py; after editing run: tox -e codegen
"""Reaching one host: name resolution and TCP by Happy Eyeballs, or a unix socket."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

from antiphon._async.engine.resolving import AsyncResolution
from antiphon.errors import ConnectError, ProxyError
from antiphon.network.anyio_network import wait_any
from antiphon.network.anyio_parker import sleep
from antiphon.network.channel import is_writable
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.policies.happy_eyeballs import ATTEMPT_DELAY

if TYPE_CHECKING:
    from antiphon._async.engine.settings import AsyncConnectSettings
    from antiphon.models.events import TransportObserver
    from antiphon.models.origin import Origin
    from antiphon.models.timings import Timeline
    from antiphon.network.resolver import Address
    from antiphon.policies.patience import Patience

# What a non-blocking connect says when it has begun (POSIX, and Windows' word for it).
_BEGUN = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)}


# Seconds before a unix socket is tried again whose queue was full: there is nothing to wait for, as
# Linux does not begin such a connect.
_QUEUE_DELAY = 0.005


class AsyncDialler:
    """Opens one TCP connection, or a unix socket's, to `peer`: an origin, or its proxy.

    Raises `ConnectError`, which is a `ProxyError` for a proxy, and its kin.
    """

    __slots__ = (
        "_deadline",
        "_for_proxy",
        "_observer",
        "_patience",
        "_peer",
        "_settings",
        "_timeline",
    )

    def __init__(
        self,
        peer: Origin,
        settings: AsyncConnectSettings,
        deadline: float | None,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
        *,
        for_proxy: bool = False,
    ) -> None:
        self._peer = peer
        self._settings = settings
        self._deadline = deadline
        self._patience = patience
        self._timeline = timeline
        self._observer = observer
        self._for_proxy = for_proxy

    async def connect(self) -> socket.socket:
        """A connected, non-blocking socket."""
        path = self._settings.uds
        if path is not None:
            self._timeline.connect_started = now()
            return await self._connect_unix(path)
        resolution = AsyncResolution(
            self._peer.host, self._peer.port, self._settings, self._deadline, self._patience
        )
        addresses = await resolution.addresses(
            self._timeline, self._observer, any_address=self._for_proxy
        )
        self._timeline.connect_started = now()
        return await self._race(addresses)

    async def _connect_unix(self, path: str) -> socket.socket:
        if self._observer is not None:
            self._observer.connection_started(self._peer.host, self._peer.port, path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            while True:
                try:
                    self._set_options(sock)
                    sock.connect(path)
                except BlockingIOError:
                    outcome = await sleep(_QUEUE_DELAY, self._deadline, self._patience.cancel)
                    if outcome is not READY:
                        raise self._patience.exhausted(
                            "connect", now(), "no", cancelled=outcome is CANCELLED
                        ) from None
                except OSError as error:
                    raise ConnectError(
                        f"no connection to {self._peer} by the unix socket {path!r}: "
                        f"{error.strerror or error}; check that the server runs and listens there",
                        request=self._patience.request,
                    ) from error
                else:
                    break
        except BaseException:
            sock.close()
            raise
        if self._observer is not None:
            self._observer.connection_established(self._peer.host, self._peer.port, path)
        return sock

    async def _race(self, addresses: list[Address]) -> socket.socket:
        """Connect to the addresses, each a little after the other; the first that answers wins.

        RFC 8305, section 5: the next address is tried when the last attempt failed, or has been
        going on for the attempt delay.
        """
        waiting = list(reversed(addresses))
        pending: dict[socket.socket, Address] = {}
        errors: list[OSError] = []
        try:
            while True:
                until = self._begin_next(waiting, pending, errors)
                if not pending:
                    if waiting:
                        continue
                    raise self._refused(addresses, errors)
                if until is None or (self._deadline is not None and self._deadline < until):
                    until = self._deadline
                outcome = await wait_any((), list(pending), until, self._patience.cancel)
                winner = self._settle(pending, errors)
                if outcome is CANCELLED:
                    if winner is not None:
                        winner.close()
                elif winner is not None:
                    return winner
                elif outcome is READY or self._deadline is None or now() < self._deadline:
                    continue
                raise self._patience.exhausted(
                    "connect", now(), "no", cancelled=outcome is CANCELLED
                )
        finally:
            for sock in pending:
                sock.close()

    def _begin_next(
        self,
        waiting: list[Address],
        pending: dict[socket.socket, Address],
        errors: list[OSError],
    ) -> float | None:
        """Start the next attempt, if there is one; returns when the one after it is due."""
        if waiting:
            family, address = waiting.pop()
            if self._observer is not None:
                self._observer.connection_started(self._peer.host, self._peer.port, address[0])
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # a family that this machine does not have
                errors.append(error)
                return None
            try:
                sock.setblocking(False)
                # Requests are written in one piece where they can be; waiting to gather more
                # (Nagle) would only delay the last one.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._set_options(sock)
                local = self._settings.local_address
                if local is not None:
                    sock.bind((local, 0))
                code = sock.connect_ex(address)
            except OSError as error:
                sock.close()
                errors.append(error)
                return None
            except BaseException:
                sock.close()
                raise
            if code in _BEGUN:
                pending[sock] = (family, address)
            else:
                sock.close()
                errors.append(OSError(code, os.strerror(code)))
        return now() + ATTEMPT_DELAY if waiting else None

    def _settle(
        self, pending: dict[socket.socket, Address], errors: list[OSError]
    ) -> socket.socket | None:
        """Sort out which attempts have ended: the first that succeeded, if any did."""
        for sock in list(pending):
            if not is_writable(sock):
                continue
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            _, address = pending.pop(sock)
            if code:
                sock.close()
                errors.append(OSError(code, os.strerror(code)))
                continue
            if self._observer is not None:
                self._observer.connection_established(self._peer.host, self._peer.port, address[0])
            return sock
        return None

    def _set_options(self, sock: socket.socket) -> None:
        for level, option, value in self._settings.socket_options:
            sock.setsockopt(level, option, value)

    def _refused(self, addresses: list[Address], errors: list[OSError]) -> ConnectError:
        reasons = "; ".join(dict.fromkeys(str(error.strerror or error) for error in errors))
        tried = ", ".join(address[0] for _, address in addresses[:4])
        more = f" and {len(addresses) - 4} more" if len(addresses) > 4 else ""
        kind, peer, listener = ConnectError, str(self._peer), "server"
        if self._for_proxy:
            kind, peer, listener = ProxyError, f"the proxy {self._peer}", "proxy"
        error = kind(
            f"no connection to {peer} ({tried}{more}): {reasons}; "
            f"check that the {listener} runs and listens there",
            request=self._patience.request,
        )
        error.__cause__ = errors[-1] if errors else None
        return error
