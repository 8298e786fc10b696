"""`FaultServer`: a server on the loopback interface that misbehaves as it is told."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from antiphon.testing import faults
from antiphon.testing.fault_connection import ClientLeft, FaultConnection
from antiphon.testing.fault_records import FaultLog
from antiphon.testing.fault_script import Handshake, Script

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from antiphon.testing.fault_records import ReceivedConnection, ReceivedRequest

JOIN_SECONDS = 10.0
"""How long leaving the block waits for each thread of the server."""


class FaultServer:
    """Does to the first connection what the first script says, to the second the second, and so on.

    Connections beyond the last script get `then`, by default a good server that says hello. With
    `tls` it speaks TLS. It listens on 127.0.0.1 from its construction, serves inside of its `with`
    block, with one thread a connection, and has closed everything when the block is left.

        with FaultServer([Answer(), ReadRequest(), Reset()]) as server:
            client.get(server.url)  # answered
            client.get(server.url)  # read, then the connection is reset
            assert len(server.requests) == 2

    Raises what a script has raised, other than OSError, when the block is left.
    """

    def __init__(
        self,
        *scripts: Script,
        then: Script = faults.GOOD,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._scripts = list(scripts)
        self._then = then
        self._tls = tls
        self._log = FaultLog()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._open: set[FaultConnection] = set()
        self._threads: list[threading.Thread] = []
        self.host: str = "127.0.0.1"
        self.port: int = self._listener.getsockname()[1]
        self.url: str = f"{'http' if tls is None else 'https'}://{self.host}:{self.port}/"

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """What was received so far, in order: count it to know whether something came twice."""
        return self._log.requests

    @property
    def connections(self) -> tuple[ReceivedConnection, ...]:
        """The connections accepted so far, in order."""
        return self._log.connections

    @property
    def received_bytes(self) -> int:
        """How many bytes were read in all, without the TLS around them."""
        return sum(record.received_bytes for record in self._log.connections)

    def add(self, *scripts: Script) -> None:
        """Add scripts for connections that come after those that have one."""
        with self._lock:
            self._scripts += scripts

    def release(self, name: str) -> None:
        """Let scripts go on that stand at `Hold(name)`, now or later."""
        self._log.release(name)

    def wait_for(self, condition: Callable[[], object], timeout: float = 10.0) -> None:
        """Block until `condition()` is true, asking after everything that the server notes.

        Raises the builtin `TimeoutError` after `timeout` seconds.
        """
        if not self._log.wait_for(condition, timeout):
            raise TimeoutError(f"what was waited for did not happen in {timeout} s")

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections inside of the block, at the same port; those there are live on."""
        self._close_listener()
        # Bound but not listening: nobody else gets the port, and whoever connects is refused.
        with socket.socket() as placeholder:
            placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            placeholder.bind((self.host, self.port))
            try:
                yield
            finally:
                placeholder.close()
                self._listener = socket.create_server((self.host, self.port), backlog=512)
                self._start(self._accept, self._listener)

    # Life. ---------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._start(self._accept, self._listener)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
        if exc_info[0] is None:
            for error in self._log.errors:
                raise error

    def close(self) -> None:
        """Close the listener and every connection, and wait for the threads to end."""
        self._log.close()
        self._close_listener()
        with self._lock:
            connections = list(self._open)
            threads = list(self._threads)
        for connection in connections:
            _wake(connection.sock)
        for thread in threads:
            thread.join(JOIN_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"the thread {thread.name} of a FaultServer does not end")

    def _close_listener(self) -> None:
        # shutdown() wakes the thread in accept(); close() alone would not.
        _wake(self._listener)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="FaultServer", daemon=True)
        with self._lock:
            self._threads = [known for known in self._threads if known.is_alive()]
            thread.start()
            self._threads.append(thread)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if self._log.closing:
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = FaultConnection(
                sock, self._log.connection_accepted(), self._log, self._tls
            )
            with self._lock:
                self._open.add(connection)
                script = self._scripts.pop(0) if self._scripts else self._then
            self._start(self._serve, connection, script)

    def _serve(self, connection: FaultConnection, script: Script) -> None:
        try:
            if not any(isinstance(step, Handshake) for step in script):
                connection.shake_hands()
            for step in script:
                step.perform(connection)
        except (ClientLeft, OSError):
            pass
        except BaseException as error:  # noqa: BLE001 - raised again when the server is closed
            self._log.script_failed(error)
        finally:
            connection.close()
            with self._lock:
                self._open.discard(connection)
            self._log.connection_closed(connection.number)

    def __repr__(self) -> str:
        return f"<FaultServer at {self.url}, {len(self._log.connections)} connections>"


def _wake(sock: socket.socket) -> None:
    """End whatever waits for the socket, in any thread."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
