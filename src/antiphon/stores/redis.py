"""`RedisStore`: stored answers in Redis, for a fleet."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from antiphon.errors import InvalidOptionError
from antiphon.integrations.redis_connection import (
    DEFAULT_COOL_DOWN,
    DEFAULT_TIMEOUT,
    RedisConnection,
    answers_text,
    check_namespace,
    check_seconds,
)
from antiphon.integrations.redis_scripts import STORE
from antiphon.models.stored_response import StoredResponse

if TYPE_CHECKING:
    from antiphon.integrations.redis_connection import RedisClient

DEFAULT_TTL: Final = 7 * 86_400.0
DEFAULT_MAX_ENTRY_BYTES: Final = 8 * 1024 * 1024
# More variants of one URL than this are not an answer that varies but one that cannot be cached.
_MOST_VARIANTS: Final = 64


class RedisStore:
    """Keeps stored answers in Redis, for all processes with the same `namespace`.

    An entry goes `ttl` seconds after it was last written (None: never), and when Redis wants room:
    set `maxmemory` and a `maxmemory-policy` there. Answers above `max_entry_bytes` are not kept.
    While Redis cannot be asked the methods raise ConnectionError, which a cache takes for a bypass:
    it is asked again after `cool_down` seconds, and no step of an exchange takes longer than
    `timeout` seconds.

    `url_or_client` is a URL or a client of redis-py's sync API that returns bytes. Raises
    MissingExtraError without the extra `redis`, InvalidOptionError for bad settings.
    """

    __slots__ = ("_connection", "_max_entry_bytes", "_namespace", "_ttl")

    blocking = True

    def __init__(
        self,
        url_or_client: str | RedisClient,
        *,
        namespace: str = "antiphon",
        ttl: float | None = DEFAULT_TTL,
        max_entry_bytes: int = DEFAULT_MAX_ENTRY_BYTES,
        timeout: float = DEFAULT_TIMEOUT,
        cool_down: float = DEFAULT_COOL_DOWN,
    ) -> None:
        check_namespace(namespace)
        if ttl is not None:
            check_seconds("ttl", ttl)
        if (
            not isinstance(max_entry_bytes, int)
            or isinstance(max_entry_bytes, bool)
            or max_entry_bytes < 1
        ):
            raise InvalidOptionError(
                f"max_entry_bytes={max_entry_bytes!r}: give a number of bytes from 1"
            )
        if answers_text(url_or_client):
            raise InvalidOptionError(
                "this client decodes answers to text; one that does not is needed"
            )
        self._connection = RedisConnection(url_or_client, timeout, cool_down)
        self._namespace = namespace
        self._ttl = 0 if ttl is None else max(1, int(ttl * 1000))
        self._max_entry_bytes = max_entry_bytes

    def __repr__(self) -> str:
        return f"<RedisStore {self._connection.name} namespace={self._namespace!r}>"

    def get(self, key: str) -> list[StoredResponse]:
        """Return all variants under `key`. Raises ConnectionError."""
        values = self._connection.command("HVALS", self._name(key))
        found: list[StoredResponse] = []
        for data in values if isinstance(values, list) else ():
            try:
                found.append(StoredResponse.from_bytes(data))
            except ValueError:  # of another version, or damaged; its place is taken in time
                continue
        return found

    def put(self, key: str, stored: StoredResponse) -> None:
        """Keep `stored` in place of its variant; one too large is not kept, nor what was there.

        Raises ConnectionError.
        """
        name = self._name(key)
        if stored.size > self._max_entry_bytes:
            self._connection.command("HDEL", name, stored.variant)
        else:
            self._connection.run(
                STORE, name, stored.variant, stored.to_bytes(), self._ttl, _MOST_VARIANTS
            )

    def delete(self, key: str) -> None:
        """Forget all variants under `key`; none is no error. Raises ConnectionError."""
        self._connection.command("UNLINK", self._name(key))

    def close(self) -> None:
        """Close the connections; whoever uses the store again opens others."""
        self._connection.close()

    def _name(self, key: str) -> str:
        # A digest: keys have URLs in them, and those have secrets.
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self._namespace}:cache:{digest}"
