"""`RedisStore` keeps answers for a fleet, for so long, and says so when Redis is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.stores.redis import RedisStore
from tests.redis_server import RedisServer, needs_redis
from tests.stores.answers import EMPTY_SIZE, bodies, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_redis


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Start a server for the tests of this file."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def client(server: RedisServer) -> Iterator[Any]:
    """Return a client of the server, which has nothing in it."""
    import redis

    client = redis.Redis(port=server.port)
    client.flushall()
    yield client
    client.close()


def test_variants_are_kept_until_deleted(server: RedisServer, client: object) -> None:
    """All variants of a key come back as they were, to every process."""
    store, other = (RedisStore(server.url, timeout=5) for _ in range(2))
    assert store.blocking
    assert [] == store.get("a")
    store.put("a", stored(b"one", "1"))
    store.put("a", stored(b"two", "2"))
    store.put("a", stored(b"second \x00\xff", "2"))
    store.put("b", stored(b"other"))

    assert {b"one", b"second \x00\xff"} == bodies(other, "a")
    assert [stored(b"other")] == other.get("b")
    other.delete("a")
    other.delete("never there")
    assert ([], {b"other"}) == (store.get("a"), bodies(store, "b"))
    store.close()
    other.close()


def test_keys_say_nothing_and_expire(server: RedisServer, client: Any) -> None:
    """Keys are digests, in the namespace; they go after `ttl` seconds, or never."""
    for ttl in (60, None):
        store = RedisStore(server.url, namespace=f"n{ttl}", ttl=ttl, timeout=5)
        store.put("GET https://example.test/?token=secret", stored())
        store.close()
    keys = sorted(client.keys("*"))

    assert [b"n60:cache:", b"nNone:cache:"] == [key[:-64] for key in keys]
    assert not any(b"secret" in key for key in keys)
    assert 59_000 < client.pttl(keys[0]) <= 60_000
    assert -1 == client.pttl(keys[1])


def test_what_is_too_large(server: RedisServer, client: object) -> None:
    """An answer above the bound is not kept, nor is what it would have replaced."""
    store = RedisStore(server.url, max_entry_bytes=EMPTY_SIZE + 10, timeout=5)
    store.put("a", stored(b"small"))
    store.put("a", stored(b"other", "2"))
    store.put("a", stored(b"much too large"))

    assert {b"other"} == bodies(store, "a")
    store.close()


def test_a_url_with_very_many_variants(server: RedisServer, client: object) -> None:
    """What varies without end does not grow without end."""
    store = RedisStore(server.url, timeout=5)
    for number in range(70):
        store.put("a", stored(b"x", str(number)))

    assert 6 == len(store.get("a"))
    store.close()


def test_entries_that_cannot_be_read(server: RedisServer, client: Any) -> None:
    """An entry that this version cannot read is left out."""
    store = RedisStore(server.url, timeout=5)
    store.put("a", stored(b"good", "1"))
    (key,) = client.keys("*")
    client.hset(key, "2", b"nonsense")

    assert {b"good"} == bodies(store, "a")
    store.close()


def test_while_redis_is_away(tmp_path: Path) -> None:
    """Without its server every method of a store raises a ConnectionError that names it."""
    server = RedisServer(tmp_path)
    store = RedisStore(server.url)
    for ask in (
        lambda: store.get("a"),
        lambda: store.put("a", stored()),
        lambda: store.delete("a"),
    ):
        with pytest.raises(ConnectionError, match=f"Redis at 127.0.0.1:{server.port} could not"):
            ask()

    assert "127.0.0.1" in repr(store)
    store.close()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"namespace": ""}, "namespace=''"),
        ({"ttl": 0}, "ttl=0"),
        ({"max_entry_bytes": 0}, "max_entry_bytes=0"),
        ({"max_entry_bytes": True}, "max_entry_bytes=True"),
        ({"max_entry_bytes": 1.5}, "max_entry_bytes=1.5"),
        ({"timeout": "1"}, "timeout='1'"),
        ({"url_or_client": "ftp://host"}, "URL of Redis"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], named: str) -> None:
    """Bad settings are refused by name."""
    with pytest.raises(InvalidOptionError, match=named):
        RedisStore(**{"url_or_client": "redis://localhost", **settings})


def test_clients_that_decode() -> None:
    """A client that turns answers into text would spoil them, and is refused."""
    import redis

    with pytest.raises(InvalidOptionError, match="decodes answers"):
        RedisStore(redis.Redis(decode_responses=True))
