"""The way to Redis: never longer than a timeout, and not asked again and again while it is away."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

from antiphon.errors import InvalidOptionError, MissingExtraError
from antiphon.network.clock import now

if TYPE_CHECKING:
    from logging import Logger
    from types import ModuleType

DEFAULT_TIMEOUT: Final = 0.1
DEFAULT_COOL_DOWN: Final = 1.0


class RedisClient(Protocol):
    """What is asked of a client of redis-py: `redis.Redis`, `redis.RedisCluster`, or alike."""

    def execute_command(self, *args: object, **options: object) -> object:
        """Send one command and return the answer."""
        ...


class RedisUnavailable(ConnectionError):
    """Redis could not be asked, which has been logged once for as long as it lasts."""

    is_logged = True


class Script:
    """A Lua script, with the name that Redis knows it by."""

    __slots__ = ("name", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.name = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisConnection:
    """Sends commands; after a failure nobody is asked for `cool_down` seconds, then one tries.

    Made from a URL it has a pool of its own, in which no step of an exchange takes longer than
    `timeout` seconds and nothing is tried twice. A client of the user's brings its own timeouts.
    redis-py's pools notice a fork, and open new connections in the child.
    """

    __slots__ = ("_asked_again_at", "_away", "_client", "_cool_down", "_redis", "name")

    def __init__(self, url_or_client: str | RedisClient, timeout: float, cool_down: float) -> None:
        check_seconds("timeout", timeout)
        check_seconds("cool_down", cool_down)
        self._redis = _import_redis()
        self._client = _client(self._redis, url_or_client, timeout)
        self._cool_down = cool_down
        # Both are written without a lock: at worst two callers try instead of one.
        self._away = False
        self._asked_again_at = 0.0
        self.name = _name(self._client)

    def run(self, script: Script, key: str, *arguments: str | float | bytes) -> object:
        """Run a script on one key, in one round trip once the server knows it.

        Raises RedisUnavailable.
        """
        try:
            return self.command("EVALSHA", script.name, 1, key, *arguments)
        except RedisUnavailable as error:
            if not isinstance(error.__cause__, self._redis.exceptions.NoScriptError):
                raise
        # A server that was started again, or whose scripts were flushed.
        return self.command("EVAL", script.text, 1, key, *arguments)

    def command(self, *words: object) -> object:
        """Send one command and return its answer. Raises RedisUnavailable."""
        if self._away:
            moment = now()
            if moment < self._asked_again_at:
                raise RedisUnavailable(f"{self.name} could not be asked a moment ago")
            # Who comes meanwhile does not wait for what we are about to find out.
            self._asked_again_at = moment + self._cool_down
        try:
            answer = self._client.execute_command(*words)
        except self._redis.exceptions.NoScriptError as error:
            self._answered()
            raise RedisUnavailable(self.name) from error
        except (self._redis.exceptions.RedisError, OSError) as error:
            raise self._failed(error) from error
        self._answered()
        return answer

    def _answered(self) -> None:
        if self._away:
            self._away = False
            _logger().warning("%s answers again", self.name)

    def _failed(self, error: Exception) -> RedisUnavailable:
        self._asked_again_at = now() + self._cool_down
        what = f"{type(error).__name__}: {error}"
        if not self._away:
            self._away = True
            _logger().warning(
                "%s could not be asked, and is left alone for %g s at a time: %s",
                self.name,
                self._cool_down,
                what,
            )
        return RedisUnavailable(f"{self.name} could not be asked: {what}")

    def close(self) -> None:
        """Close the connections; whoever asks next opens others."""
        close = getattr(self._client, "close", None)
        if callable(close):
            close()


def check_seconds(name: str, value: object) -> None:
    """Refuse anything but a number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise InvalidOptionError(f"{name}={value!r}: give seconds above 0")


def check_namespace(namespace: object) -> None:
    """Refuse a namespace with which keys could be anybody's."""
    if not isinstance(namespace, str) or not namespace or not namespace.isprintable():
        raise InvalidOptionError(f"namespace={namespace!r}: give a text that is not empty")


def _import_redis() -> ModuleType:
    try:
        import redis
    except ImportError as error:
        raise MissingExtraError(
            "policies shared by Redis need the package redis: pip install 'antiphon[redis]'"
        ) from error
    return redis


def _client(redis: ModuleType, given: str | RedisClient, timeout: float) -> RedisClient:
    if not isinstance(given, str):
        _check_client(given)
        return given
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        client: RedisClient = redis.Redis.from_url(
            given,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            client_name="antiphon",
        )
        # Its query may name settings that only the connections know, which are made later.
        pool = client.connection_pool  # type: ignore[attr-defined]
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError) as error:
        # What redis-py says may show the password.
        raise InvalidOptionError(
            "url_or_client: the URL of Redis is refused; give one such as redis://host:6379/0, "
            "rediss://... or unix:///path/to/socket"
        ) from error
    return client


def _check_client(given: object) -> None:
    from inspect import iscoroutinefunction

    execute = getattr(given, "execute_command", None)
    if not callable(execute) or iscoroutinefunction(execute):
        raise InvalidOptionError(
            f"url_or_client: a {type(given).__name__} is no client of Redis that can be used here; "
            "give a URL or a redis.Redis, which serves both voices, not one of redis.asyncio"
        )


def answers_text(client: object) -> bool:
    """Whether a client turns answers into text, so that it cannot return bytes."""
    pool = getattr(client, "connection_pool", None)
    settings = getattr(pool, "connection_kwargs", None)
    return isinstance(settings, dict) and bool(settings.get("decode_responses"))


def _name(client: object) -> str:
    """Say who is asked, without the password that its URL may have."""
    pool = getattr(client, "connection_pool", None)
    settings = getattr(pool, "connection_kwargs", None)
    if not isinstance(settings, dict):
        return "Redis"
    if "path" in settings:
        return f"Redis at {settings['path']}"
    if "host" not in settings:
        return "Redis"
    return f"Redis at {settings['host']}:{settings.get('port', 6379)}"


def _logger() -> Logger:
    import logging

    return logging.getLogger("antiphon")
