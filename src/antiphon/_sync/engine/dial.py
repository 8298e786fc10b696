# GENERATED from _async/engine/dial.py by tools/unasync.py. Do not edit.
"""Opening a connection: name resolution, TCP by Happy Eyeballs, TLS."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

from antiphon._sync.engine.connection import Connection
from antiphon.errors import ConnectError, NameResolutionError
from antiphon.network.urllib3_network import wait_any
from antiphon.network.thread_parker import Parker
from antiphon.network.channel import PlainChannel, is_writable
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.network.resolver import numeric, start_lookup
from antiphon.policies.happy_eyeballs import ATTEMPT_DELAY, interleave

if TYPE_CHECKING:
    from antiphon._sync.engine.tls import TLSStarter
    from antiphon.models.events import TransportObserver
    from antiphon.models.origin import Origin
    from antiphon.models.timings import Timeline
    from antiphon.network.resolver import Address
    from antiphon.policies.patience import Patience

# What a non-blocking connect says when it has begun (POSIX, and Windows' word for it).
_BEGUN = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)}


class Dialler:
    """Opens one connection within one `connect` time, from the name to the end of the handshake."""

    __slots__ = ("_deadline", "_observer", "_origin", "_patience", "_timeline")

    def __init__(
        self,
        origin: Origin,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> None:
        self._origin = origin
        self._patience = patience
        self._timeline = timeline
        self._observer = observer
        self._deadline = patience.until(patience.connect, now())

    def connect(self) -> socket.socket:
        """A connected, non-blocking TCP socket; raises `ConnectError` and its kin."""
        addresses = self._resolve()
        self._timeline.connect_started = now()
        sock = self._race(addresses)
        self._timeline.connected = now()
        return sock

    def open(self, tls: TLSStarter | None) -> Connection:
        """A connection ready for its first request; `tls` is given for https."""
        sock = self.connect()
        if tls is None:
            return Connection(self._origin, PlainChannel(sock))
        channel = tls.start(
            PlainChannel(sock),
            self._origin,
            self._deadline,
            self._patience,
            self._timeline,
            self._observer,
        )
        return Connection(self._origin, channel, channel.info)

    def _resolve(self) -> list[Address]:
        host, port = self._origin.host, self._origin.port
        address = numeric(host, port)
        if address is not None:
            return [address]
        self._timeline.resolve_started = now()
        parker = Parker()
        lookup = start_lookup(host, port, parker.unpark)
        outcome = parker.park(self._deadline, self._patience.cancel)
        if outcome is CANCELLED:
            raise self._patience.exhausted("connect", now(), "no", cancelled=True)
        if lookup.error is not None:
            raise NameResolutionError(
                f"the name {host!r} could not be resolved: {lookup.error}; "
                "check the spelling of the host and this machine's DNS",
                request=self._patience.request,
            ) from lookup.error
        if lookup.addresses is None:
            raise self._patience.exhausted("connect", now(), "no", cancelled=False)
        if not lookup.addresses:
            raise NameResolutionError(
                f"the name {host!r} has no IPv4 or IPv6 address", request=self._patience.request
            )
        self._timeline.resolved = now()
        addresses = interleave(lookup.addresses)
        if self._observer is not None:
            self._observer.name_resolved(host, [address[0] for _, address in addresses])
        return addresses  # type: ignore[return-value]

    def _race(self, addresses: list[Address]) -> socket.socket:
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
                outcome = wait_any((), list(pending), until, self._patience.cancel)
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
                self._observer.connection_started(self._origin.host, self._origin.port, address[0])
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
                code = sock.connect_ex(address)
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
                self._observer.connection_established(
                    self._origin.host, self._origin.port, address[0]
                )
            return sock
        return None

    def _refused(self, addresses: list[Address], errors: list[OSError]) -> ConnectError:
        reasons = "; ".join(dict.fromkeys(str(error.strerror or error) for error in errors))
        tried = ", ".join(address[0] for _, address in addresses[:4])
        more = f" and {len(addresses) - 4} more" if len(addresses) > 4 else ""
        error = ConnectError(
            f"no connection to {self._origin} ({tried}{more}): {reasons}; "
            "check that the server runs and listens there",
            request=self._patience.request,
        )
        error.__cause__ = errors[-1] if errors else None
        return error
