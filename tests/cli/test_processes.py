"""The command as a real process: signals, pipes, what is left on standard error."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from antiphon.cli.main import main
from tests.app import App, answer
from tests.cli.command import ANTIPHON, INTERRUPTIBLE, run
from tests.loopback import LoopbackServer
from tests.servers import read_head, until_closed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


def test_a_binary_body_arrives_untouched() -> None:
    """Every byte of the body is on standard output, and nothing on standard error."""
    body = bytes(range(256)) * 1000
    with LoopbackServer(App({"/": answer(200, body)})) as server:
        done = run(server.url)

    assert (0, b"") == (done.returncode, done.stderr)
    assert body == done.stdout.partition(b"\n\n")[2]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["http://127.0.0.1:1/"], 6), (["ftp://x/"], 2), ([], 2), (["-d", "@no/file", "x"], 2)],
)
def test_a_failure_is_one_line(arguments: list[str], code: int) -> None:
    """No traceback, no warning: one line that says who speaks."""
    done = run(*arguments)

    assert (code, b"") == (done.returncode, done.stdout)
    (line,) = done.stderr.splitlines()
    assert line.startswith(b"antiphon: ")


def test_a_piped_body() -> None:
    """`@-` reads standard input to its end."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        run("--json", "@-", server.url, data=b'{"piped":true}')

    assert b'{"piped":true}' == app.last.body


def test_the_body_is_printed_as_it_comes() -> None:
    """What has arrived can be read while the server holds back the rest."""
    go_on = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(HEAD % 11 + b"first")
        assert go_on.wait(20)
        connection.sendall(b"second")

    with (
        LoopbackServer(serve) as server,
        subprocess.Popen([*ANTIPHON, "-o", "-", server.url], stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 100)
        go_on.set()
        rest = process.stdout.read()

    assert (b"first", b"second") == (first, rest)


def test_a_reader_that_has_gone() -> None:
    """`antiphon URL | head -1` shows the line and complains of nothing."""
    with LoopbackServer(App({"/": answer(200, b"x\n" * 1_000_000)})) as server:
        source = subprocess.Popen(
            [*ANTIPHON, server.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        head = subprocess.run(
            ["head", "-1"], stdin=source.stdout, capture_output=True, timeout=30, check=False
        )
        assert source.stdout is not None
        source.stdout.close()
        _, complaints = source.communicate(timeout=30)

    assert b"HTTP/1.1 200 Reason\n" == head.stdout
    assert (1, b"") == (source.returncode, complaints)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("what", ["fetch", "demo"])
def test_a_full_disk(what: str) -> None:
    """Output that cannot be written is one line, not a traceback at exit."""
    with (
        LoopbackServer(App({"/": answer(200, "x")})) as server,
        open("/dev/full", "wb") as full,
    ):
        argument = server.url if what == "fetch" else "demo"
        done = subprocess.run(
            [*ANTIPHON, argument], stdout=full, stderr=subprocess.PIPE, timeout=30, check=False
        )

    assert (1, b"antiphon: No space left on device\n") == (done.returncode, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
@pytest.mark.parametrize("start", [b"", HEAD % 100 + b"the start"], ids=["head", "body"])
def test_ctrl_c(start: bytes) -> None:
    """Ctrl-C ends the call wherever it is, with a line of its own and code 130."""
    asked = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(start)
        asked.set()
        until_closed(connection)

    with LoopbackServer(serve) as server:
        process = subprocess.Popen(
            [*INTERRUPTIBLE, server.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert asked.wait(20)
        assert process.stdout is not None
        printed = b""
        while start and not printed.endswith(b"the start"):  # then it waits for the rest
            printed += os.read(process.stdout.fileno(), 1000)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)

    assert (130, b"antiphon: interrupted\n") == (process.returncode, complaints)


def test_importing_the_main_module_runs_nothing() -> None:
    """`antiphon.__main__` can be imported, as multiprocessing does in its children."""
    assert importlib.import_module("antiphon.__main__").main is main
