"""The network in an event loop: non-blocking sockets, and anyio's readiness to wait by.

The twin of `urllib3_network`. Whatever only tries a socket is shared code; here is who waits.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

import anyio
from anyio import wait_readable, wait_writable
from anyio.lowlevel import checkpoint

from antiphon.network import clock
from antiphon.network.anyio_loops import LoopDoor, running_asyncio_loop, running_door
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT, Outcome, WaitEnded

if TYPE_CHECKING:
    from antiphon.models.body import Body
    from antiphon.models.cancel import CancelToken


class AsyncGate:
    """Waits for one connected socket that its caller owns alone.

    A wait is ended early by `shutdown()` of the socket: it makes it readable and writable, in any
    loop and from any thread, without touching the loop. The outcome is written first, so that the
    caller does not take the end of the stream for the peer's. The connection is lost by it, as an
    HTTP/1.1 connection is anyway once nobody waits for the rest of its response.
    """

    __slots__ = ("_outcome", "_sock", "deadline")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._outcome: Outcome | None = None
        self.deadline = 0.0

    async def wait(
        self,
        readable: bool,
        writable: bool,
        deadline: float | None,
        cancel: CancelToken | None,
    ) -> Outcome:
        """Wait until the socket is ready, `deadline` (monotonic seconds) or the cancellation."""
        door: LoopDoor | None = None
        take_back: Callable[[], None] | None = None
        if cancel is not None:
            cancel.register(self._cancel)
        try:
            if deadline is not None:
                self.deadline = deadline
                replacement = clock.replacement()
                if replacement is None:
                    door = running_door()
                    door.watch(self)
                else:
                    take_back = replacement.call_at(deadline, self.time_out)
            if not writable:
                await wait_readable(self._sock)
            elif not readable:
                await wait_writable(self._sock)
            else:
                await _wait_either(self._sock)
        finally:
            if door is not None:
                door.waiting.discard(self)
            if take_back is not None:
                take_back()
            if cancel is not None:
                cancel.unregister(self._cancel)
        outcome, self._outcome = self._outcome, None
        return outcome or READY

    def time_out(self) -> None:
        """End the wait: its deadline has passed."""
        self._end(TIMED_OUT)

    def abort(self) -> None:
        """End the wait as if it had been cancelled; from any thread, finaliser or handler."""
        self._end(CANCELLED)

    def _cancel(self) -> None:
        self._end(CANCELLED)

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._outcome = outcome
        shut_down(self._sock)


def shut_down(sock: socket.socket) -> None:
    """Make whoever waits for the socket look at it; harmless on one that is closed."""
    try:
        # Not the method of `SSLSocket`, which throws the TLS state away under its reader's feet.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


async def _wait_either(sock: socket.socket) -> None:
    """Wait until the socket is readable or writable: a write that is blocked by a slow reader.

    In asyncio both are asked of the selector with one future. Two tasks, which trio needs, cost as
    much as a small request, and a large upload waits like this hundreds of times.
    """
    loop = running_asyncio_loop()
    if loop is not None:
        future = loop.create_future()

        def resolve() -> None:
            if not future.done():
                future.set_result(None)

        try:
            loop.add_reader(sock, resolve)
        except NotImplementedError:  # the proactor of Windows, where anyio has a way around
            pass
        else:
            try:
                loop.add_writer(sock, resolve)
                await future
            finally:
                loop.remove_reader(sock)
                loop.remove_writer(sock)
            return
    async with anyio.create_task_group() as group:

        async def first(wait: Callable[[socket.socket], object]) -> None:
            if wait is wait_readable:
                await wait_readable(sock)
            else:
                await wait_writable(sock)
            group.cancel_scope.cancel()

        group.start_soon(first, wait_readable)
        group.start_soon(first, wait_writable)


async def wait_any(
    readers: Sequence[socket.socket],
    writers: Sequence[socket.socket],
    deadline: float | None,
    cancel: CancelToken | None,
) -> Outcome:
    """Wait for any of several sockets that are still being connected or shaken hands with.

    For dialling only: it costs a cancel scope, and leaves the sockets as they are.
    """
    scope = anyio.CancelScope()
    outcome = READY

    def end(reason: Outcome) -> None:
        nonlocal outcome
        if outcome is READY:
            outcome = reason
        scope.cancel()

    def time_out() -> None:
        door.call_soon(lambda: end(TIMED_OUT))

    def on_cancel() -> None:
        door.call_soon(lambda: end(CANCELLED))

    door = running_door()
    take_back: Callable[[], None] | None = None
    if deadline is not None:
        replacement = clock.replacement()
        if replacement is None:
            scope.deadline = anyio.current_time() + max(0.0, deadline - clock.now())
        else:
            take_back = replacement.call_at(deadline, time_out)
    if cancel is not None:
        cancel.register(on_cancel)
    try:
        with scope:
            if len(readers) + len(writers) == 1:
                if readers:
                    await wait_readable(readers[0])
                else:
                    await wait_writable(writers[0])
            else:
                await _wait_first(readers, writers)
    finally:
        if take_back is not None:
            take_back()
        if cancel is not None:
            cancel.unregister(on_cancel)
    if scope.cancelled_caught and outcome is READY:
        return TIMED_OUT
    return outcome


async def _wait_first(readers: Sequence[socket.socket], writers: Sequence[socket.socket]) -> None:
    async with anyio.create_task_group() as group:

        async def first(sock: socket.socket, readable: bool) -> None:
            if readable:
                await wait_readable(sock)
            else:
                await wait_writable(sock)
            group.cancel_scope.cancel()

        for sock in readers:
            group.start_soon(first, sock, True)
        for sock in writers:
            group.start_soon(first, sock, False)


async def start_tls(
    sock: socket.socket,
    context: ssl.SSLContext,
    server_hostname: str,
    deadline: float | None,
    cancel: CancelToken | None,
) -> ssl.SSLSocket:
    """Shake hands over a connected socket and verify the peer; the socket's owner closes it.

    Raises `ssl.SSLError`, `OSError`, or `WaitEnded` at the deadline or a cancellation.
    """
    tls = context.wrap_socket(
        sock,
        server_hostname=server_hostname,
        do_handshake_on_connect=False,
        suppress_ragged_eofs=False,
    )
    try:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                outcome = await wait_any((tls,), (), deadline, cancel)
            except ssl.SSLWantWriteError:
                outcome = await wait_any((), (tls,), deadline, cancel)
            else:
                return tls
            if outcome is not READY:
                raise WaitEnded(outcome)
    except BaseException:
        tls.close()
        raise


class AsyncBodyChunks:
    """The pieces of a request body, whichever way its source gives them.

    `error` is what the source itself raised, to be told apart from errors of the connection.
    """

    __slots__ = ("_async", "_sync", "error")

    def __init__(self, body: Body) -> None:
        self.error: BaseException | None = None
        self._async: AsyncIterator[bytes] | None = body.async_chunks() if body.is_async else None
        self._sync: Iterator[bytes] | None = None if body.is_async else body.chunks()

    def __aiter__(self) -> AsyncBodyChunks:
        return self

    async def __anext__(self) -> bytes:
        try:
            if self._async is not None:
                return await self._async.__anext__()
            assert self._sync is not None
            for chunk in self._sync:
                return chunk
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Close the source if it is a generator: it will not be asked for more."""
        try:
            if isinstance(self._sync, Generator):
                self._sync.close()
            close = getattr(self._async, "aclose", None)
            if close is not None:
                await close()
        except BaseException as error:
            self.error = error
            raise


async def give_way() -> None:
    """Let other tasks run, where a long stretch of work had nothing to wait for."""
    await checkpoint()
