# GENERATED from _async/hedged_calls.py by tools/unasync.py. Do not edit.
"""Hedged calls whose answers a test lets go, and what they left behind."""

from __future__ import annotations

from antiphon._sync.client import Client
from antiphon.models.attempt import Attempt
from antiphon.testing import FakeClock
from tests.thread_group import Group, until
from tests.turns import Turns


def hedged(attempt: Attempt) -> tuple[int, int]:
    """How many copies an attempt had, and which of them won."""
    return attempt.copies, attempt.winner


def sent(turns: Turns, count: int) -> None:
    """Wait until the server has so many requests."""
    until(lambda: count == len(turns.requests))


def open_connections(client: Client) -> int:
    """How many connections the client's pool has, idle ones among them."""
    plan = client._core.transport.pool._plan  # type: ignore[attr-defined]
    assert 0 == plan.waiter_count
    return int(plan.open_count)


def loop_turned() -> None:
    """Let ring what the clock has told to ring: in an event loop that takes a turn of it."""
    turned = iter([False, False, True])
    until(lambda: next(turned))


def slow_call(
    turns: Turns, time: FakeClock, client: Client, method: str, **keywords: object
) -> object:
    """Make a call whose first answer comes after the delay; return the answer or the error."""
    with Group() as group:
        call = group.start(lambda: client.request(method, "/", **keywords))  # type: ignore[arg-type]
        sent(turns, 1)
        time.advance(0.2)
        loop_turned()
        if "idempotency_key" not in keywords:
            turns.let_go(0)
    return call.result or call.error
