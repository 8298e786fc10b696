# GENERATED from _async/test_connecting.py by tools/unasync.py. Do not edit.
"""Where to connect: unix sockets, own addresses, socket options, IP versions, private addresses."""

from __future__ import annotations

import errno
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    ConnectError,
    ConnectTimeout,
    DestinationRefusedError,
    NameResolutionError,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.connecting import Connecting
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from antiphon.network import resolver
from antiphon.network.urllib3_network import wait_any
from antiphon.network.outcome import CANCELLED, Outcome
from antiphon.policies.special_addresses import special_kind
from tests._sync.test_engine_events import Notes
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import SocksProxy
from tests.servers import Scripted, over_tls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Handler

PUBLIC_ONLY = Connecting(allow_private=False)
REDIRECT = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def unix_server(handle: Handler) -> Iterator[str]:
    """A server at a unix socket; gives its path."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()

            def serve() -> None:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    handle(connection)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield path
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


# Unix sockets. -----------------------------------------------------------------------------------


def test_unix_socket() -> None:
    """Every URL is requested over the unix socket; its host goes into the Host header."""
    script = Scripted([HELLO, HELLO])
    notes = Notes()
    with unix_server(script) as path:
        with Client(connecting=Connecting(uds=path), observer=notes) as client:
            for _ in range(2):
                response = client.get("http://docker.test/v1/info")
                assert "hello" == response.text
    assert 1 == script.opened
    assert b"\r\nHost: docker.test\r\n" in script.requests[0][1]
    assert ("connection_established", "docker.test", 80, path) in notes.events


def test_tls_over_a_unix_socket() -> None:
    """TLS is spoken over a unix socket too, for the host of the URL."""
    with unix_server(over_tls(server_context("inside.test"), answering(HELLO))) as path:
        tls = TLSConfig(ca_file=ca_file())
        with Client(connecting=Connecting(uds=Path(path)), tls=tls) as client:
            assert "hello" == (client.get("https://inside.test/")).text


def test_unix_socket_without_server(tmp_path: Path) -> None:
    """A unix socket that is not there is a ConnectError with its path."""
    path = str(tmp_path / "missing")
    with Client(connecting=Connecting(uds=path), retry=None) as client:
        with pytest.raises(ConnectError, match=f"unix socket '{path}': No such file"):
            client.get("http://docker.test/")


@contextmanager
def full_unix_socket() -> Iterator[str]:
    """A unix socket that listens and takes nobody any more."""
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = str(Path(folder) / "socket")
        listener.bind(path)
        listener.listen(0)
        waiting = []
        try:
            while True:
                one = socket.socket(socket.AF_UNIX)
                one.setblocking(False)
                waiting.append(one)
                if one.connect_ex(path) == errno.EAGAIN:
                    break
            yield path
        finally:
            for one in waiting:
                one.close()


def test_unix_socket_with_a_full_queue() -> None:
    """A server that takes nobody is asked again until the connect time is over."""
    with full_unix_socket() as path:
        connecting = Connecting(uds=path)
        with Client(connecting=connecting, timeout=Timeout(connect=0.05)) as client:
            with pytest.raises(ConnectTimeout):
                client.with_options(retry=None).get("http://docker.test/")
            cancel = CancelToken()
            threading.Timer(0.02, cancel.cancel).start()
            with pytest.raises(RequestCancelled):
                client.get("http://docker.test/", cancel=cancel, timeout=None)


# Own addresses and options. ----------------------------------------------------------------------


def test_local_address() -> None:
    """Connections come from the address that was asked for."""
    peers: list[str] = []

    def handle(connection: socket.socket) -> None:
        peers.append(connection.getpeername()[0])
        answering(HELLO)(connection)

    with LoopbackServer(handle) as server:
        with Client(connecting=Connecting(local_address="127.0.0.5")) as client:
            assert "hello" == (client.get(server.url)).text
    assert ["127.0.0.5"] == peers


def test_local_address_of_nobody() -> None:
    """An address that this machine does not have is a ConnectError."""
    with LoopbackServer(answering(HELLO)) as server:
        connecting = Connecting(local_address="192.0.2.1")
        with Client(connecting=connecting, retry=None) as client:
            with pytest.raises(ConnectError, match="Cannot assign requested address"):
                client.get(server.url)


def test_socket_options() -> None:
    """Options are set on every socket, of both kinds."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    connecting = Connecting(socket_options=options)
    with LoopbackServer(answering(HELLO)) as server, unix_server(answering(HELLO)) as path:
        for one in (connecting, Connecting(socket_options=options, uds=path)):
            with Client(connecting=one) as client:
                assert "hello" == (client.get(server.url)).text
                connection = next(client._core.transport.pool._plan.idle())  # type: ignore[attr-defined]
                sock = connection.channel.sock
                assert 1 == sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_socket_option_that_cannot_be_set(tmp_path: Path) -> None:
    """An option that the system refuses is a ConnectError that says why, for each address."""
    option = (socket.SOL_SOCKET, 9999, 1)
    resolve = {"both.test": ["127.0.0.1", "127.0.0.2"]}
    for path in (None, tmp_path / "socket"):
        connecting = Connecting(socket_options=[option], uds=path)
        with Client(connecting=connecting, resolve=resolve, retry=None) as client:
            with pytest.raises(ConnectError, match="Protocol not available"):
                client.get("http://both.test/")


def test_cancelled_when_just_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is made in the moment of the cancellation is closed."""
    cancel = CancelToken()

    def wait(*args: object) -> Outcome:
        """Wait for the connection, and be cancelled then."""
        wait_any(*args[:3], None)  # type: ignore[arg-type]
        cancel.cancel("too late")
        return CANCELLED

    monkeypatch.setattr("antiphon._sync.engine.dial.wait_any", wait)
    with LoopbackServer(answering(HELLO)) as server:
        with Client() as client:
            with pytest.raises(RequestCancelled, match="too late"):
                client.get(server.url, cancel=cancel)
            assert 0 == client._core.transport.pool._plan.open_count  # type: ignore[attr-defined]


def test_addresses_that_cannot_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A family that the machine lacks and an address without a route are passed over at once."""
    with LoopbackServer(answering(HELLO)) as server:
        # Nothing is sent to a multicast address: TCP has no use for one.
        found = [(9999, ("x", 1)), (2, ("224.0.0.1", 9)), (2, ("127.0.0.1", server.port))]
        monkeypatch.setattr(resolver, "resolve_now", lambda host, port: found)
        with Client() as client:
            assert "hello" == (client.get("http://odd.test/")).text


def test_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong with a socket that is being connected, it is closed."""
    monkeypatch.setattr(resolver, "resolve_now", lambda host, port: [(2, ("127.0.0.1",))])
    with Client() as client:
        with pytest.raises(TypeError):
            client.get("http://odd.test/")
        assert 0 == client._core.transport.pool._plan.open_count  # type: ignore[attr-defined]


# IPv4 and IPv6. ----------------------------------------------------------------------------------

FOUND = [
    (socket.AF_INET, ("127.0.0.1", 9)),
    (socket.AF_INET6, ("::1", 9, 0, 0)),
    (socket.AF_INET, ("127.0.0.2", 9)),
]


@pytest.mark.parametrize(
    ("connecting", "expected"),
    [
        (Connecting(), ["127.0.0.1", "::1", "127.0.0.2"]),
        (Connecting(ip_version="4"), ["127.0.0.1", "127.0.0.2"]),
        (Connecting(ip_version="6"), ["::1"]),
        (Connecting(ip_version="prefer4"), ["127.0.0.1", "::1", "127.0.0.2"]),
        (Connecting(ip_version="prefer6"), ["::1", "127.0.0.1", "127.0.0.2"]),
        (Connecting(local_address="::1"), ["::1"]),
        (Connecting(local_address="127.0.0.1"), ["127.0.0.1", "127.0.0.2"]),
    ],
)
def test_ip_version(
    connecting: Connecting, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The addresses of a name are tried in the order that was asked for."""
    monkeypatch.setattr(resolver, "resolve_now", lambda host, port: FOUND)
    notes = Notes()
    with Client(connecting=connecting, observer=notes, retry=None) as client:
        with pytest.raises(ConnectError):
            client.get("http://both.test:9/")
    assert ("name_resolved", "both.test", expected) in notes.events


@pytest.mark.parametrize(("version", "host"), [("6", "127.0.0.1"), ("4", "[::1]")])
def test_no_address_of_that_version(version: str, host: str) -> None:
    """A host without an address of the wanted kind is an error that says so."""
    connecting = Connecting(ip_version=version)  # type: ignore[arg-type]
    with Client(connecting=connecting, retry=None) as client:
        with pytest.raises(NameResolutionError, match=f"has no IPv{version} address"):
            client.get(f"http://{host}/")


# Private addresses. ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "is a loopback address"),
        ("[::1]", "is a loopback address"),
        ("0x7f.1", "is a loopback address"),
        ("169.254.169.254", "is a link-local address"),
        ("10.1.2.3", "is a private or reserved address"),
        ("[::ffff:10.1.2.3]", "leads to ::ffff:10.1.2.3, a private or reserved address"),
        ("0.0.0.0", "is the unspecified address"),
        ("localhost", "leads to 127.0.0.1, a loopback address"),
    ],
)
def test_private_addresses_are_refused(host: str, kind: str) -> None:
    """With allow_private=False nothing but the public internet is connected to."""
    resolve = {"localhost": "127.0.0.1"}
    with Client(connecting=PUBLIC_ONLY, resolve=resolve) as client:
        with pytest.raises(DestinationRefusedError, match=kind) as caught:
            client.get(f"http://{host}/")
    assert 1 == len(caught.value.attempts)


def test_each_redirect_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public server cannot send the client to a private one."""
    loopback_is_public(monkeypatch)
    script = Scripted([REDIRECT.format("http://10.0.0.1/secret").encode()])
    with LoopbackServer(script) as public:
        with Client(connecting=PUBLIC_ONLY) as client:
            with pytest.raises(DestinationRefusedError, match=r"http://10\.0\.0\.1 is a private"):
                client.get(public.url)
    assert 1 == script.opened


def test_private_addresses_of_a_public_name_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a name with both kinds of address only the public ones are connected to."""
    loopback_is_public(monkeypatch)
    notes = Notes()
    resolve = {"both.test": ["10.0.0.1", "127.0.0.1", "::1"]}
    with LoopbackServer(answering(HELLO)) as server:
        with Client(connecting=PUBLIC_ONLY, resolve=resolve, observer=notes) as client:
            assert "hello" == (client.get(f"http://both.test:{server.port}/")).text
    started = [event[3] for event in notes.events if event[0] == "connection_started"]
    assert ["127.0.0.1"] == started


def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 127.0.0.1 pass for a public address, as there is no other in a test."""
    module = "antiphon.policies.special_addresses.special_kind"
    monkeypatch.setattr(module, lambda text: None if text == "127.0.0.1" else special_kind(text))


@pytest.mark.parametrize("scheme", ["http", "socks5h", "socks4a", "socks5", "socks4"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "sub.localhost."])
def test_private_addresses_through_a_proxy(scheme: str, host: str) -> None:
    """The proxy may be private; what it is asked for may not, as far as that is seen from here."""
    resolve = {"localhost": "127.0.0.1", "sub.localhost.": "127.0.0.1"}
    with LoopbackServer(SocksProxy()) as proxy:
        url = f"{scheme}://127.0.0.1:{proxy.port}"
        with Client(proxy=url, connecting=PUBLIC_ONLY, resolve=resolve) as client:
            with pytest.raises(DestinationRefusedError, match="allow_private=False"):
                client.get(f"http://{host}/")


def test_names_are_the_proxys_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that the proxy resolves is asked for: where it leads, only the proxy sees."""
    loopback_is_public(monkeypatch)
    socks = SocksProxy()
    with LoopbackServer(socks) as proxy, LoopbackServer(answering(HELLO)) as server:
        url = f"socks5h://127.0.0.1:{proxy.port}"
        with Client(proxy=url, connecting=PUBLIC_ONLY) as client:
            for host in ("name.test", "127.0.0.1"):
                assert "hello" == (client.get(f"http://{host}:{server.port}/")).text
    assert ["name.test", "127.0.0.1"] == [host for _, host, _ in socks.asked]
