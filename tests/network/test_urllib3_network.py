"""Waiting without an event loop: by `poll`, and by `select` where there is none."""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network import urllib3_network
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT
from antiphon.network.urllib3_network import Gate, shut_down, wait_any
from antiphon.testing import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Pair = tuple[socket.socket, socket.socket]
    Later = Callable[[Callable[[], object]], threading.Timer]


@pytest.fixture(params=["poll", "select"], autouse=True)
def readiness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with `poll`, and without it as on Windows."""
    if request.param == "select":
        monkeypatch.delattr(select, "poll", raising=False)
        monkeypatch.setattr(urllib3_network, "_HAS_POLL", False)
    return str(request.param)


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def full(pair: Pair) -> Pair:
    """Return a pair in which no more can be written to ours."""
    while True:
        try:
            pair[0].send(bytes(100_000))
        except BlockingIOError:
            return pair


@pytest.fixture
def later(pair: Pair) -> Iterator[Later]:
    """Return what calls a function in another thread a little later, before the sockets close."""
    timers: list[threading.Timer] = []

    def begin(function: Callable[[], object]) -> threading.Timer:
        timers.append(threading.Timer(0.02, function))
        timers[-1].start()
        return timers[-1]

    yield begin
    for timer in timers:
        timer.join()


def drain(sock: socket.socket) -> None:
    sock.setblocking(False)
    try:
        while sock.recv(1_000_000):
            pass
    except BlockingIOError:
        pass


@pytest.mark.parametrize("deadline", [None, 20.0])
@pytest.mark.parametrize("token", [None, CancelToken()], ids=["no token", "token"])
def test_until_readable(
    pair: Pair, deadline: float | None, token: CancelToken | None, later: Later
) -> None:
    """A wait for bytes ends when they are there, and when the stream ends."""
    ours, theirs = pair
    gate = Gate(ours)
    until = None if deadline is None else now() + deadline
    timer = later(lambda: theirs.send(b"x"))
    assert READY is gate.wait(True, False, until, token)
    assert b"x" == ours.recv(10)
    timer.join()
    later(theirs.close)
    assert READY is gate.wait(True, False, until, token)


def test_until_writable(full: Pair, later: Later) -> None:
    """A wait for room ends when there is some, whatever else is waited for."""
    ours, theirs = full
    gate = Gate(ours)
    assert TIMED_OUT is gate.wait(False, True, now() + 0.01, None)
    later(lambda: drain(theirs))
    assert READY is gate.wait(False, True, now() + 20, None)
    assert READY is gate.wait(True, True, now() + 20, None)


def test_either(full: Pair, later: Later) -> None:
    """A wait for both directions ends by the first that is ready."""
    ours, theirs = full
    assert TIMED_OUT is Gate(ours).wait(True, True, now() + 0.01, None)
    later(lambda: theirs.send(b"x"))
    assert READY is Gate(ours).wait(True, True, now() + 20, None)


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.0004, 0.02])
@pytest.mark.parametrize("token", [None, CancelToken()], ids=["no token", "token"])
def test_deadline(pair: Pair, seconds: float, token: CancelToken | None) -> None:
    """A wait ends at its deadline, and never before it."""
    deadline = now() + seconds
    assert TIMED_OUT is Gate(pair[0]).wait(True, False, deadline, token)
    assert deadline <= now() < deadline + 10


def test_what_is_ready_beats_a_deadline_that_has_passed(pair: Pair) -> None:
    """Bytes that are there already are found, however late it is."""
    pair[1].send(b"x")
    assert READY is Gate(pair[0]).wait(True, False, now() - 1, None)


def test_distant_deadline(pair: Pair) -> None:
    """A deadline beyond what the system can count is no mistake."""
    pair[1].send(b"x")
    for seconds in (3e6, 1e12):
        assert READY is Gate(pair[0]).wait(True, False, now() + seconds, None)


def test_cancelled(pair: Pair, later: Later) -> None:
    """A token ends the wait, before and during it, and leaves the socket as it was."""
    token = CancelToken()
    gate = Gate(pair[0])
    later(token.cancel)
    assert CANCELLED is gate.wait(True, False, now() + 20, token)
    assert CANCELLED is gate.wait(True, False, None, token)
    pair[1].send(b"x")
    assert READY is gate.wait(True, False, None, None)


def test_cancellation_beats_bytes(pair: Pair) -> None:
    """Who was cancelled is told so although bytes came as well."""
    token = CancelToken()
    pair[1].send(b"x")
    token.cancel()
    assert CANCELLED is Gate(pair[0]).wait(True, False, now() + 20, token)


@pytest.mark.parametrize("token", [None, CancelToken()], ids=["no token", "token"])
def test_aborted(pair: Pair, token: CancelToken | None, later: Later) -> None:
    """Another thread may end the wait for good: the socket is shut down, the reason kept."""
    gate = Gate(pair[0])
    later(gate.abort)
    assert CANCELLED is gate.wait(True, False, now() + 20, token)
    assert CANCELLED is gate.wait(True, False, now() + 20, token)
    assert b"" == pair[1].recv(1)


def test_shut_down_of_a_closed_socket(pair: Pair) -> None:
    """Shutting down what is closed already does nothing."""
    pair[0].close()
    shut_down(pair[0])


def test_any_of_several(later: Later) -> None:
    """A wait for many sockets ends by one that is ready to be read or to be written to."""
    pairs = [socket.socketpair() for _ in range(4)]
    ours = [one for one, _ in pairs]
    assert TIMED_OUT is wait_any(ours, (), now() + 0.01, None)
    assert TIMED_OUT is wait_any((), (), now() + 0.01, None)
    later(lambda: pairs[2][1].send(b"x"))
    assert READY is wait_any(ours, (), now() + 20, None)
    assert READY is wait_any(ours[:1], ours[1:2], None, None)
    for sock in (sock for each in pairs for sock in each):
        sock.close()


@pytest.mark.parametrize("token", [None, CancelToken()], ids=["no token", "token"])
def test_fake_clock(pair: Pair, token: CancelToken | None) -> None:
    """With a fake clock a wait lasts until the clock says so, however long that takes."""
    gate = Gate(pair[0])
    with FakeClock() as clock:
        thread = threading.Thread(target=lambda: (clock.wait_for(1), clock.advance(5)))
        thread.start()
        started = time.monotonic()
        assert TIMED_OUT is gate.wait(True, False, 5.0, token)
        assert time.monotonic() - started < 10
        thread.join()
        assert TIMED_OUT is gate.wait(True, False, 4.0, token)
        pair[1].send(b"x")
        assert READY is gate.wait(True, False, 9.0, token)
        assert READY is gate.wait(True, False, None, token)
        assert 0 == clock.waiting


def test_cancelled_under_a_fake_clock(pair: Pair, later: Later) -> None:
    """A token ends a wait under a fake clock as well."""
    token = CancelToken()
    with FakeClock() as clock:
        later(token.cancel)
        assert CANCELLED is Gate(pair[0]).wait(True, False, 5.0, token)
        assert 0 == clock.waiting
