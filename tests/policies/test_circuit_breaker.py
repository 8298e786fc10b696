"""When a circuit opens, whom it tries, and when it closes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import CircuitOpenError, InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.circuit import Admission, CircuitState
from antiphon.policies.circuit_breaker import CircuitBreaker, CircuitSnapshot
from antiphon.policies.keyed_states import MAX_KEYS

KEY = "https://site.example"
REQUEST = Request("GET", URL("https://site.example/path?token=hush"))


def run(breaker: CircuitBreaker, outcomes: str, now: float = 0.0, key: str = KEY) -> str:
    """Make calls that end as the letters say: + and - and ? for neither; ! is what is refused."""
    seen = ""
    for outcome in outcomes:
        admission = breaker.admit(key, now)
        if admission.allowed:
            breaker.record(key, admission, {"+": True, "-": False, "?": None}[outcome], now)
        seen += outcome if admission.allowed else "!"
    return seen


# --- opening --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("breaker", "outcomes", "seen"),
    [
        (CircuitBreaker, "-----++", "-----!!"),
        (lambda: CircuitBreaker(2), "--+", "--!"),
        (lambda: CircuitBreaker(2), "-+-+--+", "-+-+--!"),
        (lambda: CircuitBreaker(2), "-?-+", "-?-!"),
        (lambda: CircuitBreaker(failure_rate=0.5, minimum_calls=4), "---+-", "---+!"),
        (
            lambda: CircuitBreaker(failure_rate=0.5, minimum_calls=4),
            "+++++--+--+--",
            "+++++--+--+--",
        ),
        (lambda: CircuitBreaker(failure_rate=0.5, minimum_calls=4), "++--+", "++--!"),
        (lambda: CircuitBreaker(failure_rate=1, minimum_calls=1), "+-+-", "+-+-"),
        (lambda: CircuitBreaker(2, failure_rate=0.9, minimum_calls=9), "--+", "--!"),
        (
            lambda: CircuitBreaker(failure_rate=0.5, minimum_calls=4, window_calls=4),
            "++++--+",
            "++++--!",
        ),
        (
            lambda: CircuitBreaker(failure_rate=0.75, minimum_calls=4, window_calls=4),
            "--+-+--++--+---",
            "--+-!!!!!!!!!!!",
        ),
        (
            lambda: CircuitBreaker(failure_rate=1, minimum_calls=2, window_calls=3),
            "-+--+---+",
            "-+--+---!",
        ),
    ],
)
def test_when_it_opens(breaker: Callable[[], CircuitBreaker], outcomes: str, seen: str) -> None:
    """Failures in a row, a share of the last calls, or both; what counts as neither says nothing."""
    assert seen == run(breaker(), outcomes)


@pytest.mark.parametrize(("gap", "state"), [(8.9, "open"), (10.1, "closed")])
def test_old_calls_leave_the_window(gap: float, state: str) -> None:
    """A window of seconds forgets, a tenth at a time."""
    breaker = CircuitBreaker(failure_rate=0.5, minimum_calls=4, window=10)
    run(breaker, "+--", 0.0)
    run(breaker, "+", gap)
    run(breaker, "-", gap)

    assert state == breaker.state(KEY)


def test_a_thread_that_is_late() -> None:
    """A moment that others have overtaken counts as theirs."""
    breaker = CircuitBreaker(failure_rate=0.5, minimum_calls=3, window=10)
    run(breaker, "+", 20.0)
    run(breaker, "--", 18.0)

    assert "open" == breaker.state(KEY)


@settings(max_examples=60)
@given(
    calls=st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60),
    size=st.none() | st.integers(3, 8),
)
def test_windows_count_as_a_list_would(calls: list[tuple[float, bool]], size: int | None) -> None:
    """The cheap windows agree with all outcomes kept and counted anew (seconds: to a tenth)."""
    breaker = CircuitBreaker(failure_rate=1.0, minimum_calls=3, window=10, window_calls=size)
    now, kept = 0.0, [(0.0, False)]
    run(breaker, "+", now)
    for gap, failed in calls:
        now += gap
        kept.append((now, failed))
        if "!" in run(breaker, "-" if failed else "+", now):
            return
        if breaker.state(KEY) == "open":
            return
        recent = kept[-size:] if size else [x for x in kept if x[0] // 1 > now // 1 - 10]
        shown = breaker.snapshot(now)[KEY]
        assert (len(recent), sum(failed for _, failed in recent)) == (shown.calls, shown.failures)


# --- half open ------------------------------------------------------------------------------------


def opened(**settings: object) -> CircuitBreaker:
    breaker = CircuitBreaker(1, reset_timeout=30, **settings)  # type: ignore[arg-type]
    run(breaker, "-")
    return breaker


def test_the_time_left() -> None:
    """Who is refused learns when a trial will be let through."""
    breaker = opened()

    assert Admission(allowed=False, retry_after=30.0) == breaker.admit(KEY, 0.0)
    assert Admission(allowed=False, retry_after=0.5) == breaker.admit(KEY, 29.5)
    assert ("open", "open", "half_open") == (
        breaker.state(KEY),
        breaker.state(KEY, 29.0),
        breaker.state(KEY, 30.0),
    )


def test_one_trial_at_a_time() -> None:
    """Half open, one call goes and the others are refused until it has ended."""
    breaker = opened()
    trial = breaker.admit(KEY, 30.0)

    assert trial.allowed
    assert Admission(allowed=False) == breaker.admit(KEY, 31.0)
    breaker.record(KEY, trial, True, 32.0)
    assert "closed" == breaker.state(KEY)
    assert "++" == run(breaker, "++", 33.0)


def test_a_trial_that_fails_opens_again() -> None:
    """One failure is enough, and the time starts anew."""
    breaker = opened(failure_rate=0.5, minimum_calls=100)

    assert "-!" == run(breaker, "-+", 30.0)
    assert "!" == run(breaker, "+", 59.9)
    assert "+" == run(breaker, "+", 60.0)


def test_a_trial_that_says_nothing_gives_its_permit_back() -> None:
    """A trial that was cancelled makes room for the next."""
    breaker = opened()

    assert "???+" == run(breaker, "???+", 30.0)
    assert "closed" == breaker.state(KEY)


def test_several_successes() -> None:
    """With a success_threshold, so many trials have to succeed."""
    breaker = opened(trial_calls=2, success_threshold=3)
    trials = [breaker.admit(KEY, 30.0) for _ in range(3)]

    assert [True, True, False] == [trial.allowed for trial in trials]
    for trial in trials[:2]:
        breaker.record(KEY, trial, True, 31.0)
    assert "half_open" == breaker.state(KEY)
    assert "+" == run(breaker, "+", 31.0)
    assert "closed" == breaker.state(KEY)


def test_what_began_before_does_not_count() -> None:
    """Calls that were let through in an earlier state neither open nor close the present one."""
    breaker = CircuitBreaker(1, trial_calls=2)
    slow, late, first = (breaker.admit(KEY, 0.0) for _ in range(3))
    breaker.record(KEY, first, False, 1.0)
    breaker.record(KEY, slow, True, 2.0)
    assert "open" == breaker.state(KEY)
    one, other = breaker.admit(KEY, 31.0), breaker.admit(KEY, 31.0)
    breaker.record(KEY, late, False, 32.0)
    assert "half_open" == breaker.state(KEY)
    breaker.record(KEY, one, True, 33.0)
    breaker.record(KEY, other, False, 34.0)
    assert "closed" == breaker.state(KEY)


@settings(max_examples=80)
@given(st.data())
def test_trials_are_never_more_than_allowed(data: st.DataObject) -> None:
    """Whatever happens in whatever order, trials stay few and none is lost."""
    breaker = CircuitBreaker(2, reset_timeout=5, trial_calls=2, success_threshold=2)
    now, running = 0.0, []
    for _ in range(data.draw(st.integers(0, 40))):
        now += data.draw(st.sampled_from([0.0, 1.0, 6.0]))
        if running and data.draw(st.booleans()):
            ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
            breaker.record(KEY, ended, data.draw(st.sampled_from([True, False, None])), now)
        else:
            admission = breaker.admit(KEY, now)
            if admission.allowed:
                running.append(admission)
        shown = breaker.snapshot(now).get(KEY)
        assert shown is None or 0 <= shown.trials <= 2
    for admission in running:
        breaker.record(KEY, admission, None, now)
    assert all(shown.trials == 0 for shown in breaker.snapshot(now).values())
    assert breaker.admit(KEY, now + 6).allowed


# --- keys, listeners, settings --------------------------------------------------------------------


def test_keys() -> None:
    """One circuit for each origin, for each key, or for all."""
    other = Request("GET", URL("https://other.example:8443/"))
    by_method = CircuitBreaker(key=lambda request: request.method)

    assert "https://site.example" == CircuitBreaker().key_of(REQUEST)
    assert "https://other.example:8443" == CircuitBreaker().key_of(other)
    assert "all" == CircuitBreaker(key="all").key_of(REQUEST)
    assert "GET" == by_method.key_of(REQUEST)
    breaker = CircuitBreaker(1)
    run(breaker, "-", key="a")
    assert ("open", "closed") == (breaker.state("a"), breaker.state("b"))


def test_memory_is_bounded() -> None:
    """The key that was unused for longest is forgotten."""
    breaker = CircuitBreaker(1)
    for number in range(MAX_KEYS):
        run(breaker, "-", key=str(number))
    run(breaker, "-", key="0")
    run(breaker, "-", key="one more")

    assert MAX_KEYS == len(breaker.snapshot(0.0))
    assert ["open", "closed", "open"] == [breaker.state(key) for key in ("0", "1", "one more")]


def test_listeners_hear_every_change(caplog: pytest.LogCaptureFixture) -> None:
    """They are told after the fact and hold nobody up; one that fails is logged and ignored."""
    told: list[tuple[str, CircuitState, CircuitState, CircuitState]] = []

    def listener(key: str, old: CircuitState, new: CircuitState) -> None:
        thread = threading.Thread(target=breaker.snapshot, args=(0.0,))  # would wait for a lock
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        told.append((key, old, new, breaker.state(key)))

    def failing(*_: object) -> None:
        raise ValueError("not my day")

    breaker = CircuitBreaker(1, listeners=[failing, listener])
    with caplog.at_level(logging.ERROR, "antiphon"):
        run(breaker, "+-")
        run(breaker, "+", 30.0)

    assert [
        (KEY, "closed", "open", "open"),
        (KEY, "open", "half_open", "half_open"),
        (KEY, "half_open", "closed", "closed"),
    ] == told
    assert 3 == len(caplog.records)
    assert "not my day" in str(caplog.records[0].exc_info)


def test_snapshot() -> None:
    """What a breaker knows can be read, by key."""
    breaker = CircuitBreaker(3, failure_rate=0.9, minimum_calls=10)
    run(breaker, "+--")
    run(breaker, "---", key="b")

    assert {
        KEY: CircuitSnapshot("closed", 2, 3, 2, 0, 0.0),
        "b": CircuitSnapshot("open", 0, 0, 0, 0, 28.0),
    } == breaker.snapshot(2.0)
    assert CircuitSnapshot("closed", 1, 0, 0, 0, 0.0) == _after("-").snapshot(0.0)[KEY]


def _after(outcomes: str) -> CircuitBreaker:
    breaker = CircuitBreaker()
    run(breaker, outcomes)
    return breaker


def test_the_refusal() -> None:
    """The error says what was not sent, and when it may be tried again; no secret is in it."""
    waiting = CircuitBreaker().refusal(REQUEST, Admission(allowed=False, retry_after=2.25))
    trying = CircuitBreaker().refusal(REQUEST, Admission(allowed=False))

    assert isinstance(waiting, CircuitOpenError)
    assert (2.25, 0.0) == (waiting.retry_after, trying.retry_after)
    assert REQUEST is waiting.request
    assert "in 2.2 s" in str(waiting)
    assert "trial calls that are running" in str(trying)
    assert "hush" not in str(waiting)


@pytest.mark.parametrize(
    "settings",
    [
        {"failure_threshold": 0},
        {"failure_threshold": 2.0},
        {"failure_threshold": True},
        {"failure_threshold": None},
        {"reset_timeout": 0},
        {"reset_timeout": "30"},
        {"failure_rate": 0},
        {"failure_rate": 1.1},
        {"window": float("inf")},
        {"window_calls": 0},
        {"failure_rate": 0.5, "window_calls": 10},
        {"minimum_calls": 0},
        {"trial_calls": 0},
        {"success_threshold": 0},
        {"key": "host"},
        {"is_failure": 500},
        {"listeners": print},
        {"listeners": ["print"]},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    """Each is refused by the name of the setting."""
    with pytest.raises(InvalidOptionError, match=rf"CircuitBreaker\({list(settings)[-1]}="):
        CircuitBreaker(**settings)  # type: ignore[arg-type]


def test_defaults_and_repr() -> None:
    """Five in a row, 30 seconds, one trial; what is not a default is shown."""
    breaker = CircuitBreaker()

    assert (5, 30.0, 1, 1) == (
        breaker.failure_threshold,
        breaker.reset_timeout,
        breaker.trial_calls,
        breaker.success_threshold,
    )
    assert "CircuitBreaker(failure_threshold=5)" == repr(breaker)
    assert (
        "CircuitBreaker(failure_rate=0.5, failure_threshold=None, key=_after, listeners=[print])"
        == repr(CircuitBreaker(failure_rate=0.5, key=_after, listeners=[print]))  # type: ignore[arg-type]
    )
    assert CircuitBreaker() != CircuitBreaker()
