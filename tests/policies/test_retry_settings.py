"""What the settings of a `Retry` may be, and what each of them changes."""

from __future__ import annotations

import copy
import pickle
from http import HTTPStatus

import attrs
import pytest

from antiphon import errors
from antiphon.errors import InvalidOptionError
from antiphon.models.iterable_body import IterableBody
from antiphon.policies.outcomes import Outcome
from antiphon.policies.retry import Retry, RetryDecision
from antiphon.policies.retry_budget import RetryBudget
from antiphon.policies.setting_checks import shown
from tests.policies.retry_decisions import IDEMPOTENT, RETRY, asked

# --- which, by settings --------------------------------------------------------------------------


def test_a_conflict_is_tried_again_with_a_key() -> None:
    """409 says that the first request with this key is still running; without a key it is final."""
    assert asked("POST", status=409, keyed=True).retry is True
    assert asked("GET", status=409) == RetryDecision(retry=False)


@pytest.mark.parametrize(
    "outcome", [{"status": 503}, {"error": errors.ReadTimeout("x", sent="maybe")}]
)
def test_a_key_makes_any_method_idempotent(outcome: dict[str, object]) -> None:
    """A POST with an idempotency key may be sent again."""
    assert asked("POST", keyed=True, **outcome).retry is True


def test_own_statuses() -> None:
    """`statuses` replaces the list, and may name answers that are no failures."""
    retry = Retry(statuses={202, 404})

    assert {202, 404} == {n for n in range(200, 600) if asked(retry=retry, status=n).retry}
    assert (202, 400, 400) == (
        retry.settled_below,
        Retry().settled_below,
        Retry(statuses=[]).settled_below,
    )
    assert asked(retry=Retry(statuses=503), status=503).retry is True


def test_own_methods() -> None:
    """`methods` replaces the list: what is not on it goes again only if nothing was sent."""
    retry = Retry(methods={"POST"})

    assert asked("POST", retry=retry, status=503).retry is True
    assert asked("GET", retry=retry, status=503).retry is False
    assert asked("GET", retry=retry, error=errors.ConnectError("x")).retry is True


@pytest.mark.parametrize(
    ("retry_on", "error", "expected"),
    [
        (ConnectionError, errors.ConnectError("x"), True),
        (ConnectionError, ConnectionResetError("x"), True),
        (ConnectionError, errors.ReadTimeout("x", sent="maybe"), False),
        (TimeoutError, errors.ReadTimeout("x", sent="maybe"), True),
        (TimeoutError, errors.PoolTimeout("x"), False),
        ((OSError, errors.DecodeError), errors.ContentDecodingError("x"), True),
        (errors.TransportError, OSError("x"), False),
        (Exception, errors.CircuitOpenError("x"), False),
        (Exception, errors.RequestCancelled("x"), False),
        (Exception, errors.InvalidURLError("x"), False),
        (Exception, errors.ClientClosedError("x"), False),
        (Exception, ValueError("x"), True),
        (Exception, errors.CertificateVerifyError("x"), False),
        (errors.TLSError, errors.CertificateVerifyError("x"), False),
        (errors.CertificateVerifyError, errors.CertificateVerifyError("x"), True),
        (errors.ProxyError, errors.ProxyError("x", status=407), False),
        (errors.ProxyError, errors.ProxyError("x", status=502), True),
        ((), errors.ConnectError("x"), False),
    ],
)
def test_own_errors(retry_on: object, error: Exception, expected: bool) -> None:
    """`retry_on` replaces the list, builtin types included; what is final stays final."""
    retry = Retry(retry_on=retry_on)  # type: ignore[arg-type]

    assert asked(retry=retry, error=error).retry is expected


def test_errors_of_others_may_have_been_sent() -> None:
    """An error that does not say whether anything was sent is taken for one that was."""
    assert asked("POST", retry=Retry(retry_on=OSError), error=OSError("x")).retry is False


@pytest.mark.parametrize("kind", [errors.PoolTimeout, errors.PolicyError, errors.InvalidURLError])
def test_errors_that_nobody_retries(kind: type[Exception]) -> None:
    """To name what is never retried is refused, for it would have no effect."""
    with pytest.raises(InvalidOptionError, match=f"must not name {kind.__name__}, which is never"):
        Retry(retry_on=(OSError, kind))


def test_errors_of_statuses() -> None:
    """A StatusError is raised once all attempts are over; the setting for them is `statuses`."""
    with pytest.raises(InvalidOptionError, match="name its status in statuses="):
        Retry(retry_on=errors.ServiceUnavailableError)


@pytest.mark.parametrize(
    ("verdict", "status", "expected"),
    [
        (True, 404, True),
        (True, 200, True),
        (False, 503, False),
        (None, 503, True),
        (None, 404, False),
    ],
)
def test_own_predicate(verdict: bool | None, status: int, expected: bool) -> None:
    """True and False are the last word on an outcome; None leaves it to the lists."""
    seen: list[Outcome] = []

    def predicate(outcome: Outcome) -> bool | None:
        seen.append(outcome)
        return verdict

    retry = Retry(predicate=predicate)
    decision = asked(retry=retry, status=status, headers={"A": "b"}, elapsed=1.5)

    assert decision.retry is expected
    assert decision.note is None
    ((outcome),) = seen
    assert ("GET", 1, 1.5, status, "b") == (
        outcome.request.method,
        outcome.number,
        outcome.elapsed,
        outcome.status,
        (outcome.headers or {})["A"],
    )
    assert 0 == retry.settled_below


def test_a_predicate_has_its_limits() -> None:
    """It cannot have a stream sent again, nor a POST, nor what is final, nor without end."""
    retry = Retry(2, predicate=lambda _: True)

    assert asked(retry=retry, error=errors.CertificateVerifyError("x")).retry is True
    assert asked(retry=retry, error=errors.PoolTimeout("x")).retry is False
    assert asked("POST", retry=retry, status=404).retry is False
    assert asked(retry=retry, body=IterableBody(iter([b"x"])), status=404).retry is False
    assert asked(attempt=2, retry=retry, status=404).retry is False


@pytest.mark.parametrize(
    ("advice", "status", "expected"),
    [
        ("true", 503, RetryDecision(retry=True, delay=0.5)),
        ("true", 400, RetryDecision(retry=True, delay=0.5)),
        ("TRUE", 501, RetryDecision(retry=True, delay=0.5)),
        ("true", 200, RetryDecision(retry=False)),
        (
            "false",
            503,
            RetryDecision(
                retry=False, note="not retried: the server says not to (x-should-retry: false)"
            ),
        ),
        ("false", 400, RetryDecision(retry=False)),
        ("maybe", 503, RetryDecision(retry=True, delay=0.5)),
        ("maybe", 400, RetryDecision(retry=False)),
    ],
)
def test_x_should_retry(advice: str, status: int, expected: RetryDecision) -> None:
    """A server that says so knows better than the list of statuses."""
    assert expected == asked(status=status, headers={"x-should-retry": advice})
    assert asked("POST", status=status, headers={"x-should-retry": advice}).retry is False


def test_a_predicate_knows_better_than_the_server() -> None:
    """What the caller says in so many words counts most."""
    headers = {"x-should-retry": "false"}

    assert asked(retry=Retry(predicate=lambda _: True), status=503, headers=headers).retry is True


def test_a_budget_is_named_when_it_is_used_up() -> None:
    """The note says which budget it was."""
    decision = Retry(budget=RetryBudget(0.1)).out_of_budget()

    assert "not retried: RetryBudget(share=0.1, min_per_second=10.0, ttl=10.0) is used up" == (
        decision.note
    )
    assert decision.retry is False


# --- the value ------------------------------------------------------------------------------------


def test_defaults() -> None:
    """Three attempts, waits from half a second, doubled, up to 30 s."""
    assert Retry() == Retry(
        3,
        base_delay=0.5,
        backoff_factor=2.0,
        max_delay=30.0,
        jitter="full",
        statuses=[408, 425, 429, 500, 502, 503, 504],
        methods=IDEMPOTENT,
        retry_on=errors.TransportError,
        max_retry_after=60.0,
        predicate=None,
        budget=None,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_attempts": 0},
        {"max_attempts": -1},
        {"max_attempts": 1.5},
        {"max_attempts": True},
        {"max_attempts": "3"},
        {"max_attempts": None},
        {"base_delay": -0.1},
        {"base_delay": float("nan")},
        {"base_delay": float("inf")},
        {"base_delay": "1"},
        {"base_delay": True},
        {"backoff_factor": 0.9},
        {"backoff_factor": None},
        {"max_delay": -1},
        {"max_delay": float("inf")},
        {"max_retry_after": -1},
        {"max_retry_after": None},
        {"jitter": "equal"},
        {"jitter": 1.1},
        {"jitter": -0.1},
        {"jitter": True},
        {"statuses": None},
        {"statuses": "503"},
        {"statuses": ["503"]},
        {"statuses": [199]},
        {"statuses": [600]},
        {"statuses": [True]},
        {"methods": "GET"},
        {"retry_on": None},
        {"retry_on": "ConnectError"},
        {"retry_on": ["ConnectError"]},
        {"retry_on": KeyboardInterrupt},
        {"retry_on": OSError()},
        {"predicate": True},
        {"base_delay": 10**309},
        {"jitter": 10**309},
        {"statuses": ""},
        {"statuses": b"\xc8"},
        {"budget": 0.2},
    ],
)
def test_settings_out_of_range(arguments: dict[str, object]) -> None:
    """A wrong setting is refused by an error that names it, its value and what would be right."""
    ((name, value),) = arguments.items()

    with pytest.raises(InvalidOptionError) as caught:
        Retry(**arguments)  # type: ignore[arg-type]

    assert str(caught.value).startswith(f"Retry({name}={shown(value)}): must be ")


def test_statuses_of_the_standard_library() -> None:
    """A status may be an `http.HTTPStatus`; it becomes the number."""
    retry = Retry(statuses={HTTPStatus.SERVICE_UNAVAILABLE, 504})

    assert "frozenset({504, 503})" in repr(retry) or "frozenset({503, 504})" in repr(retry)
    assert asked(retry=retry, status=503).retry is True


async def async_predicate(_outcome: Outcome) -> bool:
    return False


def test_a_predicate_that_nobody_would_wait_for() -> None:
    """What an `async def` returns is always true, whatever it says: it is refused."""
    with pytest.raises(InvalidOptionError, match=r"^Retry\(predicate=.*plain function"):
        Retry(predicate=async_predicate)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), (1, Retry(1)), (5, Retry(5)), (RETRY, RETRY)]
)
def test_what_retry_takes(value: Retry | int | None, expected: Retry | None) -> None:
    """A Retry is itself, a number is that many attempts, and None is no retries."""
    assert Retry.of(value) == expected


@pytest.mark.parametrize("value", [True, False, 0, -1, 1.0, "3", [3]])
def test_what_retry_refuses(value: object) -> None:
    """A bool, a float, text, and less than one attempt are refused."""
    with pytest.raises(InvalidOptionError, match=r"^(retry=|Retry\(max_attempts=)"):
        Retry.of(value)  # type: ignore[arg-type]


def test_a_retry_is_a_value() -> None:
    """Equal settings are equal and hash alike; copies and pickles are equal; nothing changes it."""
    retry = Retry(4, base_delay=1, statuses={503}, retry_on=OSError)

    assert hash(retry) == hash(Retry(4, base_delay=1.0, statuses=[503], retry_on=[OSError]))
    assert pickle.loads(pickle.dumps(retry)) == copy.deepcopy(retry) == retry
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        retry.max_attempts = 5  # type: ignore[misc]


def test_only_the_number_of_attempts_goes_without_its_name() -> None:
    """Delays are named where they are given: `Retry(3, 1.0)` would not say what the 1.0 is."""
    with pytest.raises(TypeError):
        Retry(3, 1.0)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        (Retry(), "Retry(max_attempts=3)"),
        (Retry(5, jitter=None), "Retry(max_attempts=5, jitter=None)"),
        (Retry(2, statuses=503), "Retry(max_attempts=2, statuses=frozenset({503}))"),
    ],
)
def test_how_it_is_shown(retry: Retry, expected: str) -> None:
    """The number of attempts, and what is not as it is by default."""
    assert expected == repr(retry)
