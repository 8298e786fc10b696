# Source of _sync/test_deadline_header.py; after editing run: tox -e codegen
"""The server is told how much time is left."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import ServiceUnavailableError
from antiphon.models.timeout import Timeout
from antiphon.network.deadline_block import deadline
from antiphon.policies.deadline_header import DEADLINE_HEADER, DeadlineHeader
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests.app import App, answer
from tests.loopback import LoopbackServer


async def test_each_attempt_says_what_is_left() -> None:
    """What waits and attempts have used up is gone; without a deadline nothing is said."""
    app = App({"/": answer(503, "", {"Retry-After": "2"})})
    policies = [DeadlineHeader()]
    with LoopbackServer(app) as server, FakeClock(jump=True):
        async with AsyncClient(policies=policies, retry=Retry(3, base_delay=0)) as client:
            with pytest.raises(ServiceUnavailableError):
                await client.get(server.url, timeout=Timeout(total=10))
            with pytest.raises(ServiceUnavailableError):
                await client.get(server.url, retry=None)

    told = [request.headers.get(DEADLINE_HEADER.lower()) for request in app.requests]
    assert ["10000", "8000", "6000", None] == told


async def test_own_header_and_unit() -> None:
    """The name and the unit can be set; the deadline may be that of a block."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server, FakeClock():
        async with AsyncClient(policies=[DeadlineHeader("X-Wait", unit="s")]) as client:
            with deadline(5):
                await client.get(server.url)
                await client.get(server.url, headers={"X-Wait": "mine"})

    assert ["5.000", "mine"] == [request.headers["x-wait"] for request in app.requests]
