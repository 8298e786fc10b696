# GENERATED from _async/test_cache_in_stores.py by tools/unasync.py. Do not edit.
"""A cache on disk and one in Redis, as a client sees them: what one has fetched another is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.client import Client
from antiphon.policies.cache import Cache
from antiphon.stores.redis import RedisStore
from antiphon.stores.sqlite import SQLiteStore
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.redis_server import RedisServer, needs_redis

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FRESH = answer(200, "fresh for an hour", {"Cache-Control": "max-age=3600"})


def test_a_cache_on_disk(tmp_path: Path) -> None:
    """What one client has fetched a later one finds in the file; without the file it asks."""
    path = tmp_path / "cache.db"
    app = App({"/": FRESH})
    with LoopbackServer(app) as server:
        for expected in ("miss", "hit"):
            with SQLiteStore(path) as store:
                with Client(policies=[Cache(store)]) as client:
                    response = client.get(server.url)
            assert expected == response.cache.status
            assert "fresh for an hour" == response.text

    assert 1 == len(app.requests)


@needs_redis
def test_a_cache_of_a_fleet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What one client has fetched all find in Redis; once Redis is gone they ask the server."""
    app = App({"/": FRESH})
    with RedisServer(tmp_path) as redis, LoopbackServer(app) as server:
        for expected in ("miss", "hit"):
            store = RedisStore(redis.url, timeout=5)
            with Client(policies=[Cache(store)]) as client:
                assert expected == (client.get(server.url)).cache.status
                if expected == "hit":
                    redis.kill()
                    for _ in range(3):
                        info = (client.get(server.url)).cache
                        assert ("bypass", False) == (info.status, info.stored)
            store.close()

    assert 4 == len(app.requests)
    assert 1 == len(caplog.records)
