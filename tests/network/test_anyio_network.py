"""Waiting in an event loop: for one socket, for several, until told otherwise."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import anyio
import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_loops import running_door
from antiphon.network.anyio_network import AsyncGate, shut_down, start_tls, wait_any
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT, Outcome, WaitEnded
from antiphon.testing import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Pair = tuple[socket.socket, socket.socket]
    Later = Callable[[Callable[[], object]], threading.Timer]


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
async def test_until_readable(
    pair: Pair, later: Later, deadline: float | None, token: CancelToken | None
) -> None:
    """A wait for bytes ends when they are there, and leaves nothing behind."""
    gate = AsyncGate(pair[0])
    later(lambda: pair[1].send(b"x"))
    until = None if deadline is None else now() + deadline
    assert READY is await gate.wait(True, False, until, token)
    assert b"x" == pair[0].recv(10)
    assert not running_door().waiting
    assert token is None or not token._wakers


@pytest.mark.parametrize("readable", [False, True])
async def test_until_writable(full: Pair, later: Later, readable: bool) -> None:
    """A wait for room ends when there is some, whether or not bytes are waited for too."""
    ours, theirs = full
    later(lambda: drain(theirs))
    assert READY is await AsyncGate(ours).wait(readable, True, now() + 20, None)
    ours.send(b"x")


async def test_either(full: Pair, later: Later) -> None:
    """A wait for both directions ends by the first that is ready, again and again."""
    ours, theirs = full
    gate = AsyncGate(ours)
    for _ in range(2):
        later(lambda: theirs.send(b"x"))
        assert READY is await gate.wait(True, True, now() + 20, None)
        assert b"x" == ours.recv(10)
    drain(theirs)
    assert READY is await gate.wait(True, True, now() + 20, None)
    theirs.send(b"x")
    assert READY is await gate.wait(True, True, now() + 20, None)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_either_where_the_loop_watches_no_sockets(
    full: Pair, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a loop without `add_reader`, as that of Windows, anyio's way of waiting is taken."""
    loop = asyncio.get_running_loop()
    real = loop.add_reader

    def refuse(sock: object, callback: Callable[[], object], *args: object) -> None:
        if getattr(callback, "__name__", "") == "resolve":
            raise NotImplementedError
        real(sock, callback, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "add_reader", refuse)
    ours, theirs = full
    later(lambda: theirs.send(b"x"))
    assert READY is await AsyncGate(ours).wait(True, True, now() + 20, None)


@pytest.mark.parametrize("writable", [False, True])
async def test_native_cancellation(full: Pair, writable: bool) -> None:
    """A wait that is cancelled natively leaves the socket as it was."""
    gate = AsyncGate(full[0])
    for _ in range(2):
        with anyio.move_on_after(0.01) as scope:
            await gate.wait(True, writable, now() + 20, None)
        assert scope.cancelled_caught
    assert not running_door().waiting
    full[1].send(b"x")
    assert READY is await gate.wait(True, False, None, None)


async def test_how_a_wait_ended_is_written_first(pair: Pair) -> None:
    """The first who ends a wait says how; the socket is shut down, which nobody mistakes."""
    gate = AsyncGate(pair[0])
    gate.time_out()
    gate.abort()
    assert TIMED_OUT is await gate.wait(True, False, None, None)
    assert b"" == pair[0].recv(1)


async def test_aborted_while_waiting(pair: Pair, later: Later) -> None:
    """Another thread ends the wait."""
    gate = AsyncGate(pair[0])
    later(gate.abort)
    assert CANCELLED is await gate.wait(True, False, now() + 20, None)


def test_shut_down_of_a_closed_socket(pair: Pair) -> None:
    """Shutting down what is closed already does nothing."""
    pair[0].close()
    shut_down(pair[0])


async def test_any_of_several() -> None:
    """A wait for many sockets ends by one that is ready to be read or to be written to."""
    pairs = [socket.socketpair() for _ in range(4)]
    for sock in (sock for each in pairs for sock in each):
        sock.setblocking(False)
    ours = [one for one, _ in pairs]
    assert TIMED_OUT is await wait_any(ours, (), now() + 0.01, None)
    assert TIMED_OUT is await wait_any(ours, (), now() - 1, None)
    assert READY is await wait_any(ours[:1], ours[1:2], None, None)
    timer = threading.Timer(0.02, pairs[2][1].send, (b"x",))
    timer.start()
    assert READY is await wait_any(ours, (), now() + 20, None)
    timer.join()
    for sock in (sock for each in pairs for sock in each):
        sock.close()


@pytest.mark.parametrize("count", [1, 2])
async def test_cancelled(pair: Pair, later: Later, count: int) -> None:
    """A token ends the wait, before and during it; the sockets are left as they were."""
    token = CancelToken()
    sockets = [pair[0], *[pair[1]] * (count - 1)]
    later(token.cancel)
    assert CANCELLED is await wait_any(sockets, (), now() + 20, token)
    assert CANCELLED is await wait_any(sockets, (), None, token)
    pair[1].send(b"x")
    assert b"x" == pair[0].recv(1)


async def test_ended_twice(pair: Pair) -> None:
    """Of a cancellation and a deadline that come together, one is the outcome, and it is caught."""
    for _ in range(5):
        token = CancelToken()
        with FakeClock() as clock:
            outcomes: list[Outcome] = []

            async def wait() -> None:
                outcomes.append(await wait_any(pair[:1], (), 5.0, token))  # noqa: B023

            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                while not clock.waiting:
                    await anyio.sleep(0)
                token.cancel()
                clock.advance(5)
        assert [CANCELLED] == outcomes
        # What was scheduled in the loop and came too late touches nothing.
        await anyio.sleep(0)


@pytest.mark.parametrize("ending", ["deadline", "token"])
async def test_a_handshake_waits_for_the_right_side(pair: Pair, ending: str) -> None:
    """A handshake waits to read or to write, as TLS wants it, until it is done or ended."""
    wanted: list[Exception | None] = [ssl.SSLWantWriteError(), ssl.SSLWantWriteError(), None]

    class Socket:
        closed = False

        def fileno(self) -> int:
            return pair[0].fileno()

        def do_handshake(self) -> None:
            if (error := wanted.pop(0)) is not None:
                raise error

        def close(self) -> None:
            self.closed = True

    class Context:
        made: list[Socket] = []  # noqa: RUF012

        def wrap_socket(self, *_: object, **__: object) -> Socket:
            self.made.append(Socket())
            return self.made[-1]

    context = Context()
    tls = await start_tls(pair[0], context, "localhost", now() + 20, None)  # type: ignore[arg-type]
    assert tls is context.made[-1]
    assert not context.made[-1].closed

    wanted.append(ssl.SSLWantReadError())
    token = CancelToken()
    if ending == "token":
        token.cancel()
    deadline = now() + (0.01 if ending == "deadline" else 20)
    with pytest.raises(WaitEnded) as caught:
        await start_tls(pair[0], context, "localhost", deadline, token)  # type: ignore[arg-type]
    assert (TIMED_OUT if ending == "deadline" else CANCELLED) is caught.value.outcome
    assert context.made[-1].closed
