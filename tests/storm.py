"""What the storms of cancelled requests have in common: how many, a slow server, random patience."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import attrs

from antiphon.testing import FaultServer
from antiphon.testing.fault_script import reply
from tests.certificates import server_context

if TYPE_CHECKING:
    from antiphon.testing.fault_connection import FaultConnection

# `tox -e full` makes the long runs.
LONG = bool(os.environ.get("ANTIPHON_LONG"))
REQUESTS = 10_000 if LONG else 500
POOL = 5
AT_ONCE = 20
# Seconds: from "before it began" to "when it is done", with five connections for twenty callers.
LONGEST = 0.03
BODY = b"x" * 3000


@attrs.frozen
class ServeSlowly:
    """Answer every request in three pieces, so that a caller may leave between any two."""

    pause: float = 0.001

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        answer = reply(body=BODY)
        while True:
            connection.read_request()
            for start, end in ((0, 20), (20, 1000), (1000, None)):
                connection.pause(self.pause)
                connection.send(answer[start:end])


def slow_server(scheme: str) -> FaultServer:
    """A server whose answers take a few milliseconds."""
    tls = server_context("127.0.0.1") if scheme == "https" else None
    return FaultServer(then=[ServeSlowly()], tls=tls)


def patience(seed: int) -> list[float]:
    """How long each request may take, in seconds; one in ten has all the time it needs."""
    chance = random.Random(seed)
    return [60.0 if n % 10 == 0 else chance.uniform(0, LONGEST) for n in range(REQUESTS)]
