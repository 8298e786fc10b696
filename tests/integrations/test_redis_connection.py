"""The way to Redis: one failure is enough for a while, said once, and no password is told."""

from __future__ import annotations

import builtins
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from antiphon.errors import MissingExtraError
from antiphon.integrations.redis import RedisShared
from antiphon.integrations.redis_connection import RedisConnection, RedisUnavailable, Script
from antiphon.stores.redis import RedisStore
from antiphon.testing import FakeClock

if TYPE_CHECKING:
    from collections.abc import Mapping

redis = pytest.importorskip("redis", reason="the extra redis is not installed")

SCRIPT = Script("return 1")


class Client:
    """A client of Redis whose answers are set; an exception is raised."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[object, ...]] = []

    def execute_command(self, *words: object, **options: object) -> object:
        self.asked.append(words)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def unavailable(connection: RedisConnection) -> str:
    with pytest.raises(RedisUnavailable) as caught:
        connection.run(SCRIPT, "key")
    return str(caught.value)


def test_after_a_failure_nobody_is_asked_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """A failure is said once; one caller tries again each `cool_down`, until there is an answer."""
    gone = redis.ConnectionError("gone")
    client = Client(gone, gone, 7, 8)
    connection = RedisConnection(client, timeout=1, cool_down=10)
    with FakeClock() as clock, caplog.at_level(logging.INFO, "antiphon"):
        assert "Redis could not be asked: ConnectionError: gone" == unavailable(connection)
        assert "Redis could not be asked a moment ago" == unavailable(connection)
        clock.advance(9)
        unavailable(connection)
        assert 1 == len(client.asked)
        clock.advance(1)
        unavailable(connection)
        unavailable(connection)
        assert 2 == len(client.asked)
        clock.advance(10)
        assert [7, 8] == [connection.run(SCRIPT, "key", 1) for _ in range(2)]

    assert ("EVALSHA", SCRIPT.name, 1, "key", 1) == client.asked[-1]
    assert [
        "Redis could not be asked, and is left alone for 10 s at a time: ConnectionError: gone",
        "Redis answers again",
    ] == [record.getMessage() for record in caplog.records]


def test_while_one_tries_others_do_not_wait() -> None:
    """Whoever comes while one tries whether Redis is back is told that it is not."""
    told: list[str] = []

    class Slow(Client):
        def execute_command(self, *words: object, **options: object) -> object:
            if self.asked:
                told.append(unavailable(connection))
            return super().execute_command(*words, **options)

    connection = RedisConnection(Slow(redis.TimeoutError("slow"), 1), timeout=1, cool_down=10)
    with FakeClock() as clock:
        unavailable(connection)
        clock.advance(10)
        assert 1 == connection.run(SCRIPT, "key")

    assert ["Redis could not be asked a moment ago"] == told


def test_a_script_that_is_not_known() -> None:
    """A script is sent in full when Redis does not know it, even by who tries whether it is back."""
    unknown = redis.exceptions.NoScriptError("NOSCRIPT")
    client = Client(unknown, 1, redis.ConnectionError("gone"), unknown, 2)
    connection = RedisConnection(client, timeout=1, cool_down=10)
    with FakeClock() as clock:
        assert 1 == connection.run(SCRIPT, "key", "argument")
        unavailable(connection)
        clock.advance(10)
        assert 2 == connection.run(SCRIPT, "key")

    assert ("EVAL", "return 1", 1, "key", "argument") == client.asked[1]


@pytest.mark.parametrize(
    "error",
    [redis.ResponseError("OOM"), redis.ReadOnlyError("replica"), OSError("no route")],
)
def test_whatever_redis_says_no_with(error: Exception) -> None:
    """An error of Redis's own is as good as no answer."""
    assert type(error).__name__ in unavailable(RedisConnection(Client(error), 1, 1))


def test_errors_that_are_not_of_redis() -> None:
    """A mistake in the client of a user's is shown as what it is."""
    connection = RedisConnection(Client(LookupError("mistake")), 1, 1)
    with pytest.raises(LookupError, match="mistake"):
        connection.run(SCRIPT, "key")
    connection.close()


def test_no_password_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """What is said of a failure names the server, not how to get in."""
    connection = RedisConnection("redis://user:secret@127.0.0.1:1/0", 0.1, 1)

    assert "Redis at 127.0.0.1:1 could not be asked" in unavailable(connection)
    assert "secret" not in caplog.text
    connection.close()


def test_one_failure_is_one_try() -> None:
    """A client made from a URL neither waits longer than told nor tries twice."""
    shared = RedisShared("redis://localhost", timeout=0.25)
    settings: Mapping[str, object] = shared._connection._client.connection_pool.connection_kwargs  # type: ignore[attr-defined]

    assert (0.25, 0.25) == (settings["socket_timeout"], settings["socket_connect_timeout"])
    assert 0 == settings["retry"]._retries  # type: ignore[attr-defined]


@pytest.mark.parametrize("make", [RedisShared, RedisStore])
def test_without_the_extra(make: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without redis-py the error names what to install."""
    real = builtins.__import__

    def refuse(name: str, *arguments: object) -> object:
        if name == "redis":
            raise ImportError(name)
        return real(name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"pip install 'antiphon\[redis\]'"):
        make("redis://localhost")


def test_clients_without_a_pool() -> None:
    """A client that does not say where its server is serves too, such as one of a cluster."""
    assert "<RedisShared Redis namespace='antiphon' fail_open=True>" == repr(RedisShared(Client()))
    odd = Client()
    odd.connection_pool = type("Pool", (), {"connection_kwargs": {}})()  # type: ignore[attr-defined]
    assert "Redis" == RedisConnection(odd, 1, 1).name
    assert "redis" in sys.modules
