# GENERATED from _async/test_cache_stale.py by tools/unasync.py. Do not edit.
"""Stale answers: in place of a server that fails, and while a newer one is fetched."""

from __future__ import annotations

import logging
import threading

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    CircuitOpenError,
    ServiceUnavailableError,
    TransportError,
)
from antiphon.policies.cache import Cache
from tests.thread_group import until
from tests.app import App, Received, Sequence, answer
from tests.cache_turns import Wall
from tests.loopback import LoopbackServer

HOUR = {"Cache-Control": "max-age=3600"}


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Stop the wall clock of the cache."""
    return Wall(monkeypatch, "antiphon._sync.steps")


def fill_and_fail(
    wall: Wall,
    failure: bytes,
    stored: str,
    *,
    later: float = 3,
    cache: Cache | None = None,
    **asks: object,
) -> object:
    """Store an answer, let it become stale, and ask again when the server fails."""
    app = App({"/": Sequence(answer(200, "old", {"Cache-Control": stored}), failure)})
    with LoopbackServer(app) as server:
        with Client(policies=[cache or Cache()], retry=None) as client:
            client.get(server.url)
            wall.now += later
            return client.get(server.url, **asks)


CLOSED = b""
BUSY = answer(503, "busy")


@pytest.mark.parametrize("failure", [CLOSED, BUSY], ids=["closed", "503"])
def test_stale_if_error(failure: bytes, wall: Wall) -> None:
    """Where the server said so, what is stale stands in for it; the attempt shows (RFC 5861 4)."""
    response = fill_and_fail(wall, failure, "max-age=2, stale-if-error=60")

    assert ("old", "stale", 3.0) == (response.text, response.cache.status, response.cache.age)
    assert [503 if failure else None] == [attempt.status for attempt in response.attempts]


def test_stale_if_error_of_the_caller(wall: Wall) -> None:
    """The settings allow it where the server is silent, and a request may, or may not."""
    response = fill_and_fail(wall, BUSY, "max-age=2", cache=Cache(stale_if_error=60))
    assert "stale" == response.cache.status

    asks = {"headers": {"Cache-Control": "stale-if-error=60"}}
    assert "stale" == (fill_and_fail(wall, BUSY, "max-age=2", **asks)).cache.status

    asks = {"headers": {"Cache-Control": "stale-if-error=0"}}
    with pytest.raises(ServiceUnavailableError):
        fill_and_fail(wall, BUSY, "max-age=2", cache=Cache(stale_if_error=60), **asks)


@pytest.mark.parametrize(
    "stored",
    [
        "max-age=2",
        "max-age=2, stale-if-error=x",
        "max-age=2, stale-if-error=0",
        "max-age=2, stale-if-error=60, must-revalidate",
        "max-age=2, stale-if-error=60, no-cache",
    ],
)
def test_a_failure_is_a_failure(stored: str, wall: Wall) -> None:
    """Without permission, and against must-revalidate, nothing stale is used."""
    with pytest.raises(ServiceUnavailableError):
        fill_and_fail(wall, BUSY, stored)
    with pytest.raises(TransportError):
        fill_and_fail(wall, CLOSED, stored)


def test_stale_if_error_has_an_end(wall: Wall) -> None:
    """The permission is for so many seconds past freshness."""
    with pytest.raises(ServiceUnavailableError):
        fill_and_fail(wall, BUSY, "max-age=2, stale-if-error=60", later=63)


def test_an_open_circuit_is_a_failure(wall: Wall) -> None:
    """What a breaker inside of the cache refuses can be answered stale, too."""

    class Breaker:
        stage = "attempt"
        open = False

        def __call__(self, request: object, call: object) -> object:
            if self.open:
                raise CircuitOpenError("open")
            yield request

    breaker = Breaker()
    app = App({"/": answer(200, "old", {"Cache-Control": "max-age=2, stale-if-error=60"})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache(), breaker], retry=None) as client:
            client.get(server.url)
            breaker.open = True
            wall.now += 3
            response = client.get(server.url)

    assert ("old", "stale") == (response.text, response.cache.status)


def test_nothing_that_fits_stands_in(wall: Wall) -> None:
    """A part that is not stored cannot stand in for a failing server."""
    fields = {"Cache-Control": "max-age=2, stale-if-error=60", "ETag": '"a"'}
    app = App({"/": answer(206, "01", {**fields, "Content-Range": "bytes 0-1/4"})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()], retry=None) as client:
            client.get(server.url, headers={"Range": "bytes=0-1"})
            app.routes["/"] = BUSY
            with pytest.raises(ServiceUnavailableError):
                client.get(server.url)


SWR = {"Cache-Control": "max-age=2, stale-while-revalidate=60", "ETag": '"a"'}


class Held:
    """Gives its answers once it is let go, and says when it is asked."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.asked = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, request: Received) -> bytes:
        self.asked.release()
        assert self.go.acquire(timeout=10)
        return self._answers.pop(0)


def refreshed(client: Client, url: str, cache: Cache) -> object:
    """Ask again once nothing is being revalidated."""
    until(lambda: not cache._revalidating)
    return client.get(url)


def test_stale_while_revalidate(wall: Wall) -> None:
    """The stale answer comes at once, one request behind it brings the next (RFC 5861 3)."""
    app = App({"/": answer(200, "old", SWR)})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache], retry=None) as client:
            client.get(server.url)
            wall.now += 3
            held = Held(answer(200, "new", SWR))
            app.routes["/"] = held
            responses = [client.get(server.url) for _ in range(3)]
            assert ["old"] * 3 == [response.text for response in responses]
            assert ["stale"] * 3 == [response.cache.status for response in responses]
            assert [(), (), ()] == [response.attempts for response in responses]
            held.go.release()
            response = refreshed(client, server.url, cache)

    assert ("new", "hit") == (response.text, response.cache.status)
    assert 2 == len(app.requests)
    assert '"a"' == app.last.headers["if-none-match"]


def test_a_revalidation_behind_a_part(wall: Wall) -> None:
    """Behind a part, and behind a 304 to the caller's own condition, the whole is refreshed."""
    app = App({"/": answer(200, "0123", SWR)})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache], retry=None) as client:
            client.get(server.url)
            wall.now += 3
            app.routes["/"] = answer(304, "", {"Cache-Control": "max-age=100"})
            response = client.get(server.url, headers={"Range": "bytes=1-2"})
            assert ("12", "stale") == (response.text, response.cache.status)
            response = refreshed(client, server.url, cache)

    assert ("0123", "hit") == (response.text, response.cache.status)
    assert "range" not in app.last.headers


def test_a_revalidation_that_fails_is_tried_again(
    wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure behind the caller's back is logged, and the next stale answer tries again."""
    fields = {"Cache-Control": "max-age=2, stale-while-revalidate=60"}
    app = App({"/": answer(200, "old", fields)})
    cache = Cache()
    with LoopbackServer(app) as server, caplog.at_level(logging.WARNING, "antiphon.cache"):
        with Client(policies=[cache], retry=None) as client:
            client.get(server.url)
            wall.now += 3
            app.routes["/"] = Sequence(b"no HTTP\r\n\r\n", answer(200, "new", HOUR))
            assert "stale" == (client.get(server.url)).cache.status
            assert "stale" == (refreshed(client, server.url, cache)).cache.status
            response = refreshed(client, server.url, cache)

    assert ("new", "hit") == (response.text, response.cache.status)
    (record,) = caplog.records
    assert "cache: revalidation in the background failed: " in record.getMessage()


def test_no_room_for_a_revalidation(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing can be started behind it, the stale answer is given all the same."""

    def refuse(run: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("antiphon._sync.steps.cache_revalidation.start_background", refuse)
    app = App({"/": answer(200, "old", SWR)})
    cache = Cache()
    with LoopbackServer(app) as server, caplog.at_level(logging.WARNING, "antiphon.cache"):
        with Client(policies=[cache]) as client:
            client.get(server.url)
            wall.now += 3
            for _ in range(2):
                assert "stale" == (client.get(server.url)).cache.status

    assert 2 == len(caplog.records)
