"""How the limit follows what the peer can take: step by step, and against a model of a server."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon import errors
from antiphon.errors import BulkheadFullError, InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
from antiphon.policies.concurrency_limits import AIMDLimit, GradientLimit
from tests.policies.queue_model import KEY, simulate

REQUEST = Request("GET", URL("https://site.example/path?token=hush"))


# --- the model of a server ------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [2, 5, 10, 50])
def test_the_gradient_finds_the_capacity(capacity: int) -> None:
    """The limit settles at a little over what the peer works on at once, and keeps it busy."""
    seen = simulate(AdaptiveConcurrency(), lambda _: capacity, seconds=120)

    assert capacity <= seen.settled(60, 120) <= 1.7 * capacity + 3
    assert 0.95 < seen.answered / (120 * capacity / 0.1) <= 1


def test_the_gradient_follows_the_capacity() -> None:
    """When the peer gets more workers the limit rises, and when it loses them it falls."""
    policy = AdaptiveConcurrency()
    seen = simulate(policy, lambda now: 40 if 60 < now < 140 else 10, seconds=200)

    assert 10 <= seen.settled(40, 60) <= 20
    assert 40 <= seen.settled(110, 140) <= 68
    assert 10 <= seen.settled(180, 200) <= 20


def test_the_gradient_learns_a_new_latency() -> None:
    """A peer that is slower from now on is not mistaken for an overloaded one for ever."""
    policy = AdaptiveConcurrency(probe_interval=20)
    seen = simulate(policy, lambda _: 20, lambda now: 0.1 if now < 60 else 0.2, seconds=160)

    assert 20 <= seen.settled(30, 60) <= 37
    assert min(seen.limits[60:90]) < 20
    assert 20 <= seen.settled(120, 160) <= 37


@pytest.mark.parametrize("capacity", [5, 40])
def test_aimd_finds_the_capacity(capacity: int) -> None:
    """Where the peer drops what it cannot hold, the limit stays around what it can."""
    holds = capacity + capacity // 2
    seen = simulate(AdaptiveConcurrency("aimd"), lambda _: capacity, seconds=60, room=capacity // 2)

    assert 0.85 * holds <= seen.settled(30, 60) <= 1.1 * holds
    assert 0.95 < seen.answered / (60 * capacity / 0.1) <= 1


# --- the gradient, step by step -------------------------------------------------------------------


def window(limit: GradientLimit, now: float, latency: float, running: int | None = None) -> float:
    """Give it one window of ten answers; return when it ended."""
    for number in range(10):
        started = now + number * 0.12
        limit.answered(started, started + latency, running or int(limit.limit))
    return started + latency


def fresh(**settings: object) -> GradientLimit:
    """Return a limit whose first window has just begun."""
    limit = GradientLimit(AdaptiveConcurrency(**settings))  # type: ignore[arg-type]
    limit.answered(-1.0, 0.0, 1)
    return limit


def rested(**settings: object) -> tuple[GradientLimit, float]:
    """Return a limit that has just measured a latency at rest of 0.1 seconds, and when."""
    limit = fresh(**settings)
    now = window(limit, window(limit, 0.0, 0.1), 0.1)
    assert (0.1, 20) == (pytest.approx(limit.at_rest), limit.limit)
    return limit, now


def test_the_first_window_under_load_starts_a_probe() -> None:
    """The limit is halved until the latency falls no more, and then is what it was."""
    limit = fresh()
    seen, now = [], 0.0
    for latency in (4.0, 2.0, 1.0, 1.0):
        now = window(limit, now, latency)
        seen.append(limit.limit)

    assert [10, 5, 2.5, 20] == seen
    assert 1.0 == pytest.approx(limit.at_rest)


def test_a_probe_ends_at_the_least() -> None:
    """It goes no lower than min."""
    limit = fresh(min=8)
    seen, now = [], 0.0
    for latency in (40.0, 20.0, 10.0):
        now = window(limit, now, latency)
        seen.append(limit.limit)

    assert [10, 8, 20] == seen


def test_it_grows_while_the_latency_is_that_at_rest() -> None:
    """By the square root of itself a window, up to max."""
    limit, now = rested(max=30)
    seen = []
    for _ in range(3):
        now = window(limit, now, 0.1)
        seen.append(limit.limit)

    assert [pytest.approx(20 + 20**0.5), pytest.approx(24.472 + 24.472**0.5, abs=0.001), 30] == seen


def test_it_shrinks_when_the_latency_grows() -> None:
    """Half of the way to what the latencies say, at most by a quarter a window, down to min."""
    limit, now = rested(min=13)
    before = limit.limit
    now = window(limit, now, 5.0)
    assert pytest.approx(before + (before / 2 + before**0.5 - before) / 2) == limit.limit
    for _ in range(5):
        now = window(limit, now, 5.0)
    assert 13 == limit.limit


def test_who_does_not_use_the_limit_learns_nothing() -> None:
    """A few calls at a time say nothing about more of them."""
    limit, now = rested()
    now = window(limit, now, 0.1, running=9)
    now = window(limit, now, 100.0, running=9)

    assert 20 == limit.limit


def test_a_probe_again_after_a_while() -> None:
    """Under load without a latency like that at rest for so long, it is measured anew."""
    limit, now = rested(probe_interval=60)
    now = window(limit, now + 61, 5.0)
    assert 10 == limit.limit
    now = window(limit, now, 5.0)
    assert 20 == limit.limit
    assert 5.0 == pytest.approx(limit.at_rest)


def test_no_probe_while_the_latency_is_seen_anyway() -> None:
    """A latency like that at rest renews it."""
    limit, now = rested(probe_interval=60)
    for _ in range(5):
        now = window(limit, now + 30, 0.1, running=1)
    window(limit, now, 0.1)

    assert limit.limit > 20


def test_calls_from_before_the_window_do_not_count() -> None:
    """They met another limit."""
    limit, now = rested()
    for _ in range(500):
        limit.answered(now - 1, now + 50, 20)

    assert 20 == limit.limit


def test_many_answers_end_a_window_early() -> None:
    """Two hundred and fifty are enough."""
    limit, now = rested()
    for number in range(250):
        assert 20 == limit.limit
        limit.answered(now + number / 1e6, now + 0.1, 20)

    assert limit.limit > 20


@pytest.mark.parametrize("algorithm", ["gradient", "aimd"])
def test_drops_shrink_it_once_a_round(algorithm: str) -> None:
    """Calls that began before the limit was cut do not cut it again; it stays at least min."""
    policy = AdaptiveConcurrency(algorithm, min=18)  # type: ignore[arg-type]
    limit = GradientLimit(policy) if algorithm == "gradient" else AIMDLimit(policy)
    limit.dropped(0.0, 1.0)
    limit.dropped(0.5, 1.1)
    assert 18 == limit.limit
    limit.dropped(1.1, 2.0)
    assert 18 == limit.limit


def test_rare_drops_are_forgiven() -> None:
    """One drop in a hundred answers is no overload; the gradient's limit grows on all the same."""
    limit, now = rested()
    for _ in range(12):
        now = window(limit, now, 0.1)
    grown = limit.limit
    limit.dropped(now, now)
    assert grown == limit.limit
    now = window(limit, now, 0.1)
    assert limit.limit > grown
    grown = limit.limit
    limit.dropped(now, now)
    assert 0.9 * grown == pytest.approx(limit.limit)


def test_a_drop_ends_a_probe() -> None:
    """The limit goes on from where it was before the probe, a tenth lower."""
    limit = fresh()
    now = window(limit, 0.0, 4.0)
    assert 10 == limit.limit
    limit.dropped(now, now + 1)
    assert 18 == limit.limit


def test_aimd_adds_one_a_round() -> None:
    """As many answers as the limit add one, if it is in use; never more than max."""
    limit = AIMDLimit(AdaptiveConcurrency("aimd", initial=10, max=11))
    for _ in range(10):
        limit.answered(0.0, 0.1, 4)
    assert 10 == limit.limit
    for _ in range(10):
        limit.answered(0.0, 0.1, 8)
    assert 10.9 < limit.limit < 11
    for _ in range(10):
        limit.answered(0.0, 0.1, 11)
    assert 11 == limit.limit


@settings(max_examples=60)
@given(st.data())
def test_the_limit_stays_within_its_bounds(data: st.DataObject) -> None:
    """Whatever happens in whatever order."""
    policy = AdaptiveConcurrency(
        data.draw(st.sampled_from(["gradient", "aimd"])), min=2, initial=5, max=9, window=0.5
    )
    now = 0.0
    for _ in range(data.draw(st.integers(0, 20))):
        now += data.draw(st.sampled_from([0.0, 0.1, 5.0, 100.0]))
        latency = data.draw(st.sampled_from([0.0, 0.1, 2.0]))
        status = data.draw(st.sampled_from([200, 200, 200, 503, 500]))
        for _ in range(12):
            now += 0.05
            policy.ended(KEY, now - latency, now, status=status)
        assert 2 <= policy.limit(KEY) <= 9
        permits = []
        while (permit := policy.enter(KEY)) is not None:
            permits.append(permit)
        assert len(permits) == policy.limit(KEY) == policy.running(KEY)
        permits.clear()


# --- what counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "drop"),
    [
        ({"status": 429}, True),
        ({"status": 503}, True),
        ({"status": 504}, True),
        ({"error": errors.ReadTimeout("x")}, True),
        ({"error": errors.ConnectTimeout("x")}, True),
        ({"error": errors.DeadlineExceeded("x", sent="maybe")}, True),
        ({"error": errors.DeadlineExceeded("x")}, False),
        ({"error": errors.PoolTimeout("x")}, False),
        ({"error": errors.ReadError("x")}, False),
        ({"error": errors.RequestCancelled("x")}, False),
        ({"error": asyncio.CancelledError()}, False),
        ({"status": 500}, False),
        ({"status": 200}, False),
    ],
    ids=str,
)
def test_what_is_a_drop(outcome: dict[str, object], drop: bool) -> None:
    """Timeouts of the peer, 429, 503 and 504 shrink the limit; nothing else does."""
    policy = AdaptiveConcurrency()
    policy.ended(KEY, 0.0, 1.0, **outcome)  # type: ignore[arg-type]

    assert (18 if drop else 20) == policy.limit(KEY)


@pytest.mark.parametrize(("status", "grows"), [(200, True), (304, True), (404, True), (500, False)])
def test_what_is_an_answer(status: int, grows: bool) -> None:
    """The latency of an error of the peer's says nothing: those are often quick."""
    policy = AdaptiveConcurrency("aimd")
    permits = [policy.enter(KEY) for _ in range(20)]
    for _ in range(21):
        policy.ended(KEY, 0.0, 1.0, status=status)

    assert (21 if grows else 20) == policy.limit(KEY)
    assert (20, 0) == (policy.running(KEY), policy.waiting(KEY))
    assert grows is (policy.enter(KEY) is not None)
    assert len(permits) == 20


# --- settings -------------------------------------------------------------------------------------


def test_keys() -> None:
    """Each origin has a limit of its own."""
    policy = AdaptiveConcurrency()
    policy.ended(policy.key_of(REQUEST), 0.0, 1.0, status=503)

    assert (18, 20) == (policy.limit(KEY), policy.limit("https://other.example"))


def test_the_refusal() -> None:
    """The error says why; no secret is in it."""
    full = AdaptiveConcurrency(max_queue=3).refusal(REQUEST, None)
    late = AdaptiveConcurrency().refusal(REQUEST, 1.0)

    assert isinstance(full, BulkheadFullError)
    assert REQUEST is full.request
    assert "queue of 3 is full" in str(full)
    assert "none ended within 1 s" in str(late)
    assert "hush" not in str(full)


@pytest.mark.parametrize(
    "settings",
    [
        {"algorithm": "vegas"},
        {"min": 0},
        {"max": 0},
        {"min": 30, "initial": 20},
        {"max": 10, "initial": 20},
        {"backoff": 1},
        {"backoff": 0},
        {"window": 0},
        {"probe_interval": -1},
        {"max_queue": -1},
        {"queue_timeout": "1"},
        {"key": 7},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    """Each is refused by the name of the setting."""
    name = list(settings)[-1]
    with pytest.raises(InvalidOptionError, match=rf"AdaptiveConcurrency\({name}="):
        AdaptiveConcurrency(**settings)  # type: ignore[arg-type]


def test_defaults_and_repr() -> None:
    """Twenty at first, from one to two hundred; what is not a default is shown."""
    policy = AdaptiveConcurrency()

    assert (20, 1, 200, "gradient") == (policy.initial, policy.min, policy.max, policy.algorithm)
    assert "AdaptiveConcurrency()" == repr(policy)
    assert "AdaptiveConcurrency(algorithm='aimd', max=50)" == repr(
        AdaptiveConcurrency("aimd", max=50)
    )
