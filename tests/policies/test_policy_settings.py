"""Settings that cannot be, of every policy: each is refused by its name, never from inside."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.integrations.opentelemetry import OpenTelemetryMetrics, OpenTelemetryTracer
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.hedge import Hedge
from antiphon.policies.logging import Logging
from antiphon.policies.metrics import Metrics
from antiphon.policies.rate_limit import RateLimit
from antiphon.policies.request_ids import RequestId
from antiphon.policies.tracing import Tracing

REQUEST = Request("GET", URL("https://site.example/path?token=hush"))
ODD: list[Any] = [
    *(None, 0, -1, -0.5, 2.5, True, False, math.nan, math.inf, -math.inf, 5e-324, 1e308),
    *(10**30, 10**400, 10**5000, -(10**5000)),
    *("", "x", b"x", [], [1], [None], {}, {1}, ("x",), object(), print),
]
SETTINGS: dict[Callable[..., Any], str] = {
    CircuitBreaker: "failure_rate failure_threshold reset_timeout window window_calls "
    "minimum_calls trial_calls success_threshold key is_failure listeners shared",
    Bulkhead: "max_concurrent max_queue queue_timeout key",
    RateLimit: "limit per burst algorithm key wait max_wait learn shared",
    AdaptiveConcurrency: "algorithm initial min max backoff window probe_interval max_queue "
    "queue_timeout key",
    Logging: "logger success failure cancelled retry headers prefix",
    RequestId: "header make read",
    Tracing: "tracer",
    Metrics: "recorder",
    OpenTelemetryTracer: "tracer_provider propagator known_methods events sizes",
    OpenTelemetryMetrics: "meter_provider known_methods sizes",
}


@pytest.mark.parametrize(
    ("policy", "name"),
    [(policy, name) for policy, names in SETTINGS.items() for name in names.split()],
)
def test_odd_values(policy: Callable[..., Any], name: str) -> None:
    """A value is good, or InvalidOptionError says which setting it is not good for."""
    needed = {"limit": 5} if policy is RateLimit else {}
    refusals = []
    for value in ODD:
        try:
            policy(**(needed | {name: value}))
        except InvalidOptionError as error:
            refusals.append(str(error))
    assert len(refusals) > 10
    assert [] == [text for text in refusals if f"{name}=" not in text or len(text) > 400]


@pytest.mark.parametrize(
    "settings",
    [
        {"window": 5e-324},
        {"window_calls": 10**30, "minimum_calls": 5},
        {"window_calls": 10**7, "minimum_calls": 5},
    ],
    ids=str,
)
def test_windows_that_no_clock_or_memory_holds(settings: dict[str, Any]) -> None:
    """Refused when the breaker is made, and not by its first call."""
    with pytest.raises(InvalidOptionError, match=rf"CircuitBreaker\({next(iter(settings))}="):
        CircuitBreaker(failure_rate=0.5, **settings)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Bulkhead(10**9),
        lambda: AdaptiveConcurrency(max=10**9),
    ],
)
def test_more_places_than_there_can_be(make: Callable[[], object]) -> None:
    """Each place takes memory; who wants no limit leaves the policy out."""
    with pytest.raises(InvalidOptionError, match="from 1 to 1000000"):
        make()


# --- functions ------------------------------------------------------------------------------------


async def in_async(*_: object) -> bool:
    """Is taken for true by whoever does not wait for it."""
    return False


def in_pieces(*_: object) -> Any:
    """Is a generator, which nobody runs."""
    yield False


class InDisguise:
    """Speaks async where one does not see it at once."""

    async def __call__(self, *_: object) -> bool:
        return False


WITH_KEYS = [
    lambda key: CircuitBreaker(key=key),
    lambda key: Bulkhead(key=key),
    lambda key: RateLimit(5, key=key),
    lambda key: AdaptiveConcurrency(key=key),
    lambda key: Hedge(0.1, key=key),
]


@pytest.mark.parametrize("function", [in_async, in_pieces, InDisguise()])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("is_failure", lambda function: CircuitBreaker(is_failure=function)),
        ("listeners", lambda function: CircuitBreaker(listeners=[function])),
        ("make", lambda function: RequestId(make=function)),
        *(("key", make) for make in WITH_KEYS),
    ],
)
def test_functions_that_nobody_waits_for(
    name: str, make: Callable[[object], object], function: object
) -> None:
    """An `async def` would be taken for its answer: every call a failure, every key a new one."""
    with pytest.raises(InvalidOptionError, match=rf"\({name}=.*plain"):
        make(function)


@pytest.mark.parametrize("make", WITH_KEYS)
@pytest.mark.parametrize("key", [None, 5, ["a"], b"a"], ids=repr)
def test_keys_that_are_no_text(make: Callable[[object], Any], key: object) -> None:
    """Refused by the call, without the value: it may be part of a credential."""
    policy = make(lambda _request: key)
    with pytest.raises(InvalidOptionError, match=rf"returned {type(key).__name__}; .* text") as got:
        policy.key_of(REQUEST)
    assert type(policy).__name__ in str(got.value)


def test_keys_of_ones_own() -> None:
    """Its text is the key."""
    assert "site.example" == Bulkhead(key=lambda request: request.url.host).key_of(REQUEST)
