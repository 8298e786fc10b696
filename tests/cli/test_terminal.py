"""What is different where a person looks on: a terminal is on the other end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.cli.main import main
from tests.app import App, answer
from tests.cli.command import ANTIPHON
from tests.loopback import LoopbackServer
from tests.servers import read_head

pty = pytest.importorskip("pty", reason="pseudo-terminals are for POSIX systems")


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Run the command on a pseudo-terminal; return its code and all that the terminal got."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*ANTIPHON, *arguments], stdin=theirs, stdout=theirs, stderr=theirs
        )
    finally:
        os.close(theirs)
    shown = b""
    with open(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                piece = terminal.read(65_536)
            except OSError:  # how Linux says that the last process has left
                break
            if not piece:
                break
            shown += piece
    return process.wait(30), shown.decode().replace("\r\n", "\n")


def test_progress_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    """`-o FILE` draws a bar, which ends full and on a line of its own."""
    path = tmp_path / "body"
    with LoopbackServer(App({"/": answer(200, b"x" * 300_000)})) as server:
        code, shown = on_a_terminal("-o", str(path), server.url)

    *_, bar, done = shown.splitlines()
    assert 0 == code
    assert bar.rpartition("\r")[2].startswith(f"[{'#' * 30}] 100%")
    assert f"300000 bytes written to {path}" == done


def test_an_error_does_not_share_the_line_of_the_bar(tmp_path: Path) -> None:
    """A download that breaks off ends the bar before the error is told; no file is left."""
    path = tmp_path / "body"
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(cut)

    with LoopbackServer(serve) as server:
        code, shown = on_a_terminal("-o", str(path), server.url)

    *_, bar, error = shown.splitlines()
    assert 1 == code
    assert " 50%" in bar
    assert error.startswith("antiphon: ")
    assert [] == list(tmp_path.iterdir())


def test_a_text_gets_an_end_of_line() -> None:
    """A body without a final end of line leaves the prompt on a line of its own."""
    with LoopbackServer(App({"/": answer(200, "hello"), "/lf": answer(200, "hello\n")})) as server:
        _, without = on_a_terminal(server.url)
        _, with_one = on_a_terminal(f"{server.url}/lf")

    assert without.endswith("\n\nhello\n")
    assert with_one.endswith("\n\nhello\n")


def test_a_binary_body_is_not_shown() -> None:
    """A terminal gets a hint instead of bytes that would garble it."""
    with LoopbackServer(App({"/": answer(200, b"\x89PNG\0\0")})) as server:
        code, shown = on_a_terminal(server.url)

    assert 0 == code
    assert shown.endswith("\n\n(a binary body, not shown on a terminal; use -o FILE)\n")


class _Terminal:
    """Standard output as a terminal, for tests in this process."""

    def __init__(self, out: object) -> None:
        self._out = out

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> object:
        return getattr(self._out, name)


@pytest.mark.parametrize(
    ("body", "shown"), [(b"text", b"\n\ntext\n"), (b"text\n", b"\n\ntext\n"), (b"\0", b"\n\n")]
)
def test_bodies_on_a_terminal(
    body: bytes,
    shown: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """The same three rules, in this process."""
    monkeypatch.setattr(sys, "stdout", _Terminal(sys.stdout))
    with LoopbackServer(App({"/": answer(200, body)})) as server:
        assert 0 == main([server.url])

    assert capsysbinary.readouterr().out.endswith(shown)
