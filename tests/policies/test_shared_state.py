"""Brains that share their state: they pass on what the fleet decides, and else decide alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.policies.circuit import Admission
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from antiphon.policies.retry_budget import RetryBudget
from antiphon.policies.shared_state import SharedAdmission, SharedState, SharedTurn

if TYPE_CHECKING:
    from antiphon.policies.circuit import CircuitState

KEY = "https://api.example.com"


class Fleet:
    """A shared state whose answers are set, and which notes what it is asked; None by default."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[object, ...]] = []

    def _answer(self, *question: object) -> Any:
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None

    def take_turn(
        self, key: str, *, interval: float, tolerance: float, max_wait: float
    ) -> SharedTurn | None:
        return self._answer(key, interval, tolerance, max_wait)  # type: ignore[no-any-return]

    def hold_turns(self, key: str, *, interval: float, tolerance: float, delay: float) -> None:
        self._answer(key, interval, tolerance, delay)

    def admit(self, breaker: CircuitBreaker, key: str) -> SharedAdmission | None:
        return self._answer("admit", key)  # type: ignore[no-any-return]

    def record(
        self, breaker: CircuitBreaker, key: str, admission: Admission, succeeded: bool | None
    ) -> SharedAdmission | None:
        return self._answer("record", key, admission.generation, succeeded)  # type: ignore[no-any-return]

    def spend(self, budget: RetryBudget, deposits: int, withdrawals: int) -> bool | None:
        return self._answer(deposits, withdrawals)  # type: ignore[no-any-return]


def standing(state: CircuitState, *, allowed: bool = True, left: float = 0.0) -> SharedAdmission:
    return SharedAdmission(Admission(allowed, 7, False, left), state, left)


def test_the_protocol() -> None:
    """What stands in here for a fleet is a shared state."""
    fleet: SharedState = Fleet()

    assert fleet.take_turn("key", interval=1, tolerance=0, max_wait=0) is None


@pytest.mark.parametrize("wrong", ["redis://:secret@host", object(), Fleet])
def test_what_is_no_shared_state(wrong: Any) -> None:
    """Anything else is refused when the policy is made, and not shown: it may have a password."""
    for make in (RetryBudget, CircuitBreaker, lambda shared: RateLimit(1, shared=shared)):
        with pytest.raises(InvalidOptionError, match=r"shared=\.\.\.") as caught:
            make(shared=wrong)
        assert "secret" not in str(caught.value)


# --- breakers ------------------------------------------------------------------------------------


def test_a_breaker_is_as_that_of_the_fleet() -> None:
    """The state of the fleet is told to listeners, can be read, and holds when nobody is asked."""
    heard: list[str] = []
    fleet = Fleet(standing("open", allowed=False, left=20.0))
    breaker = CircuitBreaker(
        5, shared=fleet, listeners=[lambda key, old, new: heard.append(f"{old} > {new}")]
    )
    refused = breaker.admit_shared(KEY, 100.0)
    alone = breaker.admit_shared(KEY, 110.0)
    trial = breaker.admit_shared(KEY, 121.0)

    assert (False, 20.0, True) == (refused.allowed, refused.retry_after, refused.shared)
    assert (False, 10.0, False) == (alone.allowed, alone.retry_after, alone.shared)
    assert (True, True, False) == (trial.allowed, trial.trial, trial.shared)
    assert ["closed > open", "open > half_open"] == heard
    breaker.record_shared(KEY, trial, True, 122.0)
    assert "closed" == breaker.state(KEY)


def test_how_a_call_ended_is_told_to_who_let_it_go() -> None:
    """The fleet hears of calls that it let go, unless there is nothing to hear; others count here."""
    fleet = Fleet(standing("closed"), standing("open", left=30.0))
    breaker = CircuitBreaker(1, shared=fleet)
    admission = breaker.admit_shared(KEY, 0.0)
    breaker.record_shared(KEY, admission, None, 1.0)
    breaker.record_shared(KEY, admission, False, 1.0)
    breaker.record_shared(KEY, admission, True, 1.0)

    assert [("admit", KEY), ("record", KEY, 7, False), ("record", KEY, 7, True)] == fleet.asked
    assert "open" == breaker.state(KEY)
    assert 30.0 == breaker.snapshot(1.0)[KEY].retry_after


# --- rate limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "remaining", "longest"),
    [
        ({}, None, float("inf")),
        ({}, 3.0, 3.0),
        ({}, -1.0, 0.0),
        ({"max_wait": 2.0}, None, 2.0),
        ({"max_wait": 2.0}, 3.0, 2.0),
        ({"max_wait": 2.0}, 1.0, 1.0),
        ({"wait": False}, 3.0, 0.0),
    ],
)
def test_for_how_long_a_turn_may_be_away(
    settings: dict[str, Any], remaining: float | None, longest: float
) -> None:
    """The longest wait of a call is that of the limit, or what its deadline leaves."""
    fleet = Fleet()
    RateLimit(10, per=5, burst=3, shared=fleet, **settings).reserve_shared(KEY, 0.0, remaining)

    assert [(KEY, 0.5, 1.0, longest)] == fleet.asked


def test_turns_of_the_fleet() -> None:
    """A turn that was taken is waited for, another one refused with the reason."""
    turns = [SharedTurn(True, 0.25), SharedTurn(False, 5.0), SharedTurn(False, 5.0)]
    limit = RateLimit(10, max_wait=2, shared=Fleet(*turns))
    taken, refused = (limit.reserve_shared(KEY, 0.0) for _ in range(2))
    # Rounding may make a turn too late for the fleet that is not for us.
    odd = RateLimit(10, shared=Fleet(SharedTurn(False, 5.0))).reserve_shared(KEY, 0.0)

    assert (0.25, None, None) == (taken.delay, taken.slot, taken.refusal)
    assert (5.0, "longer than max_wait=2") == (refused.delay, refused.refusal)
    assert "too late" == odd.refusal


def test_turns_of_ones_own() -> None:
    """Where nobody can be asked the process has the whole limit for itself."""
    limit = RateLimit(1, wait=False, shared=Fleet())

    assert [True, False] == [limit.reserve_shared(KEY, 0.0).refusal is None for _ in range(2)]


def test_the_fleet_is_told_of_a_peer_without_room() -> None:
    """What a peer says of its limit goes to the fleet if it has no room, and only then."""
    fleet = Fleet()
    limit = RateLimit(10, burst=1, learn=True, shared=fleet)
    limit.hold_shared(KEY, 0.0)
    limit.depart(KEY, 0.0)
    limit.arrive(KEY, Headers({"RateLimit": '"default";r=5;t=60'}), 0.0, 0.0)
    limit.hold_shared(KEY, 0.0)
    assert [] == fleet.asked
    limit.arrive(KEY, Headers({"RateLimit": '"default";r=0;t=60'}), 10.0, 0.0)
    limit.hold_shared(KEY, 20.0)

    assert [(KEY, 0.1, 0.0, 50.0)] == fleet.asked


# --- budgets -------------------------------------------------------------------------------------


def test_what_was_paid_in_is_told_once() -> None:
    """Deposits are gathered, and told ten times in `ttl` seconds, or with what is taken out."""
    fleet = Fleet(None, True, False)
    budget = RetryBudget(1, min_per_second=1, ttl=10, shared=fleet)
    assert budget.owes(100.0)
    for _ in range(3):
        budget.deposit(100.0)
    budget.pay_shared(100.0)
    assert not budget.owes(100.5)
    assert budget.owes(101.0)
    budget.deposit(100.5)
    granted = [budget.withdraw_shared(100.6) for _ in range(2)]

    assert [True, False] == granted
    assert [(3, 0), (1, 1), (0, 1)] == fleet.asked
    assert 10 + 4 - 1 == budget.balance(100.6)


def test_a_budget_of_ones_own() -> None:
    """Where nobody can be asked the process has a budget for itself."""
    budget = RetryBudget(1, min_per_second=0, ttl=10, shared=Fleet())
    budget.deposit(0.0)

    assert [True, False] == [budget.withdraw_shared(0.0) for _ in range(2)]
