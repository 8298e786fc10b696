"""Proxies for the tests: real ones in processes of their own, and scripted ones for faults."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.certificates import authority

if TYPE_CHECKING:
    from collections.abc import Callable

USER, PASSWORD = "mallory", "open-sesame"


def proxy_py(*, auth: bool = False, tls: bool = False) -> int:
    """The port of a running proxy.py (PyPI), with credentials and TLS of its own if asked for."""
    return _proxy_py(auth, tls)


@cache
def _proxy_py(auth: bool, tls: bool) -> int:
    folder = Path(mkdtemp())
    options = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", str(folder / "port")]
    options += ["--num-acceptors", "1", "--num-workers", "1", "--log-level", "CRITICAL"]
    options += ["--data-dir", str(folder / "data")]
    if auth:
        options += ["--basic-auth", f"{USER}:{PASSWORD}"]
    if tls:
        certificate = authority().issue_cert("127.0.0.1")
        certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        options += ["--cert-file", str(folder / "cert.pem"), "--key-file", str(folder / "key.pem")]
    process = _started([sys.executable, "-m", "proxy", *options], folder)
    file = folder / "port"
    _wait_for(process, lambda: file.exists() and bool(file.read_text().strip()))
    return int(file.read_text().split()[0])


@cache
def tinyproxy(*, auth: bool = False) -> str:
    """Host and port of a running tinyproxy (Debian), which lets CONNECT through to port 443 only."""
    program = _program("tinyproxy")
    folder = Path(mkdtemp())
    host, port = _free_address()
    lines = [f"Port {port}", f"Listen {host}", "Timeout 600", "Allow 127.0.0.0/8"]
    lines += ["ConnectPort 443", f'PidFile "{folder}/pid"', f'LogFile "{folder}/log"']
    lines += [f"BasicAuth {USER} {PASSWORD}"] if auth else []
    (folder / "tinyproxy.conf").write_text("\n".join(lines) + "\n")
    process = _started([program, "-d", "-c", str(folder / "tinyproxy.conf")], folder)
    _wait_for(process, lambda: _listens(host, port))
    return f"{host}:{port}"


@cache
def microsocks(*, auth: bool = False) -> str:
    """Host and port of a running microsocks (Debian)."""
    program = _program("microsocks")
    host, port = _free_address()
    options = ["-u", USER, "-P", PASSWORD] if auth else []
    process = _started([program, "-i", host, "-p", str(port), *options], None)
    _wait_for(process, lambda: _listens(host, port))
    return f"{host}:{port}"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; `apt-get install {name}` brings it (tox -e full)")
    return found


def _started(command: list[str], folder: Path | None) -> subprocess.Popen[bytes]:
    # A session of its own: proxy.py has worker processes, which are to end with it.
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def end() -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(10)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return process


def _wait_for(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if ready():
            return
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        time.sleep(0.005)  # another process: there is nothing to wait for
    raise AssertionError(f"{process.args!r} did not start")


def _free_address() -> tuple[str, int]:
    # An address of this process's own: on that of all others somebody could take the port between
    # its being found free and the proxy's start.
    number = os.getpid()
    host = f"127.{1 + (number >> 16) % 254}.{number >> 8 & 255}.{number & 255}"
    with socket.create_server((host, 0)) as listener:
        return host, listener.getsockname()[1]


def _listens(host: str, port: int) -> bool:
    with socket.socket() as sock:
        return not sock.connect_ex((host, port))


def stranger() -> trustme.CA:
    """An authority that nobody trusts."""
    return trustme.CA()


def relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until both sides have ended."""

    def carry(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    thread = threading.Thread(target=carry, args=(other, one), daemon=True)
    thread.start()
    carry(one, other)
    thread.join(10)


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """Read so many bytes."""
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("the client has gone")
        data += piece
    return data


class SocksProxy:
    """A handler for `LoopbackServer` that speaks SOCKS4, 4a and 5 and connects to loopback only.

    `asked` lists (version, what was asked for, user). Names lead to 127.0.0.1.
    """

    def __init__(self, *, auth: bool = False) -> None:
        self._auth = auth
        self.asked: list[tuple[int, str, str]] = []

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        version = read_exactly(connection, 1)[0]
        address, port = (self._socks5 if version == 5 else self._socks4)(connection)
        failure = b"\x05\x05\x00\x01" + bytes(6) if version == 5 else b"\x00\x5b" + bytes(6)
        success = b"\x05\x00\x00\x03\x03abc\x00\x01" if version == 5 else b"\x00\x5a" + bytes(6)
        host = address if address[0].isdigit() or ":" in address else "127.0.0.1"
        try:
            onward = socket.create_connection((host, port), 10)
        except OSError:
            connection.sendall(failure)
            return
        with onward:
            connection.sendall(success)
            relay(connection, onward)

    def _socks5(self, connection: socket.socket) -> tuple[str, int]:
        methods = read_exactly(connection, read_exactly(connection, 1)[0])
        user = ""
        if self._auth and 2 in methods:
            connection.sendall(b"\x05\x02")
            read_exactly(connection, 1)
            user = read_exactly(connection, read_exactly(connection, 1)[0]).decode()
            password = read_exactly(connection, read_exactly(connection, 1)[0]).decode()
            right = (user, password) == (USER, PASSWORD)
            connection.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                raise ConnectionError("wrong credentials")
        elif self._auth:
            connection.sendall(b"\x05\xff")
            raise ConnectionError("no credentials")
        else:
            connection.sendall(b"\x05\x00")
        kind = read_exactly(connection, 4)[3]
        if kind == 3:
            address = read_exactly(connection, read_exactly(connection, 1)[0]).decode()
        elif kind == 1:
            address = socket.inet_ntop(socket.AF_INET, read_exactly(connection, 4))
        else:
            address = socket.inet_ntop(socket.AF_INET6, read_exactly(connection, 16))
        self.asked.append((5, address, user))
        return address, int.from_bytes(read_exactly(connection, 2), "big")

    def _socks4(self, connection: socket.socket) -> tuple[str, int]:
        start = read_exactly(connection, 7)
        user = self._text(connection)
        address = socket.inet_ntoa(start[3:7])
        if start[3:6] == b"\0\0\0":
            address = self._text(connection)
        self.asked.append((4, address, user))
        return address, int.from_bytes(start[1:3], "big")

    @staticmethod
    def _text(connection: socket.socket) -> str:
        text = b""
        while not text.endswith(b"\0"):
            text += read_exactly(connection, 1)
        return text[:-1].decode()
