"""Scenarios of requests that follow each other, for tests of the cache in both voices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from antiphon.policies.http_date import format_http_date
from tests.app import Received

if TYPE_CHECKING:
    import pytest

# Long enough after the epoch for dates in the past, and with a fraction of a second.
START = 1_800_000_000.25
HOUR = ("Cache-Control", "max-age=3600")
SHORT = ("Cache-Control", "max-age=2")
TAG = ("ETag", '"abcd"')
NOW = ("Date", 0)
Fields = Iterable[tuple[str, "str | int"]]


class Turn(NamedTuple):
    """One request of the client, and the answer that the server has for it if it is asked.

    A number as a value is a date, so many seconds from now. `later` is how many seconds pass before
    the request. `cache` is what `response.cache.status` has to be.
    """

    cache: str
    gives: Fields = ()
    asks: Fields = ()
    later: float = 0.0
    method: str = "GET"
    path: str = "/"
    mode: str = "default"
    status: int = 200
    body: str = "whole"
    expects: int | None = None
    """The status that the client has to see, `status` if None."""
    sees: Fields = ()
    """Fields that the response has to have; "" for one that it must not have."""
    sends: Fields = ()
    """Fields that the request on the wire has to have; "" for one that it must not have."""
    reads: str | None = None


def dated(fields: Fields, now: float) -> list[tuple[str, str]]:
    """Return fields with their dates written out."""
    return [
        (name, format_http_date(now + value) if isinstance(value, int) else value)
        for name, value in fields
    ]


class Wall:
    """The wall clock of the steps of the cache, which stands still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: str) -> None:
        self.now = START
        for name in ("cache", "cache_keeping", "cache_recording"):
            monkeypatch.setattr(f"{steps}.{name}.time", lambda: self.now)


class Script:
    """A server that gives the answers of the turns; those that the cache answers are passed over."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self.turn: Turn | None = None
        self.received: list[Received] = []

    def __call__(self, request: Received) -> bytes:
        """Return the answer of the present turn."""
        turn = self.turn
        assert turn is not None
        self.received.append(request)
        fields = dated(turn.gives, self._wall.now)
        body = b"" if turn.status in (204, 304) else turn.body.encode("latin-1")
        lines = [f"HTTP/1.1 {turn.status} Reason", *(f"{name}: {value}" for name, value in fields)]
        if not any(name == "Content-Length" for name, _ in fields) and turn.status != 204:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def check(turn: Turn, response: Any, asked: list[Received], now: float) -> None:
    """Compare what came of a turn with what it says."""
    assert turn.cache == response.cache.status
    assert (turn.status if turn.expects is None else turn.expects) == response.status
    for name, value in dated(turn.sees, now):
        if value:
            assert (name, value) == (name, response.headers.get(name))
        else:
            assert name not in response.headers
    if turn.reads is not None:
        assert turn.reads == response.text
    from_cache = turn.cache in ("hit", "stale")
    assert (0 if from_cache or (response.status == 504 and not asked) else 1) == len(asked)
    if from_cache:
        assert () == response.attempts
    for name, value in dated(turn.sends, now):
        assert (name, value or None) == (name, asked[-1].headers.get(name.lower()))


def reused(*fields: tuple[str, str | int], cached: bool, later: float = 3) -> list[Turn]:
    """Return two turns; whether the second is answered from the cache is the question."""
    return [Turn("miss", fields), Turn("hit" if cached else "miss", later=later)]
