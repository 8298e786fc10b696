"""What only the sync half of network/ refuses, or cannot do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from antiphon.errors import WrongFlavourError
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.network.thread_race import race
from antiphon.network.urllib3_network import BodyChunks, give_way

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def test_async_bodies() -> None:
    """A body that needs an event loop is refused, by an error that says what would do."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b""

    body = build_body(content=chunks())
    assert body is not None
    with pytest.raises(WrongFlavourError, match="use AsyncClient"):
        BodyChunks(body)
    assert give_way() is None  # type: ignore[func-returns-value]


def test_a_race_for_which_there_are_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a thread cannot be started the entrants that have begun are called off."""
    real = threading.Thread.start
    started: list[threading.Thread] = []

    def start(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        real(thread)

    called_off: list[str] = []

    def entrant(token: CancelToken) -> None:
        off = threading.Event()
        token.register(off.set)
        assert off.wait(10)
        called_off.append(token.reason)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        race([entrant, entrant, entrant])
    assert ["the race was called off"] == called_off


def test_an_entrant_that_ends_its_thread() -> None:
    """An entrant that raises SystemExit in its thread has failed; the others may still win."""

    def leave(_: CancelToken) -> str:
        raise SystemExit(3)

    def win(_: CancelToken) -> str:
        return "won"

    assert "won" == race([win, leave])

    def fail(_: CancelToken) -> str:
        raise LookupError

    with pytest.raises((LookupError, SystemExit)):
        race([fail, leave])
    with pytest.raises(SystemExit):
        race([leave, fail])
