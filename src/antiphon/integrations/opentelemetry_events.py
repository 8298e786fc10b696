"""What the wire does for a request, as events and attributes of its span."""

# The signatures are those of every observer; a span has a place for some of what they are told.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.integrations.http_attributes import protocol_version
from antiphon.models.events import TransportObserver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.trace import Span

    from antiphon.models.headers import Headers


class WireEvents(TransportObserver):
    """Tells the span of one request what the wire did for it; once it has ended, nobody."""

    __slots__ = ("_events", "_sizes", "_span")

    def __init__(self, span: Span, *, events: bool, sizes: bool) -> None:
        self._span = span
        self._events = events
        self._sizes = sizes

    def _add(self, name: str, facts: Mapping[str, str | bool | int | Sequence[str]]) -> None:
        if self._events and self._span.is_recording():
            self._span.add_event(name, facts)

    def name_resolved(self, host: str, addresses: Sequence[str]) -> None:
        self._add("name_resolved", {"server.address": host, "addresses": tuple(addresses)})

    def connection_started(self, host: str, port: int, address: str) -> None:
        self._add(
            "connection_started", {"network.peer.address": address, "network.peer.port": port}
        )

    def connection_established(self, host: str, port: int, address: str) -> None:
        facts: dict[str, str | int] = {
            "network.peer.address": address,
            "network.peer.port": port,
        }
        self._add("connection_established", facts)
        if self._span.is_recording():
            for name, value in facts.items():
                self._span.set_attribute(name, value)

    def tls_established(
        self, host: str, port: int, version: str | None, cipher: str | None, alpn: str | None
    ) -> None:
        facts = {
            "tls.protocol.version": version or "",
            "tls.cipher": cipher or "",
            "tls.next_protocol": alpn or "",
        }
        self._add("tls_established", {name: value for name, value in facts.items() if value})

    def connection_acquired(self, host: str, port: int, reused: bool, http_version: str) -> None:
        self._add("connection_acquired", {"reused": reused})
        if self._span.is_recording():
            self._span.set_attribute("network.protocol.version", protocol_version(http_version))

    def request_sent(self, byte_count: int) -> None:
        self._add("request_sent", {"bytes": byte_count})
        self._size("http.request.size", byte_count)

    def informational(self, status: int, headers: Headers) -> None:
        self._add("informational", {"http.response.status_code": status})

    def response_started(self, status: int, headers: Headers) -> None:
        self._add("response_started", {"http.response.status_code": status})

    def response_received(self, byte_count: int) -> None:
        self._add("response_received", {"bytes": byte_count})
        self._size("http.response.size", byte_count)

    def connection_released(self, host: str, port: int) -> None:
        self._add("connection_released", {})

    def connection_closed(self, host: str, port: int, reason: str) -> None:
        self._add("connection_closed", {"reason": reason})

    def _size(self, name: str, byte_count: int) -> None:
        if self._sizes and self._span.is_recording():
            self._span.set_attribute(name, byte_count)
