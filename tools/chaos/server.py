"""The server of a chaos run: a `FaultServer` whose behaviour changes with the phases."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple, Self

from antiphon.testing import FaultServer
from antiphon.testing.fault_script import reply
from tools.chaos.phases import PHASES, Phase

if TYPE_CHECKING:
    from antiphon.testing.fault_connection import FaultConnection

MARK = "x-chaos"
"""The field that says of which call, attempt and copy a request is: "7.1.0"."""


class Arrival(NamedTuple):
    """One request as the server got it; `when` is in seconds since the start of the run."""

    when: float
    call: int
    attempt: int
    copy: int


def body_of(target: str) -> bytes:
    """Return the only right answer to a request for `target`: no two targets have the same."""
    return f"the answer to {target}\n".encode() * (1 + sum(target.encode()) % 150)


class ChaosServer:
    """Answers each target with `body_of(target)`, as well as the phase lets it."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.seconds = seconds
        self.started = 0.0
        self.arrivals: list[Arrival] = []
        # When each phase began, in seconds since the start.
        self.began: list[tuple[float, str]] = []
        # Connections that it ended in the midst of a request, or where one was to be expected.
        self.broken = 0
        self._phase = PHASES[0]
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self._server = FaultServer(then=[self])
        self._director = threading.Thread(target=self._direct, name="chaos-director", daemon=True)
        self.url = self._server.url.rstrip("/")

    def __enter__(self) -> Self:
        self._server.__enter__()
        self.started = monotonic()
        self._director.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._ended.set()
        self._director.join()
        self._server.__exit__(*exc_info)

    @property
    def over(self) -> bool:
        """Whether the time of the run is up."""
        return monotonic() - self.started >= self.seconds

    def _direct(self) -> None:
        """Change the phases at their times."""
        end = self.started
        for phase in PHASES:
            end += phase.share * self.seconds
            with ExitStack() as stack:
                if phase.dead:
                    stack.enter_context(self._server.refusing())
                self._phase = phase
                self.began.append((monotonic() - self.started, phase.name))
                if self._ended.wait(max(0.0, end - monotonic())):
                    return

    # --- one connection, as a step of a script ---------------------------------------------------

    def perform(self, connection: FaultConnection) -> None:
        """Answer requests until the client leaves, or until it is time to break."""
        while True:
            target = self._read(connection)
            phase = self._phase
            if phase.dead:
                self.broken += 1
                connection.reset()
                return
            if not self._answer(connection, phase, target):
                self.broken += 1
                return

    def _read(self, connection: FaultConnection) -> str:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.receive()
        first, *lines = head.decode("latin-1").split("\r\n")
        mark = next(line for line in lines if line.lower().startswith(MARK)).partition(": ")[2]
        call, attempt, copy = map(int, mark.split("."))
        self.arrivals.append(Arrival(monotonic() - self.started, call, attempt, copy))
        return first.split(" ")[1]

    def _answer(self, connection: FaultConnection, phase: Phase, target: str) -> bool:
        """Answer well or badly; False if the connection is to be closed."""
        chance = self._random.random
        answer = reply(body=body_of(target))
        if chance() < phase.stalled:
            connection.discard()  # until the client has had enough
        # No `pause`: it would wake every waiting connection for everything that is noted.
        sleep(0.1 + 0.3 * chance() if chance() < phase.slow else 0.001 + 0.004 * chance())
        if chance() < phase.failing:
            answer = reply(503, b"not now")
        if chance() < phase.broken:
            connection.send(answer[: int(len(answer) * chance())])
            return False
        connection.send(answer)
        return True
