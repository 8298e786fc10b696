"""What counts as a failure of the peer, and what as neither failure nor success."""

from __future__ import annotations

import asyncio

import pytest

from antiphon import errors
from antiphon.policies.circuit_breaker import CircuitBreaker, is_peer_failure

KEY = "https://site.example"


def opened(breaker: CircuitBreaker) -> CircuitBreaker:
    """Let one call fail."""
    breaker.record(KEY, breaker.admit(KEY, 0.0), False, 0.0)
    return breaker


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (errors.ConnectError("x"), True),
        (errors.ReadTimeout("x"), True),
        (errors.RemoteProtocolError("x"), True),
        (errors.DeadlineExceeded("x", sent="maybe"), True),
        (errors.DeadlineExceeded("x"), False),
        (errors.PoolTimeout("x"), False),
        (errors.LocalProtocolError("x"), False),
        (errors.DecodeError("x"), False),
        (ValueError("x"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_which_errors_are_failures(error: Exception, failure: bool) -> None:
    """Errors of the transport are the peer's fault, unless they are our own doing."""
    assert failure is is_peer_failure(None, error)


def test_which_statuses_are_failures() -> None:
    """A 5xx is one; a 4xx, 429 with them, is not."""
    failures = {status for status in range(200, 600) if is_peer_failure(status, None)}

    assert set(range(500, 600)) == failures


@pytest.mark.parametrize(
    "error",
    [
        errors.RequestCancelled("x"),
        errors.BulkheadFullError("x"),
        errors.PoolTimeout("x"),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        GeneratorExit(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_counts_as_neither(error: BaseException) -> None:
    """Cancellation and our own policies neither open a circuit nor close it."""
    breaker = CircuitBreaker(1, is_failure=lambda _status, error: not is_own(error))
    opened(breaker)
    trial = breaker.admit(KEY, 30.0)
    breaker.settle(KEY, trial, 31.0, error=error)

    assert "half_open" == breaker.state(KEY)
    assert breaker.admit(KEY, 31.0).allowed


def is_own(error: BaseException | None) -> bool:
    return isinstance(error, errors.PoolTimeout)


def test_a_predicate_of_ones_own() -> None:
    """The user's predicate decides alone, for statuses as for errors."""
    breaker = CircuitBreaker(1, is_failure=lambda status, error: status == 429 or error is not None)
    for key, outcome in (
        ("a", {"status": 429}),
        ("b", {"error": ValueError()}),
        ("c", {"status": 500}),
    ):
        breaker.settle(key, breaker.admit(key, 0.0), 0.0, **outcome)  # type: ignore[arg-type]

    assert ["open", "open", "closed"] == [breaker.state(key) for key in "abc"]


def test_a_predicate_that_raises() -> None:
    """Its error goes to the caller, and the trial permit back."""

    def is_failure(_status: object, _error: object) -> bool:
        raise ZeroDivisionError

    breaker = CircuitBreaker(1, is_failure=is_failure)
    opened(breaker)
    trial = breaker.admit(KEY, 30.0)
    with pytest.raises(ZeroDivisionError):
        breaker.settle(KEY, trial, 30.0, status=200)

    assert breaker.admit(KEY, 30.0).allowed


class Stop(BaseException):
    """What a signal handler may raise, in the midst of anything."""


def test_a_listener_that_is_interrupted() -> None:
    """A call that is not sent after all leaves its trial to the next one."""

    def listen(_key: str, _old: str, new: str) -> None:
        if new == "half_open":
            raise Stop

    breaker = CircuitBreaker(1, listeners=[listen])
    breaker.record("key", breaker.admit("key", 0.0), False, 0.0)
    with pytest.raises(Stop):
        breaker.admit("key", 31.0)

    assert 0 == breaker.snapshot(31.0)["key"].trials
    assert breaker.admit("key", 31.0).allowed
