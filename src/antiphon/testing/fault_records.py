"""What a `FaultServer` has received, written by its threads and read by the test."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

import attrs

from antiphon.models.headers import EMPTY_HEADERS, Headers

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_KEPT_BODY = 1024 * 1024
"""Bytes of a request body that are kept; the rest is counted."""


@attrs.frozen
class ReceivedRequest:
    """One request that a `FaultServer` has read, at least to the end of its head.

    `connection` counts from 0 in the order of acceptance. `body` holds at most 1 MiB of the
    `body_length` bytes that were read, and `complete` tells whether those were all.
    """

    connection: int
    method: str
    target: str
    headers: Headers = EMPTY_HEADERS
    body: bytes = b""
    body_length: int = 0
    complete: bool = False


@attrs.frozen
class ReceivedConnection:
    """One accepted connection: the bytes read from it and sent over it, without TLS around them."""

    number: int
    received_bytes: int = 0
    sent_bytes: int = 0
    is_open: bool = True


class FaultLog:
    """The record of a server, safe to read from any thread; every reading is a snapshot."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[ReceivedRequest] = []
        self._connections: list[ReceivedConnection] = []
        self._released: set[str] = set()
        self._errors: list[BaseException] = []
        self._closing = False

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """The requests in the order in which their heads were complete."""
        with self._changed:
            return tuple(self._requests)

    @property
    def connections(self) -> tuple[ReceivedConnection, ...]:
        """The connections in the order in which they were accepted."""
        with self._changed:
            return tuple(self._connections)

    @property
    def errors(self) -> tuple[BaseException, ...]:
        """What went wrong in the scripts themselves; a client that leaves is no error."""
        with self._changed:
            return tuple(self._errors)

    @property
    def closing(self) -> bool:
        """Whether the server is being closed."""
        return self._closing

    def wait_for(self, condition: Callable[[], object], timeout: float) -> bool:
        """Wait until `condition()` holds after a change, at most `timeout` seconds."""
        end = monotonic() + timeout
        while True:
            if condition():
                return True
            with self._changed:
                # Asked outside of the lock, so that the condition may read this record; a change
                # in between is noticed a moment later.
                left = end - monotonic()
                if left <= 0:
                    return bool(condition())
                self._changed.wait(min(left, 0.05))

    def wait_released(self, name: str) -> bool:
        """Wait for `release(name)`; False if the server is closed instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or name in self._released)
            return not self._closing

    def wait_closing(self, seconds: float | None = None) -> bool:
        """Wait until the server is being closed, at most `seconds`; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closing, seconds)

    def release(self, name: str) -> None:
        """Let the scripts go on that are held by this name, now or later."""
        with self._changed:
            self._released.add(name)
            self._changed.notify_all()

    def close(self) -> None:
        """End all waiting."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    # Written by the server's threads. ------------------------------------------------------------

    def connection_accepted(self) -> int:
        """Add a connection; returns its number."""
        with self._changed:
            number = len(self._connections)
            self._connections.append(ReceivedConnection(number))
            self._changed.notify_all()
            return number

    def bytes_moved(self, number: int, *, received: int = 0, sent: int = 0) -> None:
        """Count bytes of a connection."""
        with self._changed:
            record = self._connections[number]
            self._connections[number] = attrs.evolve(
                record,
                received_bytes=record.received_bytes + received,
                sent_bytes=record.sent_bytes + sent,
            )
            self._changed.notify_all()

    def connection_closed(self, number: int) -> None:
        """Note that the server has closed its side."""
        with self._changed:
            self._connections[number] = attrs.evolve(self._connections[number], is_open=False)
            self._changed.notify_all()

    def head_received(self, number: int, method: str, target: str, headers: Headers) -> int:
        """Add a request whose body is still to be read; returns its place."""
        with self._changed:
            self._requests.append(ReceivedRequest(number, method, target, headers))
            self._changed.notify_all()
            return len(self._requests) - 1

    def body_received(self, place: int, data: bytes, *, complete: bool = False) -> None:
        """Add body bytes to a request."""
        with self._changed:
            record = self._requests[place]
            room = MAX_KEPT_BODY - len(record.body)
            self._requests[place] = attrs.evolve(
                record,
                body=record.body + data[:room] if room > 0 else record.body,
                body_length=record.body_length + len(data),
                complete=complete,
            )
            self._changed.notify_all()

    def script_failed(self, error: BaseException) -> None:
        """Keep an error of a script for whoever closes the server."""
        with self._changed:
            self._errors.append(error)
