# GENERATED from _async/test_cache_stores.py by tools/unasync.py. Do not edit.
"""Stores that fail, and answers that do not fit."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    ConnectError,
    RequestCancelled,
)
from antiphon.models.cache_info import CacheInfo
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.stored_response import StoredResponse
from antiphon.policies.cache import Cache
from antiphon.policies.memory_store import MemoryStore
from antiphon.stores.sqlite import SQLiteStore
from tests.app import App, Sequence, answer
from tests.cache_turns import Wall
from tests.loopback import LoopbackServer

HOUR = {"Cache-Control": "max-age=3600"}
SHORT = {"Cache-Control": "max-age=2"}


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Stop the wall clock of the cache."""
    return Wall(monkeypatch, "antiphon._sync.steps")


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


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize(
    "garbage",
    [None, "text", [None], [b"bytes"], 5, iter(())],
    ids=["None", "text", "none in it", "bytes in it", "number", "iterator"],
)
def test_a_store_that_returns_something_else(
    garbage: object, blocking: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no list of stored responses is logged, and the call goes on without the cache."""
    app = App({"/": answer(200, "fine", HOUR)})
    store = MemoryStore()
    store_of_garbage = SimpleNamespace(
        blocking=blocking, get=lambda key: garbage, put=store.put, delete=store.delete
    )
    with LoopbackServer(app) as server:
        with Client(policies=[Cache(store_of_garbage)]) as client:
            response = client.get(server.url)

    assert ("fine", CacheInfo("bypass")) == (response.text, response.cache)
    assert ["antiphon.cache"] == [record.name for record in caplog.records]
    assert "get failed" in caplog.text


def test_a_store_that_mixes_urls_up() -> None:
    """An answer that came from another URL is none to this one, wherever the store has found it."""
    app = App({"/": answer(200, "one", HOUR), "/other": answer(200, "other", HOUR)})
    store = MemoryStore()
    kept: list[StoredResponse] = []
    mixed = SimpleNamespace(
        blocking=False,
        get=lambda key: list(kept),
        put=lambda key, stored: kept.append(stored),
        delete=store.delete,
    )
    with LoopbackServer(app) as server:
        with Client(policies=[Cache(mixed)]) as client:
            client.get(server.url)
            response = client.get(server.url + "/other")
            again = client.get(server.url)

    assert ("other", "miss") == (response.text, response.cache.status)
    assert ("one", "hit") == (again.text, again.cache.status)


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


def test_a_cache_on_disk(tmp_path: Path) -> None:
    """What one client stored in a file answers the next one, coded as it was sent."""
    packed = gzip.compress(b"text" * 1000)
    app = App({"/": answer(200, packed, {**HOUR, "Content-Encoding": "gzip", "Vary": "A"})})
    with LoopbackServer(app) as server:
        for status in ("miss", "hit"):
            store = SQLiteStore(tmp_path / "cache.db")
            with Client(policies=[Cache(store)]) as client:
                response = client.get(server.url, headers={"A": "1"})
                assert (status, "text" * 1000) == (response.cache.status, response.text)
            store.close()
        store = SQLiteStore(tmp_path / "cache.db")
        with Client(policies=[Cache(store)]) as client:
            client.delete(server.url)
            assert "miss" == (client.get(server.url)).cache.status
        store.close()


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
