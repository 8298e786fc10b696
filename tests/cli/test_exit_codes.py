"""Each kind of failure is one line on standard error, and a number of its own."""

from __future__ import annotations

import errno
import io
import os
import socket
import sys
from pathlib import Path

import pytest

from antiphon.cli.main import main
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.servers import until_closed

Captured = pytest.CaptureFixture[str]


def failure_of(capsys: Captured, *arguments: str) -> tuple[int, str]:
    """Run the command; return its code and its only line on standard error."""
    try:
        code = main(arguments)
    except SystemExit as done:  # how argparse ends the process
        code = int(done.code or 0)
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


@pytest.mark.parametrize(("status", "code"), [(204, 0), (304, 0), (404, 4), (429, 4), (500, 5)])
def test_the_code_tells_the_status(status: int, code: int, capsys: Captured) -> None:
    """Below 400 it is 0, a 4xx is 4, a 5xx is 5; the body is printed all the same."""
    with LoopbackServer(App({"/": answer(status, "")})) as server:
        assert code == main([server.url])

    assert "" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://"], "URL"),
        (["ftp://host/"], "ftp"),
        (["-X", "GE T", "http://127.0.0.1/"], "method"),
        (["-H", "bad name: x", "http://127.0.0.1/"], "header name 'bad ...'"),
        (["-H", "X: \n", "-H", "Y: a\nb", "http://127.0.0.1/"], "'Y'"),
        (["--timeout", "-1", "http://127.0.0.1/"], "-1"),
        (["--ca-file", "no/such/file", "https://127.0.0.1/"], "no/such/file"),
    ],
)
def test_what_cannot_be_sent(arguments: list[str], said: str, capsys: Captured) -> None:
    """A URL, method, header or option that cannot work is 2: nothing was sent."""
    code, line = failure_of(capsys, *arguments)

    assert 2 == code
    assert line.startswith("antiphon: ")
    assert said in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: URL"),
        (["demo", "--fast"], "unrecognized arguments: --fast"),
        (["--timeout", "soon", "host"], "argument --timeout"),
        (["-d", "a", "--json", "1", "host"], "either --data or --json"),
        (["-d", "@no/such/file", "host"], "argument --data: cannot read 'no/such/file'"),
        (["--json", "{", "host"], "argument --json: that is not JSON"),
        (["--json", "[NaN]", "host"], "NaN is no JSON value"),
        (["--json", "[" * 100_000, "host"], "that is not JSON"),
        (["-H", ": value", "host"], "a header is written NAME:VALUE"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], said: str, capsys: Captured) -> None:
    """It is 2 as well, and the line says where help is."""
    code, line = failure_of(capsys, *arguments)

    assert 2 == code
    assert said in line
    assert line.endswith("; see antiphon --help")


def test_a_forgotten_header_name_does_not_show_the_value(capsys: Captured) -> None:
    """What was given may be a token, so the line does not repeat it."""
    _, line = failure_of(capsys, "-H", "s3cr3t-token", "host")

    assert "s3cr3t" not in line


def test_no_connection(capsys: Captured) -> None:
    """A port where nobody listens is 6."""
    with LoopbackServer(until_closed) as server:
        pass

    code, line = failure_of(capsys, server.url)

    assert 6 == code
    assert line.startswith(f"antiphon: no connection to {server.url}")


def test_tls_where_there_is_none(capsys: Captured) -> None:
    """A server that does not speak TLS is 6, and the line says what to try."""

    def plain(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer(400))

    with LoopbackServer(plain) as server:
        code, line = failure_of(capsys, f"{server.host}:{server.port}")

    assert 6 == code
    assert "TLS" in line


def test_a_time_out(capsys: Captured) -> None:
    """A server that says nothing until `--timeout` is over is 7."""
    with LoopbackServer(until_closed) as server:
        code, line = failure_of(capsys, "--timeout", "0.1", server.url)

    assert 7 == code
    assert "deadline" in line


@pytest.mark.parametrize(
    "response",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nlies",
        b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_other_failures(response: bytes, capsys: Captured) -> None:
    """An answer that is not HTTP, cannot be decoded or cannot be followed is 1."""
    with LoopbackServer(App({"/": response})) as server:
        code, line = failure_of(capsys, server.url)

    assert 1 == code
    assert line.startswith("antiphon: ")


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: Captured) -> None:
    """The line names what went wrong and the file."""
    path = tmp_path / "no" / "such" / "folder"
    with LoopbackServer(App({"/": answer(200, "x")})) as server:
        code, line = failure_of(capsys, "-o", str(path), server.url)

    assert 1 == code
    assert line.startswith(f"antiphon: No such file or directory: {path}")


class _Unwritable(io.TextIOWrapper):
    """A standard output that takes nothing any more."""

    def __init__(self, error: OSError, descriptor: int) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._error = error
        self._descriptor = descriptor

    def flush(self) -> None:
        if not self.closed:
            raise self._error

    def fileno(self) -> int:
        return self._descriptor


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
        (OSError(errno.ENOSPC, "No space left on device"), "antiphon: No space left on device\n"),
    ],
)
def test_output_that_cannot_be_written(
    error: OSError,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """It is 1, told in one line unless the reader has gone, and what is left over is dropped."""
    with open(tmp_path / "output", "wb") as output:
        monkeypatch.setattr(sys, "stdout", _Unwritable(error, output.fileno()))
        with LoopbackServer(App({"/": answer()})) as server:
            assert 1 == main([server.url])
        os.write(output.fileno(), b"what Python writes at exit")

    assert b"" == (tmp_path / "output").read_bytes()
    assert said == capsys.readouterr().err


def test_help_lists_the_codes(capsys: Captured) -> None:
    """`--help` explains every option and every code, and is a success."""
    with pytest.raises(SystemExit) as done:
        main(["--help"])

    text = capsys.readouterr().out
    assert 0 == done.value.code
    for part in ["-X", "-H", "-d", "--json", "-o", "--timings", "--timeout", "--ca-file", "demo"]:
        assert part in text
    for code in (0, 1, 2, 4, 5, 6, 7, 130):
        assert f"\n  {code:3d}  " in text


def test_version(capsys: Captured) -> None:
    """`--version` prints the name and the version."""
    from antiphon import __version__

    with pytest.raises(SystemExit) as done:
        main(["--version"])

    assert (0, f"antiphon {__version__}\n") == (done.value.code, capsys.readouterr().out)
