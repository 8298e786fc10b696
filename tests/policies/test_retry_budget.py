"""How many retries there may be, for how many calls."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.policies.retry_budget import RetryBudget
from antiphon.policies.setting_checks import shown


def withdrawn(budget: RetryBudget, now: float, tries: int = 10_000) -> int:
    """Take out all there is, and return how much it was."""
    return next(count for count in range(tries) if not budget.withdraw(now))


def test_defaults() -> None:
    """Finagle's: 20 %, at least 10 retries a second, over 10 seconds."""
    budget = RetryBudget()

    assert (0.2, 10.0, 10.0) == (budget.share, budget.min_per_second, budget.ttl)
    assert "RetryBudget(share=0.2, min_per_second=10.0, ttl=10.0)" == repr(budget)


@pytest.mark.parametrize(
    ("share", "min_per_second", "ttl", "calls", "retries"),
    [
        (0.2, 10, 10, 0, 100),
        (0.2, 0, 10, 0, 0),
        (0.2, 0, 10, 4, 0),
        (0.2, 0, 10, 5, 1),
        (0.2, 0, 10, 100, 20),
        (0.2, 10, 10, 100, 120),
        (0.0, 1, 5, 1000, 5),
        (2.0, 0, 10, 3, 6),
    ],
)
def test_how_many_retries(
    share: float, min_per_second: float, ttl: float, calls: int, retries: int
) -> None:
    """Each call pays in its share, on top of so many a second."""
    budget = RetryBudget(share, min_per_second=min_per_second, ttl=ttl)
    for _ in range(calls):
        budget.deposit(50.0)

    assert retries == withdrawn(budget, 50.0)
    assert pytest.approx(retries, abs=1) == budget.balance(50.0) + retries


@pytest.mark.parametrize(("now", "balance"), [(100.0, 20), (109.9, 20), (110.0, 0), (500.0, 0)])
def test_what_was_paid_in_expires(now: float, balance: float) -> None:
    """A call counts for ttl seconds."""
    budget = RetryBudget(0.2, min_per_second=0)
    for _ in range(100):
        budget.deposit(100.0)

    assert balance == budget.balance(now)


def test_what_was_taken_out_expires() -> None:
    """The retries that are free come back as fast as they were used."""
    budget = RetryBudget(min_per_second=1)

    assert 10 == withdrawn(budget, 100.0)
    assert 0 == withdrawn(budget, 109.9)
    assert 10 == withdrawn(budget, 110.0)


def test_the_window_slides() -> None:
    """Each tenth of the window expires on its own."""
    budget = RetryBudget(1, min_per_second=0)
    for second in range(10):
        budget.deposit(100.0 + second)

    assert [10, 9, 5, 1, 0] == [budget.balance(now) for now in (109, 110, 114, 118, 119)]


def test_clocks_that_are_not_one() -> None:
    """A thread that read the clock earlier counts along; another clock starts over."""
    budget = RetryBudget(1, min_per_second=0)
    budget.deposit(100.0)
    budget.deposit(98.0)
    assert 2 == budget.balance(100.0)

    budget.deposit(3.0)
    assert 1 == budget.balance(3.0)


def test_one_budget_for_many_threads() -> None:
    """However many ask at once, no more is given than there is."""
    budget = RetryBudget(0, min_per_second=10)
    given_out: list[bool] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        given_out.extend([budget.withdraw(7.0) for _ in range(50)])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (400, 100) == (len(given_out), sum(given_out))


@given(
    share=st.floats(0, 1),
    floor=st.floats(0, 10),
    steps=st.lists(st.tuples(st.floats(0, 2), st.booleans()), max_size=200),
)
def test_never_more_than_its_share(
    share: float, floor: float, steps: list[tuple[float, bool]]
) -> None:
    """In the last ttl seconds there were never more retries than calls and floor allow."""
    budget = RetryBudget(share, min_per_second=floor)
    now = 0.0
    calls: list[float] = []
    retries: list[float] = []
    for pause, is_call in steps:
        now += pause
        if is_call:
            budget.deposit(now)
            calls.append(now)
        elif budget.withdraw(now):
            retries.append(now)
        # Nine whole tenths and the one that has begun are counted: at least nine seconds.
        recent = sum(moment > now - 9 for moment in retries)
        allowed = share * sum(moment > now - 20 for moment in calls) + floor * 10
        assert recent <= allowed + 1e-9


@pytest.mark.parametrize(
    "arguments",
    [
        {"share": -0.1},
        {"share": "20%"},
        {"share": True},
        {"share": float("nan")},
        {"share": 1001},
        {"min_per_second": -1},
        {"min_per_second": float("inf")},
        {"min_per_second": None},
        {"ttl": 10**309},
        {"ttl": 0},
        {"ttl": 0.5},
        {"ttl": 3601},
    ],
)
def test_settings_out_of_range(arguments: dict[str, object]) -> None:
    """A wrong setting is refused by an error that names it, its value and what would be right."""
    ((name, value),) = arguments.items()

    with pytest.raises(InvalidOptionError) as caught:
        RetryBudget(**arguments)  # type: ignore[arg-type]

    assert str(caught.value).startswith(
        f"RetryBudget({name}={shown(value)}): must be a number of at "
    )


def test_a_budget_is_equal_to_itself_only() -> None:
    """Two with the same settings are two budgets."""
    budget = RetryBudget()

    assert budget == budget
    assert budget != RetryBudget()
    assert 2 == len({budget, RetryBudget()})
