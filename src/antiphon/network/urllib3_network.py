"""The network without an event loop: non-blocking sockets, `poll` to wait by, urllib3 for TLS.

The twin of `anyio_network`. Whatever only tries a socket is shared code; here is who waits.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING

from antiphon.errors import WrongFlavourError
from antiphon.models.cancel import CancelToken
from antiphon.network import clock
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT, Outcome

if TYPE_CHECKING:
    import ssl

    from antiphon.models.body import Body

_HAS_POLL = hasattr(select, "poll")
# The most milliseconds that `poll` takes, a C int: 24 days, after which a wait counts as timed out.
_LONGEST_POLL = 0x7FFF_FFFF


class Gate:
    """Waits for one connected socket that its caller owns alone.

    The poll object is made once a connection: making and filling one costs as much as asking it.
    """

    __slots__ = ("_aborted", "_poll", "_sock")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._aborted = False
        self._poll: Callable[[float | None], list[tuple[int, int]]] | None = None
        if _HAS_POLL:
            poller = select.poll()
            poller.register(sock, select.POLLIN)
            self._poll = poller.poll

    def wait(
        self,
        readable: bool,
        writable: bool,
        deadline: float | None,
        cancel: CancelToken | None,
    ) -> Outcome:
        """Wait until the socket is ready, `deadline` (monotonic seconds) or the cancellation."""
        if writable or cancel is not None or self._poll is None or clock.replacement() is not None:
            sockets = (self._sock,)
            outcome = wait_any(
                sockets if readable else (), sockets if writable else (), deadline, cancel
            )
        elif deadline is None:
            self._poll(None)
            outcome = READY
        else:
            outcome = READY if self._poll(_milliseconds(deadline - clock.now())) else TIMED_OUT
        return CANCELLED if self._aborted else outcome

    def abort(self) -> None:
        """End the wait as if it had been cancelled; from any thread, finaliser or handler."""
        self._aborted = True
        shut_down(self._sock)


def shut_down(sock: socket.socket) -> None:
    """Make whoever waits for the socket look at it; harmless on one that is closed."""
    try:
        # Not the method of `SSLSocket`, which throws the TLS state away under its reader's feet.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def wait_any(
    readers: Sequence[socket.socket],
    writers: Sequence[socket.socket],
    deadline: float | None,
    cancel: CancelToken | None,
) -> Outcome:
    """Wait for any of several sockets: for dialling, and where a token may cancel the wait.

    The token's wake descriptor, and that of a clock which stands in for the real one, are polled
    beside the sockets.
    """
    replacement = clock.replacement()
    if replacement is None or deadline is None:
        return _wait_any(readers, writers, deadline, cancel, None)
    alarm = CancelToken()
    take_back = replacement.call_at(deadline, alarm.cancel)
    try:
        return _wait_any(readers, writers, None, cancel, alarm)
    finally:
        take_back()


def _wait_any(
    readers: Sequence[socket.socket],
    writers: Sequence[socket.socket],
    deadline: float | None,
    cancel: CancelToken | None,
    alarm: CancelToken | None,
) -> Outcome:
    read_fds = {sock.fileno() for sock in readers}
    write_fds = {sock.fileno() for sock in writers}
    if cancel is not None:
        if cancel.cancelled:
            return CANCELLED
        read_fds.add(cancel.fileno())
    if alarm is not None:
        read_fds.add(alarm.fileno())
    timeout = None if deadline is None else max(0.0, deadline - clock.now())
    ready = _poll_once(read_fds, write_fds, timeout)
    if cancel is not None and cancel.cancelled:
        return CANCELLED
    if alarm is not None:
        if alarm.cancelled:
            ready = ready - {alarm.fileno()}
        return READY if ready else TIMED_OUT
    return READY if ready else TIMED_OUT


def _milliseconds(seconds: float) -> int:
    """What to give `poll`: whole milliseconds, rounded up lest it turn back a little too early."""
    if seconds <= 0:
        return 0
    milliseconds = seconds * 1000
    return ceil(milliseconds) if milliseconds < _LONGEST_POLL else _LONGEST_POLL


def _poll_once(read_fds: set[int], write_fds: set[int], timeout: float | None) -> set[int]:
    if not _HAS_POLL:
        longest = None if timeout is None else min(timeout, _LONGEST_POLL / 1000)
        readable, writable, failed = select.select(read_fds, write_fds, write_fds, longest)
        return {*readable, *writable, *failed}
    poller = select.poll()
    for fd in read_fds | write_fds:
        wanted = (select.POLLIN if fd in read_fds else 0) | (
            select.POLLOUT if fd in write_fds else 0
        )
        poller.register(fd, wanted)
    return {fd for fd, _ in poller.poll(None if timeout is None else _milliseconds(timeout))}


def start_tls(
    sock: socket.socket,
    context: ssl.SSLContext,
    server_hostname: str,
    deadline: float | None,
    cancel: CancelToken | None,
) -> ssl.SSLSocket:
    """Shake hands over a connected socket and verify the peer; the socket's owner closes it.

    Raises `ssl.SSLError`, `OSError`, or `WaitEnded` at the deadline or a cancellation.
    """
    # Not before the first TLS connection: importing urllib3 takes longer than a whole request.
    from antiphon.network.urllib3_tls import wrap

    return wrap(
        sock,
        context,
        server_hostname,
        lambda readers, writers: wait_any(readers, writers, deadline, cancel),
    )


class BodyChunks:
    """The pieces of a request body, from a source that needs no event loop.

    `error` is what the source itself raised, to be told apart from errors of the connection.
    """

    __slots__ = ("_chunks", "error")

    def __init__(self, body: Body) -> None:
        self.error: BaseException | None = None
        if body.is_async:
            raise WrongFlavourError(
                "the request body is an async iterable, which Client cannot iterate; "
                "give it bytes, a file or a plain iterable, or use AsyncClient"
            )
        self._chunks: Iterator[bytes] = body.chunks()

    def __iter__(self) -> BodyChunks:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise

    def close(self) -> None:
        """Close the source if it is a generator: it will not be asked for more."""
        source = self._chunks
        if isinstance(source, Generator):
            try:
                source.close()
            except BaseException as error:
                self.error = error
                raise


def give_way() -> None:
    """Do nothing: threads take turns by themselves."""
