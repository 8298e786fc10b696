"""Cancellation: once, from anywhere, heard by every waiter and by nobody who has left."""

from __future__ import annotations

import copy
import gc
import pickle
import signal
import threading
import weakref

import pytest

from antiphon.models import cancel
from antiphon.models.cancel import CancelToken

HANG = 10.0
"""Seconds after which a thread that should have come back is called hung."""


def run_in_thread(function: object) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_cancel_is_for_good_and_the_first_reason_stays() -> None:
    """A second cancel does nothing."""
    token = CancelToken()
    assert (token.cancelled, token.reason) == (False, "")
    token.cancel("user left")
    token.cancel("too late")
    assert (token.cancelled, token.reason) == (True, "user left")


def test_wakers_are_called_once_in_order_with_the_reason_known() -> None:
    """Who is woken can read the reason, and is not called by a second cancel."""
    token = CancelToken()
    heard: list[str] = []
    token.register(lambda: heard.append(f"first {token.cancelled} {token.reason}"))
    token.register(lambda: heard.append(f"second {token.cancelled} {token.reason}"))
    token.cancel("stop")
    token.cancel("stop again")
    assert heard == ["first True stop", "second True stop"]


def test_registering_late_calls_at_once() -> None:
    """A waker that comes after the cancel is called before `register` returns, and only then."""
    token = CancelToken()
    token.cancel()
    heard: list[int] = []
    token.register(lambda: heard.append(1))
    assert heard == [1]
    token.cancel()
    assert heard == [1]


class Waiter:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def test_bound_methods_are_found_again() -> None:
    """Each access to a method makes a new object; they count as one waker."""
    token, waiter = CancelToken(), Waiter()
    token.register(waiter.wake)
    token.register(waiter.wake)
    token.cancel()
    assert waiter.woken == 1


def test_unregistered_wakers_are_not_called() -> None:
    """After `unregister` a cancel does not reach the waker; to unregister twice is no error."""
    token, gone, there = CancelToken(), Waiter(), Waiter()
    token.register(gone.wake)
    token.register(there.wake)
    token.unregister(gone.wake)
    token.unregister(gone.wake)
    token.cancel()
    assert (gone.woken, there.woken) == (0, 1)


def test_a_waker_may_unregister_another() -> None:
    """What one waker unregisters is not called any more by the same cancel."""
    token, other = CancelToken(), Waiter()
    token.register(lambda: token.unregister(other.wake))
    token.register(other.wake)
    token.cancel()
    assert other.woken == 0


def test_a_waker_that_raises_keeps_nobody_else_from_waking() -> None:
    """All wakers and children are reached, then the first error comes out of `cancel`."""
    token, waiter = CancelToken(), Waiter()
    child = token.child()

    def fail() -> None:
        raise RuntimeError("first")

    def fail_too() -> None:
        raise RuntimeError("second")

    token.register(fail)
    token.register(fail_too)
    token.register(waiter.wake)
    with pytest.raises(RuntimeError, match="first"):
        token.cancel("stop")
    assert waiter.woken == 1
    assert child.cancelled


def test_unregister_waits_for_a_running_waker() -> None:
    """When `unregister` returns in one thread, no other thread is inside the waker."""
    token = CancelToken()
    inside, leave, left = threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []

    def wake() -> None:
        inside.set()
        assert leave.wait(HANG)
        order.append("waker ended")

    def unregister() -> None:
        token.unregister(wake)
        order.append("unregistered")
        left.set()

    token.register(wake)
    canceller = run_in_thread(token.cancel)
    assert inside.wait(HANG)
    unregisterer = run_in_thread(unregister)
    # It cannot return while the waker runs, however long one looks.
    assert not left.wait(0.05)
    leave.set()
    canceller.join(HANG)
    unregisterer.join(HANG)
    assert order == ["waker ended", "unregistered"]


class Call:
    """Registers and unregisters as calls do, and writes down what must not happen."""

    def __init__(self, token: CancelToken, start: threading.Barrier) -> None:
        self.token = token
        self.start = start
        self.running = False
        self.woken = False
        self.wrong: list[str] = []

    def wake(self) -> None:
        self.woken = True
        if not self.running:
            self.wrong.append("woken when not running")

    def run(self) -> None:
        self.start.wait(HANG)
        for _ in range(200):
            was_cancelled = self.token.cancelled
            self.woken = False
            self.running = True
            self.token.register(self.wake)
            self.token.unregister(self.wake)
            self.running = False
            if was_cancelled and not self.woken:
                self.wrong.append("not woken though cancelled before")


def test_no_waker_runs_after_unregister_under_load() -> None:
    """Threads that register and unregister while another cancels never hear from a past call."""
    for _ in range(50):
        token = CancelToken()
        start = threading.Barrier(4)
        calls = [Call(token, start) for _ in range(3)]
        threads = [run_in_thread(call.run) for call in calls]
        start.wait(HANG)
        token.cancel()
        for thread in threads:
            thread.join(HANG)
        assert [thread.is_alive() for thread in threads] == [False] * 3
        assert [call.wrong for call in calls] == [[], [], []]
        assert token._wakers == {}


def test_one_of_many_threads_cancels() -> None:
    """However many threads cancel at once, each waker is called once and one reason is kept."""
    token, waiter = CancelToken(), Waiter()
    token.register(waiter.wake)
    start = threading.Barrier(8)

    def stop(number: int) -> None:
        start.wait(HANG)
        token.cancel(f"by {number}")

    threads = [run_in_thread(lambda number=number: stop(number)) for number in range(8)]
    for thread in threads:
        thread.join(HANG)
    assert waiter.woken == 1
    assert token.reason in {f"by {number}" for number in range(8)}


def test_children_are_cancelled_with_their_parent() -> None:
    """A cancel reaches children and their children, with its reason."""
    token = CancelToken()
    child = token.child()
    grandchild = child.child()
    waiter = Waiter()
    grandchild.register(waiter.wake)
    token.cancel("stop")
    assert (child.cancelled, grandchild.cancelled, grandchild.reason) == (True, True, "stop")
    assert waiter.woken == 1


def test_a_child_alone() -> None:
    """Cancelling a child touches neither its parent nor its sisters."""
    token = CancelToken()
    child, sister = token.child(), token.child()
    child.cancel("lost the race")
    token.cancel("later")
    assert (child.reason, sister.reason) == ("lost the race", "later")


def test_a_child_of_a_cancelled_token_is_cancelled() -> None:
    """It comes cancelled, with the reason of its parent."""
    token = CancelToken()
    token.cancel("stop")
    assert (token.child().cancelled, token.child().reason) == (True, "stop")


def test_children_are_held_weakly() -> None:
    """A token that lives as long as the process does not collect the children of its calls."""
    token = CancelToken()
    child = weakref.ref(token.child())
    gc.collect()
    assert child() is None
    token.cancel()


def test_a_signal_handler_may_cancel() -> None:
    """Even one that interrupts the main thread while it holds the token's lock."""
    token, waiter = CancelToken(), Waiter()
    before = signal.signal(signal.SIGUSR1, lambda *_: token.cancel("interrupted"))
    try:
        with token._lock:
            signal.raise_signal(signal.SIGUSR1)
            assert token.cancelled
            token.register(waiter.wake)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert (token.reason, waiter.woken) == ("interrupted", 1)


class CancelsWhileHashed:
    """A waker whose hash cancels, as a signal handler might in the middle of `register`."""

    def __init__(self, token: CancelToken) -> None:
        self.token = token
        self.woken = 0

    def __hash__(self) -> int:
        self.token.cancel("in between")
        return 1

    def __call__(self) -> None:
        self.woken += 1


def test_a_cancel_in_the_middle_of_register_is_not_lost() -> None:
    """The waker is called once, whichever of the two came first."""
    token = CancelToken()
    waker = CancelsWhileHashed(token)
    token.register(waker)
    assert waker.woken == 1


def test_tokens_that_are_gone_are_not_remembered() -> None:
    """The register of living tokens, which the fork handler reads, does not grow."""
    gc.collect()
    before = len(cancel._living_tokens)
    for _ in range(100):
        CancelToken()
    gc.collect()
    assert len(cancel._living_tokens) == before


def test_repr() -> None:
    """`repr` says whether it was cancelled, and why."""
    token = CancelToken()
    assert repr(token) == "CancelToken()"
    token.cancel("user left")
    assert repr(token) == "<CancelToken cancelled: 'user left'>"


@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy])
def test_tokens_stay_where_they_are(use: object) -> None:
    """A token can be neither pickled nor copied; it is told apart by identity."""
    with pytest.raises(TypeError, match="belongs to its process"):
        use(CancelToken())  # type: ignore[operator]
    one, other = CancelToken(), CancelToken()
    assert one != other
    assert len({one, other}) == 2


def test_an_error_of_a_childs_waker_is_raised() -> None:
    """A waker of a child that raises keeps no other child from being cancelled."""

    def fail() -> None:
        raise ZeroDivisionError

    token = CancelToken()
    children = [token.child() for _ in range(3)]
    for child in children:
        child.register(fail)
    with pytest.raises(ZeroDivisionError):
        token.cancel()
    assert all(child.cancelled for child in children)
