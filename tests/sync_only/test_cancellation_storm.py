"""Requests that are cancelled at random moments, by tokens from a thread, leave the pool whole."""

from __future__ import annotations

import heapq
import threading
import time
from typing import Self

import pytest

from antiphon import CancelToken, Client, Limits, PoolTimeout, RequestCancelled, Timeout, TLSConfig
from antiphon.testing import FaultServer
from tests.certificates import ca_file
from tests.storm import AT_ONCE, BODY, POOL, REQUESTS, patience, slow_server
from tests.thread_census import census, nothing_left


class Canceller:
    """Cancels tokens from a thread of its own, each at its time."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, CancelToken]] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run)

    def after(self, seconds: float, number: int) -> CancelToken:
        """Return a token that is cancelled after so many seconds."""
        token = CancelToken()
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, number, token))
            self._changed.notify()
        return token

    def _run(self) -> None:
        while not self._ended:
            with self._changed:
                first = self._due[0][0] - time.monotonic() if self._due else None
                if first is None or first > 0:
                    self._changed.wait(first)
                    continue
                _, _, token = heapq.heappop(self._due)
            token.cancel()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(10)


def request(client: Client, url: str, number: int, token: CancelToken) -> None:
    """Make a call of one kind or another, to its end."""
    if number % 3 == 0:
        assert BODY == client.get(url, cancel=token).content
    elif number % 3 == 1:
        assert BODY == client.post(url, content=bytes(200_000), cancel=token).content
    else:
        with client.stream("GET", url, cancel=token) as stream:
            for _ in stream.iter_bytes(100):
                if number % 2:
                    break


def storm(client: Client, url: str, waits: list[float]) -> int:
    """Make the calls, some at a time, each as long as its patience lasts; how many were done."""
    done: list[int] = []
    errors: list[BaseException] = []
    numbers = iter(range(len(waits)))
    turn = threading.Lock()

    def caller() -> None:
        while True:
            with turn:
                number = next(numbers, None)
            if number is None:
                return
            try:
                request(client, url, number, canceller.after(waits[number], number))
            except RequestCancelled:
                continue
            except BaseException as error:
                errors.append(error)
            else:
                done.append(number)

    with Canceller() as canceller:
        callers = [threading.Thread(target=caller) for _ in range(AT_ONCE)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
    assert [] == errors
    return len(done)


def serves_as_many_as_it_may(client: Client, server: FaultServer) -> None:
    """The pool has a connection for each of five callers at once, and none for a sixth."""
    streams = [client.stream("GET", server.url).__enter__() for _ in range(POOL)]
    with pytest.raises(PoolTimeout):
        client.get(server.url, timeout=Timeout(pool=0.01), retry=None)
    for stream in streams:
        assert BODY == stream.read()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_pool_survives(scheme: str) -> None:
    """After hundreds of cancelled calls a pool of five serves five, and no descriptor is left."""
    before = census()
    with (
        slow_server(scheme) as server,
        Client(limits=Limits(max_connections=POOL), tls=TLSConfig(ca_file=ca_file())) as client,
    ):
        done = storm(client, server.url, patience(seed=2))
        assert REQUESTS / 10 <= done < REQUESTS
        serves_as_many_as_it_may(client, server)
    nothing_left(before)
