"""`antiphon URL`: what is sent, and what is printed where."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from antiphon.cli.main import main
from tests.app import App, answer, redirect
from tests.certificates import ca_file, server_context
from tests.loopback import LoopbackServer
from tests.servers import over_tls

Captured = pytest.CaptureFixture[bytes]


def test_status_headers_and_body_are_printed(capsysbinary: Captured) -> None:
    """Standard output has the status line, the headers as they came, an empty line and the body."""
    app = App({"/": answer(200, "hello", {"X-One": "1", "x-two": "2"})})
    with LoopbackServer(app) as server:
        code = main([server.url])

    printed = capsysbinary.readouterr()
    assert 0 == code
    assert (
        b"HTTP/1.1 200 Reason\nX-One: 1\nx-two: 2\nContent-Length: 5\n\nhello",
        b"",
    ) == printed
    assert "GET" == app.last.method


def test_data_is_posted_as_a_form(capsysbinary: Captured) -> None:
    """`-d` sends its text as it is, as a form, by POST."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        main(["-d", "a=1&b=é", server.url])

    assert ("POST", "a=1&b=é".encode()) == (app.last.method, app.last.body)
    assert "application/x-www-form-urlencoded" == app.last.headers["content-type"]


def test_json_is_posted_as_it_is_written(capsysbinary: Captured) -> None:
    """`--json` sends the very text that was given, as JSON, by the method of `-X`."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        main(["--json", '{"a": 1.0}', "-X", "put", server.url])

    assert ("PUT", b'{"a": 1.0}') == (app.last.method, app.last.body)
    assert "application/json" == app.last.headers["content-type"]


@pytest.mark.parametrize("option", ["-d", "--json"])
def test_a_body_from_a_file(option: str, tmp_path: Path, capsysbinary: Captured) -> None:
    """`@FILE` sends the bytes of a file."""
    path = tmp_path / "body"
    path.write_bytes(b'"from a file"')
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        main([option, f"@{path}", server.url])

    assert b'"from a file"' == app.last.body


def test_a_body_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: Captured
) -> None:
    """`@-` sends what comes in on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00piped")))
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        main(["-d", "@-", server.url])

    assert b"\x00piped" == app.last.body


def test_headers_are_sent_and_win(capsysbinary: Captured) -> None:
    """`-H` may be given several times, and beats the content type that the body implies."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        own = ["-H", "X-One: 1", "-H", "content-type:text/x-own", "-H", "User-Agent: me"]
        main([*own, "-d", "x", server.url])

    headers = app.last.headers
    assert ("1", "text/x-own", "me") == (
        headers["x-one"],
        headers["content-type"],
        headers["user-agent"],
    )


def test_a_method_of_ones_own_keeps_its_case(capsysbinary: Captured) -> None:
    """The case of a method counts (RFC 9110 section 9.1), so it is sent as it was written."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        main(["-X", "Purge", server.url])

    assert "Purge" == app.last.method


def test_redirects_are_followed(capsysbinary: Captured) -> None:
    """What is printed is the answer at the end of the chain."""
    app = App({"/": redirect("/there"), "/there": answer(200, "arrived")})
    with LoopbackServer(app) as server:
        assert 0 == main([server.url])

    assert capsysbinary.readouterr().out.endswith(b"\n\narrived")


def test_one_call_is_one_request(capsysbinary: Captured) -> None:
    """Nothing is tried again: the first answer is printed, a 503 too."""
    app = App({"/": answer(503, "later")})
    with LoopbackServer(app) as server:
        assert 5 == main([server.url])

    assert 1 == len(app.requests)
    assert capsysbinary.readouterr().out.endswith(b"\n\nlater")


def test_the_body_alone(capsysbinary: Captured) -> None:
    """`-o -` leaves standard output to the body and prints the head on standard error."""
    app = App({"/": answer(200, b"\x00\xff")})
    with LoopbackServer(app) as server:
        main(["-o", "-", server.url])

    printed = capsysbinary.readouterr()
    assert b"\x00\xff" == printed.out
    assert printed.err.startswith(b"HTTP/1.1 200 Reason\n")


def test_the_body_goes_to_a_file(tmp_path: Path, capsysbinary: Captured) -> None:
    """`-o FILE` writes the body there, and draws no progress where no terminal is."""
    path = tmp_path / "body"
    app = App({"/": answer(200, b"\x00\xff" * 500)})
    with LoopbackServer(app) as server:
        main(["-o", str(path), server.url])

    printed = capsysbinary.readouterr()
    assert b"\x00\xff" * 500 == path.read_bytes()
    assert printed.out.endswith(b"Content-Length: 1000\n\n")
    assert f"1000 bytes written to {path}\n".encode() == printed.err


def test_timings_are_drawn_on_standard_error(capsysbinary: Captured) -> None:
    """`--timings` draws the phases on standard error, after the body; standard output stays as it is."""
    app = App({"/": answer(200, "hello")})
    with LoopbackServer(app) as server:
        main(["--timings", server.url])

    printed = capsysbinary.readouterr()
    phases = [line.partition(b"|")[0].strip() for line in printed.err.splitlines()]
    assert [b"pool wait", b"connect", b"request sent", b"first byte", b"body"] == phases[:-1]
    assert phases[-1].startswith(b"total ")
    assert printed.out.endswith(b"\n\nhello")


def test_a_ca_file_is_trusted(capsysbinary: Captured) -> None:
    """`--ca-file` names who is trusted; without it a private authority is not."""
    with LoopbackServer(over_tls(server_context("localhost"), App({"/": answer()}))) as server:
        url = f"https://localhost:{server.port}/"
        trusting = main(["--ca-file", ca_file(), url])
        capsysbinary.readouterr()
        doubting = main([url])

    assert (0, 6) == (trusting, doubting)
    (line,) = capsysbinary.readouterr().err.splitlines()
    assert line.startswith(f"antiphon: the certificate of https://localhost:{server.port}".encode())


def test_a_url_without_a_scheme_is_https(capsysbinary: Captured) -> None:
    """Even where a "://" stands in its query."""
    app = App({"/": answer()})
    with LoopbackServer(over_tls(server_context("localhost"), app)) as server:
        code = main(["--ca-file", ca_file(), f"localhost:{server.port}/?to=http://x"])

    assert (0, "to=http://x") == (code, app.last.query)


def test_control_characters_do_not_reach_the_terminal(capsysbinary: Captured) -> None:
    """A header's characters that a terminal would obey, or cannot show, are escaped."""
    app = App(
        {"/": "HTTP/1.1 200 \x9bok\r\nX: \x9b2J\tö\r\nContent-Length: 0\r\n\r\n".encode("latin-1")}
    )
    with LoopbackServer(app) as server:
        main([server.url])

    assert "HTTP/1.1 200 \\x9bok\nX: \\x9b2J\\tö\n" in capsysbinary.readouterr().out.decode()


def test_an_output_that_knows_ascii_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the output's encoding lacks a character, it is escaped instead of raising."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    app = App({"/": answer(200, "é", {"X": "ö"})})
    with LoopbackServer(app) as server:
        assert 0 == main([server.url])

    printed = out.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"X: \\xf6\n" in printed
    assert printed.endswith("\n\né".encode())
