"""A token's wake descriptor, and what a fork leaves of a token."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import threading

import pytest

from antiphon.models.cancel import CancelToken

HANG = 10.0
"""Seconds after which a thread that should have come back is called hung."""


def is_readable(descriptor: int, timeout: float = 0.0) -> bool:
    return bool(select.select([descriptor], [], [], timeout)[0])


def run_in_thread(function: object) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


class Waiter:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture(params=["eventfd", "socketpair"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with each kind of wake descriptor that this system has."""
    if request.param == "eventfd" and not hasattr(os, "eventfd"):
        pytest.skip("this system has no eventfd")
    if request.param == "socketpair":
        monkeypatch.delattr(os, "eventfd", raising=False)
    return str(request.param)


def test_the_descriptor_turns_readable_and_stays_so(kind: str) -> None:
    """It is level-triggered: select finds it readable again and again after the cancel."""
    token = CancelToken()
    descriptor = token.fileno()
    assert token.fileno() == descriptor
    assert not is_readable(descriptor)
    token.cancel()
    assert [is_readable(descriptor), is_readable(descriptor)] == [True, True]


def test_a_descriptor_made_late_is_readable(kind: str) -> None:
    """Made after the cancel, it is readable from the start."""
    token = CancelToken()
    token.cancel()
    assert is_readable(token.fileno())


def test_a_child_has_its_own_descriptor(kind: str) -> None:
    """A cancel of the parent makes the child's descriptor readable."""
    token = CancelToken()
    child = token.child()
    assert child.fileno() != token.fileno()
    token.cancel()
    assert is_readable(child.fileno())


@pytest.mark.parametrize("wait", ["select", "poll"])
def test_a_waiting_thread_is_woken(kind: str, wait: str) -> None:
    """A thread that waits for a socket and the descriptor comes back when another cancels."""
    token = CancelToken()
    ours, theirs = socket.socketpair()
    ready: list[object] = []
    waiting = threading.Event()

    def wait_for_either() -> None:
        waiting.set()
        if wait == "select":
            ready.extend(select.select([ours, token], [], [], HANG)[0])
        else:
            poll = select.poll()
            poll.register(ours, select.POLLIN)
            poll.register(token, select.POLLIN)
            ready.extend(descriptor for descriptor, _ in poll.poll(HANG * 1000))

    with ours, theirs:
        thread = run_in_thread(wait_for_either)
        assert waiting.wait(HANG)
        token.cancel()
        thread.join(HANG)
    assert ready == ([token] if wait == "select" else [token.fileno()])


def test_the_descriptor_is_closed_with_the_token(kind: str) -> None:
    """A token that is dropped leaves no descriptor open and gives no warning."""
    token = CancelToken()
    descriptor = token.fileno()
    os.fstat(descriptor)
    del token
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_the_descriptor_is_not_inherited_by_programs(kind: str) -> None:
    """A program that is started while a token lives does not keep its descriptor."""
    assert not os.get_inheritable(CancelToken().fileno())


def in_child(question: object) -> bytes:
    """Ask `question` in a forked child, and return what it answers; hang-proof."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(int(HANG))
            os.write(writing, repr(question()).encode())  # type: ignore[operator]
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return os.read(reading, 1000)
    finally:
        os.close(reading)
        os.waitpid(pid, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
class TestFork:
    def test_a_lock_held_by_another_thread_does_not_hang_the_child(self) -> None:
        """The child works with the token though a thread that it does not have held the lock."""
        token = CancelToken()
        held, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with token._lock:
                held.set()
                leave.wait(HANG)

        thread = run_in_thread(hold)
        assert held.wait(HANG)

        def question() -> object:
            token.cancel("in the child")
            return token.reason

        answer = in_child(question)
        leave.set()
        thread.join(HANG)
        assert answer == b"'in the child'"
        assert not token.cancelled

    def test_neither_side_hears_the_other(self, kind: str) -> None:
        """A cancel in the child leaves parent and its wakers alone, and the other way round."""
        token, waiter = CancelToken(), Waiter()
        token.register(waiter.wake)
        descriptor = token.fileno()

        def question() -> object:
            before = is_readable(token.fileno())
            token.cancel()
            return before, is_readable(token.fileno()), waiter.woken

        assert in_child(question) == b"(False, True, 0)"
        assert (token.cancelled, is_readable(descriptor), waiter.woken) == (False, False, 0)
        token.cancel()
        assert (is_readable(descriptor), waiter.woken) == (True, 1)

    def test_a_cancelled_token_is_cancelled_in_the_child(self, kind: str) -> None:
        """What was over before the fork is over on both sides."""
        token = CancelToken()
        descriptor = token.fileno()
        token.cancel("before")
        assert in_child(lambda: (token.reason, is_readable(token.fileno()))) == b"('before', True)"
        assert is_readable(descriptor)
