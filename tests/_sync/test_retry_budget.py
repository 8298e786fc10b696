# GENERATED from _async/test_retry_budget.py by tools/unasync.py. Do not edit.
"""Retries are taken from a budget, if there is one."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import ServiceUnavailableError
from antiphon.models.headers import Headers
from antiphon.policies.retry import Retry
from antiphon.policies.retry_budget import RetryBudget
from antiphon.testing import FakeClock
from tests._sync.memory_transport import Answering
from tests.app import App, answer
from tests.loopback import LoopbackServer

BUSY = answer(503, "busy")


def test_a_budget_is_shared() -> None:
    """Clients with one budget have so many retries together; then the last error comes at once."""
    budget = RetryBudget(0.5, min_per_second=0)
    transport = Answering(503)
    with FakeClock(jump=True):
        with (
            Client(transport=transport, retry=Retry(2, budget=budget)) as one,
            Client(transport=transport, retry=Retry(2, budget=budget)) as other,
        ):
            attempts = []
            for client in (one, other, one, other):
                with pytest.raises(ServiceUnavailableError) as caught:
                    client.get("http://example.com/")
                attempts.append(len(caught.value.attempts))
                notes = caught.value.__notes__

    assert [1, 2, 1, 2] == attempts
    assert ["gave up after 2 attempts"] == notes
    assert 6 == len(transport.requests)


def test_an_exhausted_budget() -> None:
    """The last real error is raised, with a note that says why there was no other attempt."""
    retry = Retry(base_delay=0, budget=RetryBudget(0, min_per_second=0))
    app = App({"/": BUSY})
    with LoopbackServer(app) as server:
        with Client(retry=retry) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                client.get(server.url)

    assert [
        "not retried: RetryBudget(share=0, min_per_second=0, ttl=10.0) is used up"
    ] == caught.value.__notes__
    assert [None] == [attempt.delay for attempt in caught.value.attempts]


@pytest.mark.parametrize(
    ("method", "content", "headers"),
    [
        ("PUT", [b"x"], {}),
        ("POST", b"x", {}),
        ("GET", None, {"Retry-After": "61"}),
        ("GET", None, {"x-should-retry": "false"}),
    ],
)
def test_what_is_not_retried_costs_nothing(
    method: str, content: list[bytes] | bytes | None, headers: dict[str, str]
) -> None:
    """Everything else is decided before a retry is taken out of the budget."""
    budget = RetryBudget(0, min_per_second=1)
    transport = Answering(503, headers=Headers(headers))
    body = iter(content) if isinstance(content, list) else content
    with FakeClock() as clock:
        with Client(transport=transport, retry=Retry(budget=budget)) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                client.request(method, "http://example.com/", content=body)
        left = budget.balance(clock.now())

    assert (10, 1) == (left, len(transport.requests))
    assert caught.value.__notes__[0].startswith("not retried: ")


def test_each_call_pays_in_and_each_retry_takes_out() -> None:
    """Only first attempts count towards the share."""
    budget = RetryBudget(1, min_per_second=0)
    with FakeClock(jump=True) as clock:
        with Client(transport=Answering(503), retry=Retry(3, budget=budget)) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                client.get("http://example.com/")
        assert 0 == budget.balance(clock.now())

    assert 2 == len(caught.value.attempts)
