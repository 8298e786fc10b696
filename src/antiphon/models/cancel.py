"""A switch that stops running calls of either voice, from anywhere in the process."""

from __future__ import annotations

import os
import socket
import threading
import weakref
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class CancelToken:
    """Cancels every call that was given it, once and for good.

    `cancel` may be called from any thread, event loop or signal handler. Calls waiting for the
    network are woken through `register` or, where they poll, through `fileno`. A token belongs to
    its process: after a fork the child's copy has forgotten the wakers of its parent.
    """

    __slots__ = (
        "__weakref__",
        "_cancelled",
        "_children",
        "_close_descriptor",
        "_descriptor",
        "_lock",
        "_reason",
        "_wakers",
    )

    def __init__(self) -> None:
        # Re-entrant: a signal handler may cancel while the interrupted code holds the lock.
        self._lock = threading.RLock()
        self._cancelled = False
        self._reason = ""
        self._wakers: dict[Callable[[], None], None] = {}
        self._children: weakref.WeakSet[CancelToken] | None = None
        self._descriptor: _WakeDescriptor | None = None
        self._close_descriptor: weakref.finalize[[], CancelToken] | None = None
        _living_tokens.add(self)

    def cancel(self, reason: str = "") -> None:
        """Cancel this token and its children; a second call does nothing, its reason is lost.

        Every waker is called, even after one that raises; the first such error is then raised here.
        """
        failure: BaseException | None = None
        with self._lock:
            if self._cancelled:
                return
            # Who is woken asks for the reason first, so it stands before anyone is woken.
            self._reason = reason
            self._cancelled = True
            if self._descriptor is not None:
                self._descriptor.make_readable()
            for wake in tuple(self._wakers):
                # A waker may unregister others, and a signal handler may come in between.
                if wake in self._wakers:
                    del self._wakers[wake]
                    try:
                        wake()
                    except BaseException as error:  # noqa: BLE001 - raised below
                        failure = failure or error
            children = () if self._children is None else tuple(self._children)
        for child in children:
            try:
                child.cancel(reason)
            except BaseException as error:  # noqa: BLE001 - raised below
                failure = failure or error
        if failure is not None:
            raise failure

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called, here or on a parent."""
        return self._cancelled

    @property
    def reason(self) -> str:
        """What the first `cancel` gave as its reason, "" if none or not cancelled."""
        return self._reason

    def child(self) -> CancelToken:
        """Return a token that this one cancels too, and that can be cancelled alone.

        It is held weakly here: who waits on it must keep it.
        """
        child = CancelToken()
        with self._lock:
            if self._children is None:
                self._children = weakref.WeakSet()
            self._children.add(child)
        # Asked last: a signal handler may have cancelled while the child was being added.
        if self._cancelled:
            child.cancel(self._reason)
        return child

    def register(self, wake: Callable[[], None]) -> None:
        """Have `wake` called once on cancellation, at once if that has happened already.

        It runs under this token's lock, in the thread that cancels: it must not block. Wakers are
        told apart by equality, and one registered twice is called once.
        """
        with self._lock:
            self._wakers[wake] = None
            # Asked last, and only if still there: a signal handler may have cancelled in between.
            if self._cancelled and wake in self._wakers:
                del self._wakers[wake]
                wake()

    def unregister(self, wake: Callable[[], None]) -> None:
        """Forget `wake`; once this returns it is not running and will not be called."""
        with self._lock:
            self._wakers.pop(wake, None)

    def fileno(self) -> int:
        """Return a descriptor for select, poll and kin that is readable once cancelled.

        It is made on first use, stays the same, and is closed with the token. Never read from it.
        Raises OSError if the process has no descriptors left.
        """
        with self._lock:
            descriptor = self._descriptor
            if descriptor is None:
                descriptor = self._descriptor = _WakeDescriptor()
                self._close_descriptor = weakref.finalize(self, descriptor.close)
                # Calls may still run while the interpreter exits; the system closes it after them.
                self._close_descriptor.atexit = False
                if self._cancelled:
                    descriptor.make_readable()
            return descriptor.number

    def __repr__(self) -> str:
        if not self._cancelled:
            return "CancelToken()"
        return f"<CancelToken cancelled: {self._reason!r}>"

    def __reduce__(self) -> NoReturn:
        msg = "a CancelToken belongs to its process and cannot be copied or pickled"
        raise TypeError(msg)

    def _start_over_in_child(self) -> None:  # pragma: no cover - a forked child
        """Drop what belongs to the parent process and to its threads, none of which live here."""
        self._lock = threading.RLock()
        self._wakers = {}
        if self._close_descriptor is not None:
            # Shared with the parent, whose cancellation is not ours.
            self._close_descriptor()
            self._close_descriptor = None
            self._descriptor = None


class _WakeDescriptor:
    """A descriptor that turns readable once and stays so, since nobody reads from it."""

    __slots__ = ("_ends", "number")

    def __init__(self) -> None:
        self._ends: tuple[socket.socket, socket.socket] | None = None
        if hasattr(os, "eventfd"):
            self.number: int = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        else:
            # Not a pipe: on Windows select takes sockets only.
            self._ends = socket.socketpair()
            for end in self._ends:
                end.setblocking(False)
            self.number = self._ends[0].fileno()

    def make_readable(self) -> None:
        if self._ends is None:
            os.eventfd_write(self.number, 1)
        else:
            self._ends[1].send(b"\0")

    def close(self) -> None:
        if self._ends is None:
            os.close(self.number)
        else:
            for end in self._ends:
                end.close()


_living_tokens: weakref.WeakSet[CancelToken] = weakref.WeakSet()


def _start_over_after_fork() -> None:  # pragma: no cover - a forked child
    for token in tuple(_living_tokens):
        token._start_over_in_child()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_start_over_after_fork)
