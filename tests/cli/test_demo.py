"""`antiphon demo`: both voices, no network, and an honest comparison."""

from __future__ import annotations

import socket

import pytest

from antiphon.cli import demo
from antiphon.cli.loopback import LoopbackServer
from antiphon.cli.main import main
from tests.cli.command import run
from tests.servers import reset


def test_both_voices_agree() -> None:
    """It shows each capability in both voices and two waterfalls, and returns 0."""
    done = run("demo")

    lines = done.stdout.decode().splitlines()
    assert (0, b"") == (done.returncode, done.stderr)
    assert "Both voices gave the same results." == lines[-1]
    shown = [line.split()[0] for line in lines if line.endswith("(both voices)")]
    assert ["fetch", "stream", "error", "time", "cancel"] == shown
    for name in ("Client", "AsyncClient"):
        assert f"Where the time went, {name}, first request:" in lines
    assert 2 == sum(line.lstrip().startswith("first byte |") for line in lines)


def test_what_each_voice_finds() -> None:
    """A client without an event loop: a fetch, a stream, a named error, a time-out, a cancellation."""
    with LoopbackServer() as server:
        found = demo.run_sync(server.url).found

    assert {
        "fetch": "200 {'greeting': 'hello from the loopback'}",
        "stream": "['line 1', 'line 2', 'line 3', 'line 4', 'line 5']",
        "error": "NotFoundError, 404",
        "time out": "ReadTimeout after read=0.2 s",
        "cancel": "RequestCancelled, sent: maybe",
    } == found


def test_voices_that_differ(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A difference is shown where it is, and makes the demo fail."""

    async def another(url: str) -> demo.Results:
        results = demo.Results()
        results.add("fetch", "418")
        return results

    monkeypatch.setattr(demo, "run_async", another)

    assert 1 == main(["demo"])
    lines = capsys.readouterr().out.splitlines()
    assert "The voices differ: that is a bug in antiphon, please report it." == lines[-1]
    (fetch,) = (line for line in lines if line.lstrip().startswith("fetch "))
    assert fetch.endswith("(NOT THE SAME, AsyncClient: 418)")


def test_a_client_that_goes_away() -> None:
    """The demo's server takes a connection that was reset for one that has ended."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        reset(client)
        with LoopbackServer() as server:
            server._serve(accepted)

    assert -1 == accepted.fileno()


def test_in_this_process(capsys: pytest.CaptureFixture[str]) -> None:
    """It can be called as a function, too, and leaves nothing open."""
    assert 0 == main(["demo"])
    assert capsys.readouterr().out.endswith("Both voices gave the same results.\n")
