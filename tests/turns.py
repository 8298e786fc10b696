"""A server whose answers a test lets go one by one, so that of two requests either may win."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from tests.app import App, answer
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from tests.app import Received


class Turns:
    """Answers request number n (from 0) with "answer n", or what was given, once it may go.

    Held are those whose numbers are in `held`, until `let_go(n)` or the block is left.
    """

    def __init__(self, *held: int, answers: dict[int, bytes] | None = None) -> None:
        self._answers = answers or {}
        self._gates = {number: threading.Event() for number in held}
        self._lock = threading.Lock()
        self._begun = 0
        self._app = App({"/": self._answer})
        self._server = LoopbackServer(self._app)
        self.url = self._server.url

    @property
    def requests(self) -> list[Received]:
        """What was asked so far."""
        return self._app.requests

    def _answer(self, _request: Received) -> bytes:
        with self._lock:
            number = self._begun
            self._begun += 1
        gate = self._gates.get(number)
        if gate is not None:
            gate.wait(20)
        return self._answers.get(number, answer(200, f"answer {number}"))

    def let_go(self, number: int) -> None:
        """Let that request be answered."""
        self._gates[number].set()

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for gate in self._gates.values():
            gate.set()
        self._server.__exit__()
