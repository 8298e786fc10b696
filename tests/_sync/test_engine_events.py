# GENERATED from _async/test_engine_events.py by tools/unasync.py. Do not edit.
"""What the observer is told is what happened on the wire."""

from __future__ import annotations

import socket

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.errors import ConnectError, ReadTimeout
from antiphon.models.body_builder import build_body
from antiphon.models.events import TransportObserver
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from tests._sync.engine_calls import ask
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer
from tests.servers import Scripted, over_tls, until_closed


class Notes(TransportObserver):
    """Writes down every event."""

    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []

    def __getattribute__(self, name: str) -> object:
        if name in vars(TransportObserver) and not name.startswith("_"):
            return lambda *args: self.events.append((name, *args))
        return super().__getattribute__(name)

    def names(self) -> list[object]:
        """The names of the events so far."""
        return [event[0] for event in self.events]


def test_first_and_second_request() -> None:
    """The events of a request on a new connection, and of one on a reused connection."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    script = Scripted([b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO, chunked])
    with LoopbackServer(script) as server:
        engine = Engine()
        notes = Notes()
        body = build_body(content=b"ping")
        (ask(engine, server.url, "POST", body=body, observer=notes)).read()
        port = server.port
        sent = len(script.requests[0][1]) + 4
        interim = len(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        assert [
            ("connection_started", "127.0.0.1", port, "127.0.0.1"),
            ("connection_established", "127.0.0.1", port, "127.0.0.1"),
            ("connection_acquired", "127.0.0.1", port, False, "HTTP/1.1"),
            ("request_sent", sent),
        ] == notes.events[:4]
        assert ("informational", 103) == notes.events[4][:2]
        assert ("response_started", 200) == notes.events[5][:2]
        assert [
            ("response_received", interim + len(HELLO)),
            ("connection_released", "127.0.0.1", port),
        ] == notes.events[6:]

        notes.events.clear()
        (ask(engine, server.url, observer=notes)).read()
        assert ("connection_acquired", "127.0.0.1", port, True, "HTTP/1.1") == notes.events[0]
        assert ("request_sent", len(script.requests[1][1])) == notes.events[1]
        assert ("response_received", len(chunked)) == notes.events[3]

        notes.events.clear()
        engine.close()
    assert [("connection_closed", "127.0.0.1", port, "the client was closed")] == notes.events


def test_large_upload_is_counted_by_the_byte() -> None:
    """A chunked upload counts its framing too."""

    def read_chunks(connection: socket.socket) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65_536)
        counts.append(len(data))
        connection.sendall(HELLO)

    counts: list[int] = []
    script = Scripted([read_chunks])
    with LoopbackServer(script) as server:
        engine = Engine()
        notes = Notes()
        body = build_body(content=(bytes(100_000) for _ in range(5)))
        stream = ask(engine, server.url, "POST", body=body, observer=notes)
        stream.read()
        engine.close()
    assert ("request_sent", len(script.requests[0][1]) + counts[0]) in notes.events
    assert counts[0] > 500_000


def test_names_and_tls() -> None:
    """Resolution and TLS are told of, and `timings` has their times."""
    handler = over_tls(server_context("localhost"), Scripted([HELLO]))
    with LoopbackServer(handler) as server:
        engine = Engine(tls=TLSConfig(ca_file=ca_file()))
        notes = Notes()
        stream = ask(engine, f"https://localhost:{server.port}/", observer=notes)
        stream.read()
        engine.close()
    by_name = {event[0]: event[1:] for event in notes.events}
    assert "127.0.0.1" in by_name["name_resolved"][1]  # type: ignore[operator]
    host, port, version, cipher, alpn = by_name["tls_established"]
    assert ("localhost", server.port, "TLSv1.3", "http/1.1") == (host, port, version, alpn)
    assert cipher
    timings = stream.timings
    phases = [
        timings.pool_wait,
        timings.dns,
        timings.connect,
        timings.tls,
        timings.request_sent,
        timings.first_byte,
    ]
    assert all(phase is not None and phase >= 0 for phase in phases)
    assert timings.total is not None
    assert timings.total >= sum(phase for phase in phases if phase is not None) * 0.99


def test_reused_connection_has_no_connect_time() -> None:
    """On a reused connection nothing was resolved, connected or shaken hands with."""
    with LoopbackServer(Scripted([HELLO, HELLO])) as server:
        engine = Engine()
        (ask(engine, server.url)).read()
        stream = ask(engine, server.url)
        stream.read()
        engine.close()
    timings = stream.timings
    assert (None, None, None) == (timings.dns, timings.connect, timings.tls)
    assert timings.total is not None


def test_failures_are_told() -> None:
    """A connection closed for a time-out says so, and a refused one was never established."""
    with LoopbackServer(Scripted([until_closed])) as server:
        engine = Engine()
        notes = Notes()
        with pytest.raises(ReadTimeout):
            ask(engine, server.url, timeout=Timeout(read=0.02), observer=notes)
        name, _, _, reason = notes.events[-1]
        assert "connection_closed" == name
        assert "sent nothing within" in str(reason)
    notes.events.clear()
    with pytest.raises(ConnectError):
        ask(engine, server.url, observer=notes)
    assert ["connection_started"] == notes.names()
    engine.close()


def test_idle_connections_tell_of_their_end() -> None:
    """A connection that is not kept says why."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = Engine(limits=Limits(max_idle_connections=0))
        notes = Notes()
        (ask(engine, server.url, observer=notes)).read()
        assert ["connection_released", "connection_closed"] == notes.names()[-2:]
        assert "max_idle_connections" in str(notes.events[-1][3])
        engine.close()
