# GENERATED from _async/test_cache.py by tools/unasync.py. Do not edit.
"""The cache as a step of the pipeline: what is stored, when, and what comes of failures."""

from __future__ import annotations

import gzip
import logging
import pickle
import socket
import threading

import pytest

from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    CircuitOpenError,
    ConnectError,
    ContentDecodingError,
    NotFoundError,
    RemoteProtocolError,
    RequestCancelled,
    ResponseTooLargeError,
    ServiceUnavailableError,
    TransportError,
)
from antiphon.models.cache_info import CacheInfo
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.stored_response import StoredResponse
from antiphon.policies.cache import Cache
from antiphon.policies.memory_store import MemoryStore
from tests.thread_group import until
from tests.app import App, Received, Sequence, answer, redirect
from tests.cache_turns import Wall
from tests.loopback import LoopbackServer
from tests.servers import read_head

HOUR = {"Cache-Control": "max-age=3600"}
SHORT = {"Cache-Control": "max-age=2"}


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Stop the wall clock of the cache."""
    return Wall(monkeypatch, "antiphon._sync.steps")


def test_a_hit_sends_nothing() -> None:
    """The second answer is from the cache, the same as the first, and no attempt was made."""
    app = App({"/": answer(200, "hello", {**HOUR, "X-Any": "1"})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            first = client.get(server.url)
            second = client.get(server.url)

    assert 1 == len(app.requests)
    assert CacheInfo("miss", None, stored=True) == first.cache
    assert "hit" == second.cache.status
    assert second.cache.is_from_cache
    assert not first.cache.is_from_cache
    assert second.cache.stored
    assert 0 <= second.cache.age < 5
    assert ((), "hello", "1") == (second.attempts, second.text, second.headers["x-any"])
    assert (200, "Reason", "HTTP/1.1") == (second.status, second.reason, second.http_version)
    assert second.cache == pickle.loads(pickle.dumps(second)).cache


def test_without_a_cache() -> None:
    """A client that has no cache says nothing about one."""
    app = App({"/": answer(200, "hello", HOUR)})
    with LoopbackServer(app) as server:
        with Client() as client:
            response = client.get(server.url)

    assert response.cache is None


def test_codings_are_kept_as_sent() -> None:
    """A compressed body is stored compressed: both ways to read it give what the server's does."""
    packed = gzip.compress(b"text " * 1000, mtime=0)
    app = App({"/": answer(200, packed, {**HOUR, "Content-Encoding": "gzip"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            for _ in range(2):
                response = client.get(server.url)
                assert "text " * 1000 == response.text
                assert "gzip" == response.headers["content-encoding"]
            with client.stream("GET", server.url) as stream:
                raw = b"".join([piece for piece in stream.iter_raw()])
            with client.stream("GET", server.url) as stream:
                text = b"".join([piece for piece in stream.iter_bytes()])

    assert (packed, b"text " * 1000) == (raw, text)
    assert 1 == len(app.requests)
    assert cache.store.size < 1000


def test_trailers_are_stored() -> None:
    """Fields after the body come from the cache too."""
    body = b"5\r\nhello\r\n0\r\nX-After: 1\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nTransfer-Encoding: chunked\r\n\r\n"
    app = App({"/": head + body})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            for status in ("miss", "hit"):
                response = client.get(server.url)
                assert (status, "1") == (response.cache.status, response.trailers["x-after"])
                assert "hello" == response.text


def test_a_stream_is_stored_at_its_end() -> None:
    """The body of a stream is stored once the caller has read all of it."""
    app = App({"/": answer(200, b"x" * 300_000, HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            with client.stream("GET", server.url) as stream:
                assert CacheInfo("miss") == stream.cache
                for _ in stream.iter_bytes():
                    pass
                assert CacheInfo("miss", stored=True) == stream.cache
            with client.stream("GET", server.url) as stream:
                assert "hit" == stream.cache.status
                content = stream.read()
            response = client.get(server.url)

    assert b"x" * 300_000 == content == response.content
    assert "hit" == response.cache.status
    assert 1 == len(app.requests)


def test_a_stream_left_early_is_not_stored() -> None:
    """What the caller did not read to the end is not whole, and so not stored."""
    app = App({"/": answer(200, b"x" * 3_000_000, HOUR)})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            with client.stream("GET", server.url) as stream:
                for _ in stream.iter_bytes():
                    break
                info = stream.cache
            response = client.get(server.url)

    assert CacheInfo("miss") == info
    assert ("miss", 3_000_000) == (response.cache.status, len(response.content))


def test_a_body_cut_short_is_never_stored() -> None:
    """A connection that breaks off leaves nothing behind, be the body streamed or loaded."""
    cut = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 10\r\n\r\nhalf"

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(cut)

    cache = Cache()
    with LoopbackServer(serve) as server:
        with Client(policies=[cache], retry=None) as client:
            with pytest.raises(RemoteProtocolError):
                client.get(server.url)
            with client.stream("GET", server.url) as stream:
                with pytest.raises(RemoteProtocolError):
                    stream.read()
                assert not stream.cache.stored

    assert 0 == len(cache.store)


def test_a_body_that_does_not_decode_is_not_stored() -> None:
    """A loaded body that is broken in its coding is asked for again."""
    app = App({"/": answer(200, b"not gzip", {**HOUR, "Content-Encoding": "gzip"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            with pytest.raises(ContentDecodingError):
                client.get(server.url)

    assert 0 == len(cache.store)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("stream", [True, False])
def test_long_bodies_are_not_stored(declared: bool, stream: bool) -> None:
    """A body longer than max_entry_bytes passes through, whether its length is declared or not."""
    body = b"x" * 200_001
    chunked = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    app = App({"/": answer(200, body, HOUR) if declared else chunked})
    cache = Cache(max_entry_bytes=200_000)
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            if stream:
                with client.stream("GET", server.url) as response:
                    content = response.read()
            else:
                response = client.get(server.url)
                content = response.content

    assert body == content
    assert CacheInfo("miss") == response.cache
    assert 0 == len(cache.store)


def test_errors_come_from_the_cache_as_errors() -> None:
    """A stored 404 is raised as one; its body is cut as that of the server's would be."""
    app = App({"/": answer(404, "x" * 100, HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            with pytest.raises(NotFoundError) as first:
                client.get(server.url)
            with pytest.raises(NotFoundError) as second:
                client.get(server.url)
            with pytest.raises(NotFoundError) as third:
                client.get(server.url, max_response_bytes=10)

    assert ["miss", "hit", "hit"] == [
        caught.value.response.cache.status for caught in (first, second, third)
    ]
    assert b"x" * 10 == third.value.response.content
    assert 1 == len(app.requests)


def test_max_response_bytes_holds_for_hits() -> None:
    """What is too long from the server is too long from the cache."""
    app = App({"/": answer(200, "x" * 100, HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            client.get(server.url)
            with pytest.raises(ResponseTooLargeError):
                client.get(server.url, max_response_bytes=99)


def test_redirects_are_stored() -> None:
    """Each hop is a request of its own: a stored redirect is followed without asking."""
    app = App({"/": redirect("/there", 301, HOUR), "/there": answer(200, "here", HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            client.get(server.url)
            response = client.get(server.url)

    assert ("hit", "here") == (response.cache.status, response.text)
    assert ["hit"] == [hop.cache.status for hop in response.history]
    assert 2 == len(app.requests)


def test_stored_cookies_are_not_set_again(wall: Wall) -> None:
    """A hit leaves the jar alone; a 304 that sets a cookie sets it."""
    app = App({"/": answer(200, "", {**SHORT, "ETag": '"a"', "Set-Cookie": "n=1"})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            client.get(server.url)
            client.cookies.set("n", "mine", domain="127.0.0.1")
            response = client.get(server.url)
            assert ("hit", "n=1") == (response.cache.status, response.headers["set-cookie"])
            assert "mine" == client.cookies["n"]

            wall.now += 3
            app.routes["/"] = answer(304, "", {"Set-Cookie": "n=2"})
            response = client.get(server.url)
            assert "revalidated" == response.cache.status
            assert "2" == client.cookies["n"]


def test_variants_of_one_url_are_bounded() -> None:
    """A server that varies by a header of any value does not fill the store with one URL."""
    app = App({"/": answer(200, "", {**HOUR, "Vary": "X"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            for number in range(65):
                client.get(server.url, headers={"X": str(number)})
            assert 1 == len(cache.store)
            response = client.get(server.url, headers={"X": "64"})

    assert "hit" == response.cache.status


# --- what is stale -------------------------------------------------------------------------------


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


# --- stores that fail ----------------------------------------------------------------------------


class Failing(MemoryStore):
    """A store whose methods named in `broken` raise."""

    def __init__(self, *broken: str) -> None:
        super().__init__()
        self.broken = set(broken)

    def get(self, key: str) -> list[StoredResponse]:
        self._fail("get")
        return super().get(key)

    def put(self, key: str, stored: StoredResponse) -> None:
        self._fail("put")
        super().put(key, stored)

    def delete(self, key: str) -> None:
        self._fail("delete")
        super().delete(key)

    def _fail(self, name: str) -> None:
        if name in self.broken:
            raise OSError(28, "No space left on device")


class FailingOnDisk(Failing):
    """The same, and it says that it blocks."""

    blocking = True


@pytest.mark.parametrize("kind", [Failing, FailingOnDisk])
def test_a_store_that_fails(kind: type[Failing], caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a store raises is logged, and the call goes on without the cache."""
    app = App({"/": answer(200, "fine", HOUR)})
    store = kind("get")
    with LoopbackServer(app) as server, caplog.at_level(logging.WARNING, "antiphon.cache"):
        with Client(policies=[Cache(store)]) as client:
            response = client.get(server.url)
            assert ("fine", CacheInfo("bypass")) == (response.text, response.cache)
            refused = client.get(server.url, cache="only-if-cached", raise_for_status=False)
            assert 504 == refused.status
            store.broken = {"put"}
            response = client.get(server.url)
            assert ("fine", CacheInfo("miss")) == (response.text, response.cache)
            store.broken = {"delete"}
            assert (client.get(server.url)).cache.stored
            assert "fine" == (client.post(server.url)).text
            assert "hit" == (client.get(server.url)).cache.status

    assert [
        "cache: get failed, the call goes on without it: OSError: [Errno 28] No space left on device",
        "cache: get failed, the call goes on without it: OSError: [Errno 28] No space left on device",
        "cache: put failed, the call goes on without it: OSError: [Errno 28] No space left on device",
        "cache: delete failed, the call goes on without it: OSError: [Errno 28] No space left on device",
    ] == [record.getMessage() for record in caplog.records]


# --- odd answers ---------------------------------------------------------------------------------


def test_a_part_that_cannot_be_completed() -> None:
    """A rest of another representation, or none at all, is dropped, and the whole is fetched."""
    part = {**HOUR, "ETag": '"a"', "Content-Range": "bytes 0-1/4"}
    other = {**HOUR, "ETag": '"b"', "Content-Range": "bytes 2-3/4"}
    for rest in (answer(206, "zz", other), answer(416)):
        app = App({"/": Sequence(answer(206, "01", part), rest, answer(200, "whole", HOUR))})
        with LoopbackServer(app) as server:
            with Client(policies=[Cache()], retry=None) as client:
                client.get(server.url, headers={"Range": "bytes=0-1"})
                response = client.get(server.url)

        assert ("whole", "miss", True) == (
            response.text,
            response.cache.status,
            response.cache.stored,
        )
        assert ["bytes=0-1", "bytes=2-", None] == [
            request.headers.get("range") for request in app.requests
        ]


def test_a_stream_does_not_complete_parts() -> None:
    """A stream asks for the whole: its caller reads what comes."""
    part = {**HOUR, "ETag": '"a"', "Content-Range": "bytes 0-1/4"}
    app = App({"/": Sequence(answer(206, "01", part), answer(200, "0123", HOUR))})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()], retry=None) as client:
            with client.stream("GET", server.url, headers={"Range": "bytes=0-1"}) as stream:
                stream.read()
            with client.stream("GET", server.url) as stream:
                assert b"0123" == stream.read()

    assert "range" not in app.last.headers


def test_a_confirmed_stream(wall: Wall) -> None:
    """A stream is confirmed by a 304 as a loaded answer is."""
    app = App({"/": answer(200, "whole", {**SHORT, "ETag": '"a"'})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            client.get(server.url)
            wall.now += 3
            app.routes["/"] = answer(304)
            with client.stream("GET", server.url) as stream:
                assert b"whole" == stream.read()

    assert CacheInfo("revalidated", 0.0, stored=True) == stream.cache


class Answering:
    """A policy inside of the cache that makes the answers itself."""

    stage = "attempt"

    def __init__(self, headers: dict[str, str], *, loaded: bool) -> None:
        self.headers = Headers(headers)
        self.loaded = loaded

    def __call__(self, request: object, call: object, next: object) -> ResponseStream:
        stream = ResponseStream.of_bytes(request, 200, self.headers, b"made")
        if self.loaded:
            stream.read()
        return stream


@pytest.mark.parametrize(
    ("loaded", "fields", "room", "status"),
    [
        (True, {}, 100, "hit"),
        (True, {"Content-Encoding": "unknown"}, 100, "miss"),
        (True, {}, 3, "miss"),
        (False, {}, 100, "miss"),
    ],
)
def test_answers_that_policies_make(
    loaded: bool, fields: dict[str, str], room: int, status: str
) -> None:
    """What a policy inside of the cache makes is stored if its bytes on the wire are known."""
    policies = [Cache(max_entry_bytes=room), Answering({**HOUR, **fields}, loaded=loaded)]
    with Client(policies=policies) as client:
        for expected in ("miss", status):
            response = client.get("http://made.example/")
            assert ("made", expected) == (response.text, response.cache.status)
        assert (status == "hit") == response.cache.stored


def test_an_error_while_learning_closes_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside of the cache, no connection is left open."""

    def broken(*args: object) -> None:
        raise ZeroDivisionError

    app = App({"/": answer(200, "x", HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            monkeypatch.setattr("antiphon._sync.steps.cache_keeping.may_store", broken)
            with pytest.raises(ZeroDivisionError):
                with client.stream("GET", server.url):
                    raise AssertionError("never opened")


def test_a_forgotten_stream_is_not_stored() -> None:
    """A recording whose stream is gone has nobody to store for."""
    app = App({"/": answer(200, "x", HOUR)})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache]) as client:
            with client.stream("GET", server.url) as stream:
                keeping = stream.recording.keeping
                stream.read()
            recording = stream.recording
            cache.store.clear()
            del stream
            keeping.keep(recording)

    assert 0 == len(cache.store)


def test_the_pipeline_shows_it() -> None:
    """The cache stands outside of retries, and listens where bodies arrive."""
    with Client(policies=[Cache()]) as client:
        lines = str(client.pipeline).splitlines()

    shown = [line.split()[0] for line in lines if "Cache(MemoryStore(" in line]
    assert ["cache", "wire"] == shown


def test_a_cancelled_call_gets_no_hit() -> None:
    """A token that was cancelled before ends the call, though nothing had to be sent."""
    token = CancelToken()
    app = App({"/": answer(200, "x", HOUR)})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            client.get(server.url, cancel=token)
            assert "hit" == (client.get(server.url, cancel=token)).cache.status
            token.cancel("user left")
            with pytest.raises(RequestCancelled, match="user left"):
                client.get(server.url, cancel=token)


def test_no_server_at_all() -> None:
    """Without a server and without an answer the error is the transport's."""
    with LoopbackServer(App({})) as server:
        url = server.url
    with Client(policies=[Cache(stale_if_error=60)], retry=None) as client:
        with pytest.raises(ConnectError):
            client.get(url)
