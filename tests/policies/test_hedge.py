"""When a copy of a request is sent, and of which: decisions of `Hedge`, without a network."""

from __future__ import annotations

from typing import Any

import pytest

from antiphon import URL, Hedge, InvalidOptionError, Request, RetryBudget
from antiphon.models.body_builder import build_body
from antiphon.policies.hedge import ONE_SHOT_NOTE
from antiphon.policies.pipeline_order import arrange, kind_of

GET = Request("GET", URL("https://api.example.com/users"))


@pytest.mark.parametrize(
    ("method", "keyed", "expected"),
    [
        ("GET", False, True),
        ("HEAD", False, True),
        ("QUERY", False, True),
        ("PUT", False, True),
        ("DELETE", False, True),
        ("POST", False, False),
        ("PATCH", False, False),
        ("POST", True, True),
        ("get", False, False),
    ],
)
def test_which_requests(method: str, keyed: bool, expected: bool) -> None:
    """Idempotent methods, and others with an idempotency key."""
    assert expected is Hedge(0.2).covers(Request(method, GET.url), keyed=keyed)


def test_a_body_that_cannot_be_sent_again() -> None:
    """A stream is refused with the reason; bytes are not."""
    stream = Request("PUT", GET.url, body=build_body(content=iter([b"x"])))
    again = Request("PUT", GET.url, body=build_body(content=b"x"))
    assert ONE_SHOT_NOTE == Hedge.refusal(stream)
    assert Hedge.refusal(again) is None
    assert Hedge.refusal(GET) is None


@pytest.mark.parametrize(
    ("status", "keyed", "expected"),
    [
        (200, False, True),
        (304, False, True),
        (404, False, True),
        (409, False, True),
        (409, True, False),
        (429, False, False),
        (500, False, False),
        (501, False, True),
        (503, True, False),
        (504, False, False),
    ],
)
def test_what_an_answer_is(status: int, keyed: bool, expected: bool) -> None:
    """Everything but what `Retry` would try again, and a conflict with the other copy."""
    assert expected is Hedge.is_answer(status, keyed=keyed)


def test_a_fixed_delay() -> None:
    """It is what was given, whatever was learned."""
    hedge = Hedge(0.2)
    for _ in range(100):
        hedge.learn(GET, 5.0, streamed=False)
    assert 0.2 == hedge.delay_for(GET, streamed=False)


def test_a_learned_delay() -> None:
    """It is the percentile, once there were enough; clamped, and apart for what is streamed."""
    hedge = Hedge(percentile=0.9, min_samples=10, min_delay=0.05, max_delay=2.0)
    for hundredths in range(9):
        hedge.learn(GET, hundredths / 10, streamed=False)
        assert hedge.delay_for(GET, streamed=False) is None
    hedge.learn(GET, 0.9, streamed=False)
    assert 0.8 == hedge.delay_for(GET, streamed=False)
    assert hedge.delay_for(GET, streamed=True) is None
    assert hedge.delay_for(Request("GET", URL("https://other.example/")), streamed=False) is None
    for _ in range(200):
        hedge.learn(GET, 0.001, streamed=False)
    assert 0.05 == hedge.delay_for(GET, streamed=False)
    for _ in range(256):
        hedge.learn(GET, 60.0, streamed=False)
    assert 2.0 == hedge.delay_for(GET, streamed=False)


def test_keys() -> None:
    """What has latencies of its own is said by `key`."""
    hedge = Hedge(percentile=0.5, min_samples=1, key=lambda request: request.url.path)
    hedge.learn(GET, 3.0, streamed=False)
    assert 3.0 == hedge.delay_for(
        Request("GET", URL("https://other.example/users")), streamed=False
    )
    assert hedge.delay_for(Request("GET", URL("https://api.example.com/")), streamed=False) is None


def test_the_budget() -> None:
    """Each copy takes from it; there is one of its own unless another, or None, is given."""
    poor = Hedge(0.2, budget=RetryBudget(0.5, min_per_second=0))
    poor.deposit(100.0)
    assert not poor.may_copy(100.0)
    poor.deposit(100.0)
    assert poor.may_copy(100.0)
    assert not poor.may_copy(100.0)
    endless = Hedge(0.2, budget=None)
    endless.deposit(100.0)
    assert all(endless.may_copy(100.0) for _ in range(1000))
    assert Hedge(0.2).budget is not Hedge(0.2).budget


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "give one of the two"),
        ({"delay": 0.2, "percentile": 0.9}, "give one of the two"),
        ({"delay": -1}, "delay=-1"),
        ({"delay": True}, "delay=True"),
        ({"percentile": 0}, "percentile=0"),
        ({"percentile": 1}, "percentile=1"),
        ({"percentile": 95}, "percentile=95"),
        ({"delay": 0.2, "max_copies": 0}, "max_copies=0"),
        ({"percentile": 0.9, "min_samples": 0}, "min_samples=0"),
        ({"percentile": 0.9, "min_samples": 257}, "from 1 to 256"),
        ({"percentile": 0.9, "min_delay": 3, "max_delay": 2}, "min_delay=3"),
        ({"percentile": 0.9, "max_delay": 0}, "max_delay=0"),
        ({"delay": 0.2, "budget": 10}, "budget=10"),
        ({"delay": 0.2, "key": 7}, "key=7"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], words: str) -> None:
    """The message names the setting, its value, and what would be right."""
    with pytest.raises(InvalidOptionError, match="Hedge") as refused:
        Hedge(**settings)
    assert words in str(refused.value)


def test_how_it_shows_itself_and_where_it_stands() -> None:
    """Settings that differ from the defaults; a stage of its own, outside of breaker and limits."""
    assert "Hedge(percentile=0.95, max_copies=2)" == repr(Hedge(percentile=0.95, max_copies=2))
    hedge = Hedge(0.2)
    assert "hedge" == kind_of(hedge)
    assert ("attempt", "hedge", hedge) in arrange([hedge])
    with pytest.raises(InvalidOptionError, match="each copy would be copied again"):
        arrange([hedge, Hedge(0.3)])
