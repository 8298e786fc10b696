"""The cache among threads: one store, one revalidation, and nothing left when the client closes."""

from __future__ import annotations

import os
import threading

import pytest

from antiphon import Cache, Client
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer
from tests.thread_group import until

HOUR = {"Cache-Control": "max-age=3600"}


def test_threads_share_a_cache() -> None:
    """Eight threads ask for ten URLs: each answer is right, and most come from the cache."""

    def respond(request: Received) -> bytes:
        return answer(200, request.target, HOUR)

    app = App({f"/{number}": respond for number in range(10)})
    wrong: list[object] = []
    with LoopbackServer(app) as server, Client(policies=[Cache()]) as client:

        def work() -> None:
            try:
                for step in range(100):
                    path = f"/{step % 10}"
                    found = client.get(server.url + path)
                    if found.text != path:
                        wrong.append(found)
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [] == wrong
    assert 10 <= len(app.requests) <= 80


def test_many_stale_answers_cost_one_request() -> None:
    """Eight threads get a stale answer at once, and one request is made behind them."""
    fields = {"Cache-Control": "max-age=0, stale-while-revalidate=60"}
    release = threading.Event()
    app = App({"/": answer(200, "old", fields)})
    cache = Cache()
    with LoopbackServer(app) as server, Client(policies=[cache], retry=None) as client:
        client.get(server.url)

        def slowly(request: Received) -> bytes:
            release.wait(10)
            return answer(200, "new", HOUR)

        app.routes["/"] = slowly
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(client.get(server.url).cache.status))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        release.set()
        until(lambda: not cache._revalidating)
        assert "hit" == client.get(server.url).cache.status

    assert ["stale"] * 8 == found
    assert 2 == len(app.requests)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_a_forked_child_starts_with_an_empty_cache() -> None:
    """A lock that another thread held at the fork does not stop the child."""
    cache = Cache()
    app = App({"/": answer(200, "x", HOUR)})
    with LoopbackServer(app) as server, Client(policies=[cache]) as client:
        client.get(server.url)
        cache.begin_revalidation("k", 0.0)
        with cache._lock, cache.store._lock:
            child = os.fork()
            if child == 0:  # pragma: no cover - the child
                good = len(cache.store) == 0 and cache.begin_revalidation("k", 0.0)
                os._exit(0 if good else 1)
        _, status = os.waitpid(child, 0)
        assert "hit" == client.get(server.url).cache.status

    assert 0 == os.waitstatus_to_exitcode(status)
