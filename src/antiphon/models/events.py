"""What happens on the wire, told as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antiphon.models.headers import Headers


class TransportObserver:
    """Told by the engine what it did; override what you want to know.

    Methods run in the thread or task of the call and must not block. One that raises is logged
    under "antiphon" and otherwise ignored. Byte counts are bytes on the wire.
    """

    __slots__ = ()

    def name_resolved(self, host: str, addresses: Sequence[str]) -> None:
        """`host` was resolved to `addresses`, in the order in which they will be tried."""

    def connection_started(self, host: str, port: int, address: str) -> None:
        """A TCP connection to `address` was begun; several may be, of which one is kept."""

    def connection_established(self, host: str, port: int, address: str) -> None:
        """The TCP connection to `address` is open."""

    def tls_established(
        self, host: str, port: int, version: str | None, cipher: str | None, alpn: str | None
    ) -> None:
        """The TLS handshake is done and the certificate verified."""

    def connection_acquired(self, host: str, port: int, reused: bool, http_version: str) -> None:
        """A call got its connection, `reused` if it has served another before."""

    def request_sent(self, byte_count: int) -> None:
        """The whole request is sent: head, framing and body are `byte_count` bytes."""

    def informational(self, status: int, headers: Headers) -> None:
        """A 1xx response came before the final one (RFC 9110 section 15.2)."""

    def response_started(self, status: int, headers: Headers) -> None:
        """The head of the final response is complete."""

    def response_received(self, byte_count: int) -> None:
        """The whole response came: head, framing and encoded body are `byte_count` bytes."""

    def connection_released(self, host: str, port: int) -> None:
        """The connection went back to the pool, ready for another call."""

    def connection_closed(self, host: str, port: int, reason: str) -> None:
        """The connection was closed, for `reason`."""


def combine_observers(
    first: TransportObserver | None, second: TransportObserver | None
) -> TransportObserver | None:
    """Return one observer that tells both, in order, and survives what they raise.

    None if there is nobody to tell. With one observer the result still guards the call from it.
    """
    observers = tuple(observer for observer in (first, second) if observer is not None)
    if not observers:
        return None
    if len(observers) == 1 and isinstance(observers[0], _GuardedObservers):
        return observers[0]
    return _GuardedObservers(observers)


class _GuardedObservers(TransportObserver):
    """Tells several observers; one that raises neither stops the call nor silences the others."""

    __slots__ = ("_observers",)

    def __init__(self, observers: tuple[TransportObserver, ...]) -> None:
        self._observers = observers

    def name_resolved(self, host: str, addresses: Sequence[str]) -> None:
        self._tell("name_resolved", host, addresses)

    def connection_started(self, host: str, port: int, address: str) -> None:
        self._tell("connection_started", host, port, address)

    def connection_established(self, host: str, port: int, address: str) -> None:
        self._tell("connection_established", host, port, address)

    def tls_established(
        self, host: str, port: int, version: str | None, cipher: str | None, alpn: str | None
    ) -> None:
        self._tell("tls_established", host, port, version, cipher, alpn)

    def connection_acquired(self, host: str, port: int, reused: bool, http_version: str) -> None:
        self._tell("connection_acquired", host, port, reused, http_version)

    def request_sent(self, byte_count: int) -> None:
        self._tell("request_sent", byte_count)

    def informational(self, status: int, headers: Headers) -> None:
        self._tell("informational", status, headers)

    def response_started(self, status: int, headers: Headers) -> None:
        self._tell("response_started", status, headers)

    def response_received(self, byte_count: int) -> None:
        self._tell("response_received", byte_count)

    def connection_released(self, host: str, port: int) -> None:
        self._tell("connection_released", host, port)

    def connection_closed(self, host: str, port: int, reason: str) -> None:
        self._tell("connection_closed", host, port, reason)

    def _tell(self, event: str, *facts: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, event)(*facts)
            except Exception as error:  # noqa: BLE001 - a guest must not break the call
                log_failure(observer, event, error)


def log_failure(guest: object, event: str, error: Exception) -> None:
    """Say under "antiphon" that `guest`, who was only told of something, raised."""
    import logging

    logging.getLogger("antiphon").error(
        "%s.%s raised; the call goes on without it",
        type(guest).__name__,
        event,
        exc_info=error,
    )
