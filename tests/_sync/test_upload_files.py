# GENERATED from _async/test_upload_files.py by tools/unasync.py. Do not edit.
"""Files as bodies: sent by the system where it can, alone or in forms, and never loaded whole."""

from __future__ import annotations

import errno
import gzip
import io
import os
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from antiphon._sync.client import Client
from antiphon.errors import LocalProtocolError
from antiphon.models.events import TransportObserver
from antiphon.models.tls_config import TLSConfig
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer
from tests.request_reader import RequestReader
from tests.servers import over_tls, read_head

DATA = bytes(range(256)) * 20_000


class Heard(TransportObserver):
    def __init__(self) -> None:
        self.sent: list[int] = []

    def request_sent(self, byte_count: int) -> None:
        self.sent.append(byte_count)


class Calls:
    """Counts what goes through `os.sendfile`, and lets it fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: int = 0) -> None:
        self.bytes = 0
        self.count = 0
        self._error = error
        self._sendfile = os.sendfile
        monkeypatch.setattr(os, "sendfile", self)

    def __call__(self, out: int, descriptor: int, offset: int, count: int) -> int:
        self.count += 1
        if self._error:
            raise OSError(self._error, os.strerror(self._error))
        taken = self._sendfile(out, descriptor, offset, count)
        self.bytes += taken
        return taken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is larger than any socket buffer."""
    path = tmp_path / "data.bin"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize("start", [0, 1000, len(DATA)])
@pytest.mark.parametrize("buffering", [0, -1])
def test_files_are_sent_by_the_system(
    monkeypatch: pytest.MonkeyPatch, path: Path, start: int, buffering: int
) -> None:
    """A plain file on a plain socket goes out through sendfile, from where it stands, exactly."""
    reader = RequestReader()
    calls = Calls(monkeypatch)
    heard = Heard()
    with LoopbackServer(reader) as server, path.open("rb", buffering=buffering) as file:
        with Client(server.url) as client:
            file.seek(start)
            client.put("/", content=file, observer=heard)
            file.seek(start)
            client.put("/", content=file, observer=heard)
    for request in reader.received:
        assert DATA[start:] == request.body
        assert str(len(DATA) - start) == request.headers["content-length"]
    assert [request.size for request in reader.received] == heard.sent
    assert 2 * (len(DATA) - start) == calls.bytes


def test_unflushed_writes_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written to a file and is still in its buffer is sent as well."""
    calls = Calls(monkeypatch)
    reader = RequestReader()
    with LoopbackServer(reader) as server, tempfile.TemporaryFile("w+b") as file:
        with Client(server.url) as client:
            file.write(b"written")
            file.seek(0)
            client.put("/", content=file)
    assert b"written" == reader.received[0].body
    assert 7 == calls.bytes


def test_what_only_looks_like_a_file_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Files that have a descriptor of other bytes, or none, are read instead."""
    calls = Calls(monkeypatch)
    reader = RequestReader()
    packed = tmp_path / "data.gz"
    packed.write_bytes(gzip.compress(b"unpacked"))
    with LoopbackServer(reader) as server:
        with Client(server.url) as client:
            with gzip.open(packed) as file:
                client.put("/", content=file)
            client.put("/", content=io.BytesIO(b"memory"))
            with tempfile.NamedTemporaryFile() as wrapped:
                wrapped.write(b"wrapped")
                wrapped.seek(0)
                client.put("/", content=wrapped)
    assert [b"unpacked", b"memory", b"wrapped"] == [r.body for r in reader.received]
    assert 0 == calls.count


def test_tls_reads_the_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Over TLS the system cannot send the file, and it arrives all the same."""
    calls = Calls(monkeypatch)
    reader = RequestReader()
    with LoopbackServer(over_tls(server_context("127.0.0.1"), reader)) as server:
        with Client(tls=TLSConfig(ca_file=ca_file())) as client:
            with path.open("rb") as file:
                client.put(f"https://127.0.0.1:{server.port}/", content=file)
    assert DATA == reader.received[0].body
    assert 0 == calls.count


@pytest.mark.parametrize("how", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, None])
def test_systems_without_sendfile(
    monkeypatch: pytest.MonkeyPatch, path: Path, how: int | None
) -> None:
    """Where the system has no sendfile, or not for this file, the file is read."""
    if how is None:
        monkeypatch.delattr(os, "sendfile")
    else:
        Calls(monkeypatch, how)
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        with Client(server.url) as client:
            with path.open("rb") as file:
                client.put("/", content=file)
    assert DATA == reader.received[0].body


def test_errors_of_sendfile_are_told(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Any other error of sendfile breaks the connection off, as that of a send does."""
    Calls(monkeypatch, errno.EPIPE)
    with LoopbackServer(RequestReader()) as server:
        with Client(server.url, retry=None) as client:
            with path.open("rb") as file, pytest.raises(Exception, match="while the request was"):
                client.put("/", content=file)


@pytest.mark.parametrize("sendfile", [True, False])
def test_file_that_gets_shorter(
    monkeypatch: pytest.MonkeyPatch, path: Path, sendfile: bool
) -> None:
    """A file that ends before its announced length is the caller's mistake, and named."""
    if not sendfile:
        monkeypatch.delattr(os, "sendfile")
    with LoopbackServer(RequestReader()) as server:
        with Client(server.url) as client:
            with path.open("rb") as file:
                request = client.build_request("PUT", "/", content=file)
                os.truncate(path, 1_500_000)
                with pytest.raises(LocalProtocolError, match=f"ended after 1500000 of {len(DATA)}"):
                    client.send(request)


def test_large_files_cost_no_memory(tmp_path: Path) -> None:
    """A form with a file of 64 MiB, and that file alone and compressed, take a few buffers each."""
    size = 64 * 1024 * 1024
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(size)
    received: list[int] = []

    def count(connection) -> None:  # type: ignore[no-untyped-def]
        buffer = bytearray(262_144)
        while head := read_head(connection):
            if b"chunked" in head:
                while not connection.recv(100_000).endswith(b"0\r\n\r\n"):
                    pass
            elif b"Content-Length" in head:
                start = head.lower().index(b"content-length: ") + 16
                left = int(head[start:].split(b"\r\n")[0])
                received.append(left)
                while left:
                    left -= connection.recv_into(buffer, min(left, len(buffer)))
            connection.sendall(HELLO)

    with LoopbackServer(count) as server:
        with Client(server.url) as client:
            client.get("/")
            tracemalloc.start()
            with path.open("rb") as file:
                client.post("/", data={"a": "b"}, files={"f": file})
                file.seek(0)
                client.post("/", content=file)
                file.seek(0)
                client.post("/", content=file, compress="gzip")
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    assert received[0] > size
    assert size == received[1]
    assert peak < 4 * 1024 * 1024


def test_names_of_files_as_browsers_send_them(path: Path) -> None:
    """Quotes, line ends and letters beyond ASCII in names arrive as browsers send them."""
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        with Client(server.url) as client:
            client.post("/", files={'a"b\nc\\é': ('x"y\r\n\\ñ.txt', b"1", "text/plain")})
    expected = (
        'form-data; name="a%22b%0D%0Ac\\é"; filename="x%22y%0D%0A\\ñ.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n1\r\n"
    )
    assert expected.encode() in reader.received[0].body
    assert "content-length" in reader.received[0].headers
