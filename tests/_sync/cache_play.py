# GENERATED from _async/cache_play.py by tools/unasync.py. Do not edit.
"""Plays scenarios of the cache over a socket."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.policies.cache import Cache
from tests.app import App
from tests.cache_turns import Script, Turn, Wall, check, dated
from tests.loopback import LoopbackServer


def play(
    turns: list[Turn], monkeypatch: pytest.MonkeyPatch, cache: Cache | None = None
) -> None:
    """Make the calls of the turns, one after another."""
    wall = Wall(monkeypatch, "antiphon._sync.steps")
    script = Script(wall)
    app = App({})
    app.routes = _Everywhere(script)
    with LoopbackServer(app) as server:
        with Client(
            server.url, policies=[cache or Cache()], retry=None, raise_for_status=False
        ) as client:
            for turn in turns:
                wall.now += turn.later
                script.turn = turn
                before = len(script.received)
                response = client.request(
                    turn.method,
                    turn.path,
                    headers=dated(turn.asks, wall.now),
                    follow_redirects=False,
                    cache=turn.mode,
                    **({} if turn.method in ("GET", "HEAD") else {"content": b"abc"}),
                )
                check(turn, response, script.received[before:], wall.now)


class _Everywhere(dict):
    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script

    def get(self, key: object, default: object = None) -> object:
        return self._script
