"""When an attempt is made again, and when not."""

from __future__ import annotations

import copy
import pickle
from email.utils import formatdate

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon import errors
from antiphon.errors import InvalidOptionError
from antiphon.models.body import BytesBody
from antiphon.models.headers import Headers
from antiphon.models.iterable_body import IterableBody
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.outcomes import Outcome
from antiphon.policies.retry import RETRY_STATUSES, Retry, RetryDecision
from antiphon.policies.retry_budget import RetryBudget

NOW = 1_700_000_000.0
URL_ = URL("https://site.example/")
IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY")
RETRY = Retry()


def asked(
    method: str = "GET",
    attempt: int = 1,
    *,
    retry: Retry = RETRY,
    random: float = 1.0,
    headers: dict[str, str] | None = None,
    body: BytesBody | IterableBody | None = None,
    **outcome: object,
) -> RetryDecision:
    return retry.decide(
        Request(method, URL_, body=body),
        attempt,
        now_wall=NOW,
        random=lambda: random,
        headers=Headers(headers or {}),
        **outcome,  # type: ignore[arg-type]
    )


# --- which outcomes -------------------------------------------------------------------------------


def test_statuses() -> None:
    """408, 425, 429, 500, 502, 503 and 504 are tried again; all others are answers."""
    decisions = {status: asked(status=status) for status in range(200, 600)}

    retried = {status for status, decision in decisions.items() if decision.retry}
    assert retried == RETRY_STATUSES == {408, 425, 429, 500, 502, 503, 504}
    assert all(decisions[status] == RetryDecision(retry=True, delay=0.5) for status in retried)
    assert all(decisions[s] == RetryDecision(retry=False) for s in decisions.keys() - retried)


RETRIED = (
    "TransportError", "ConnectError", "NameResolutionError", "TLSError", "ProxyError",
    "TimeoutError", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "ReadError", "WriteError",
    "ProtocolError", "RemoteProtocolError",
)  # fmt: skip


@pytest.mark.parametrize("sent", ["no", "maybe"])
@pytest.mark.parametrize("name", RETRIED)
def test_errors_that_are_tried_again(name: str, sent: str) -> None:
    """Lost connections and timeouts: idempotent methods always, others if nothing was sent."""
    error = getattr(errors, name)("no luck", sent=sent)

    assert [asked(method, error=error).retry for method in IDEMPOTENT] == [True] * 7
    assert [asked(method, error=error).retry for method in ("POST", "PATCH", "LOCK")] == [
        sent == "no"
    ] * 3


@pytest.mark.parametrize(
    "error",
    [
        errors.PoolTimeout("x"),
        errors.DeadlineExceeded("x"),
        errors.LocalProtocolError("x"),
        errors.CertificateVerifyError("x"),
        errors.ProxyError("x", status=407),
        errors.ProxyError("x", status=403),
        errors.RequestCancelled("x"),
        errors.ContentDecodingError("x"),
        errors.ResponseTooLargeError("x"),
        errors.TooManyRedirects("x"),
        errors.InvalidURLError("x"),
        errors.ClientClosedError("x"),
        errors.PolicyError("x"),
        errors.StreamClosed("x"),
        TimeoutError("x"),
        ConnectionResetError("x"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_that_are_final(error: BaseException) -> None:
    """What another attempt cannot mend, what the user wanted, and what is not ours: no note."""
    assert asked(error=error) == RetryDecision(retry=False)


def test_every_transport_error_was_thought_of() -> None:
    """Each class below TransportError is in one of the two tables above."""
    final = {"PoolTimeout", "DeadlineExceeded", "LocalProtocolError", "CertificateVerifyError"}
    found = {
        name
        for name in errors.__all__
        if isinstance(kind := getattr(errors, name), type)
        and issubclass(kind, errors.TransportError)
    }

    assert found == {*RETRIED, *final}


@pytest.mark.parametrize("method", ["POST", "PATCH", "LOCK"])
def test_a_method_that_is_not_idempotent(method: str) -> None:
    """A request that may have been acted on is not made again, and a note says why."""
    expected = RetryDecision(
        retry=False,
        note=f"not retried: {method} is not idempotent, "
        "and the server may have acted on the request",
    )

    assert asked(method, status=503) == expected
    assert asked(method, error=errors.ReadTimeout("x", sent="maybe")) == expected


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize("outcome", [{"status": 503}, {"error": errors.ConnectError("x")}])
def test_a_streamed_body(method: str, outcome: dict[str, object]) -> None:
    """A body that is a stream is never sent again, whatever the method and the outcome."""
    assert asked(method, body=IterableBody(iter([b"x"])), **outcome) == RetryDecision(
        retry=False, note="not retried: the request body is a stream and cannot be sent again"
    )


def test_a_streamed_body_and_an_answer() -> None:
    """Nobody expects another attempt after a 200 or a 404, so there is no note."""
    body = IterableBody(iter([b"x"]))

    assert asked("PUT", status=404, body=body) == RetryDecision(retry=False)


def test_bodies_that_can_be_sent_again() -> None:
    """Bytes, and a list of pieces, are sent again."""
    for body in (BytesBody(b"x"), IterableBody([b"x"])):
        assert asked("PUT", status=503, body=body).retry is True


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


# --- how often ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("max_attempts", "attempt", "expected"),
    [
        (3, 1, RetryDecision(retry=True, delay=0.5)),
        (3, 2, RetryDecision(retry=True, delay=1.0)),
        (3, 3, RetryDecision(retry=False, note="gave up after 3 attempts")),
        (2, 2, RetryDecision(retry=False, note="gave up after 2 attempts")),
        (1, 1, RetryDecision(retry=False)),
    ],
)
def test_the_number_of_attempts(max_attempts: int, attempt: int, expected: RetryDecision) -> None:
    """The first try counts; the last one leaves a note, unless it was the only one asked for."""
    assert asked(attempt=attempt, retry=Retry(max_attempts), status=503) == expected


# --- how long -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "random", "expected"),
    [(1, 1.0, 0.1), (2, 1.0, 0.3), (3, 1.0, 0.9), (4, 1.0, 2.0), (4, 0.5, 1.0), (4, 0.0, 0.0)],
)
def test_waits_grow_and_are_jittered(attempt: int, random: float, expected: float) -> None:
    """The wait is a random share of base_delay * factor ** (n - 1), at most max_delay."""
    retry = Retry(9, base_delay=0.1, backoff_factor=3, max_delay=2)

    decision = asked(attempt=attempt, retry=retry, random=random, status=503)

    assert decision.delay == pytest.approx(expected)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": "60"}, 60.0),
        ({"Retry-After": "0"}, 0.5),
        ({"Retry-After": formatdate(NOW + 7, usegmt=True)}, 7.0),
        ({"Retry-After": formatdate(NOW - 7, usegmt=True)}, 0.5),
        # A server whose clock is a day off says how long from its own point of view.
        (
            {
                "Retry-After": formatdate(NOW + 86_407, usegmt=True),
                "Date": formatdate(NOW + 86_400, usegmt=True),
            },
            7.0,
        ),
        ({"Retry-After": "soon"}, 0.5),
        ({"Retry-After": "-5"}, 0.5),
        ({"Retry-After": ""}, 0.5),
        ({}, 0.5),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float) -> None:
    """The server may ask for a longer wait, in seconds or by date; what it garbles is ignored."""
    assert asked(status=503, headers=headers) == RetryDecision(retry=True, delay=expected)


@pytest.mark.parametrize(
    "value", ["61", "3600", "99999999999999999999", formatdate(NOW + 3600, usegmt=True)]
)
def test_a_long_wait_is_refused_at_once(value: str) -> None:
    """Asked to wait for more than a minute, it gives up with a note, and does not come sooner."""
    decision = asked(status=429, headers={"Retry-After": value})

    assert decision.retry is False
    assert decision.note is not None
    assert decision.note.startswith("not retried: the server asks to wait ")
    assert decision.note.endswith(" s, longer than max_retry_after=60 s")


def test_own_longest_wait() -> None:
    """`max_retry_after` says what is too long."""
    headers = {"Retry-After": "90"}

    assert 90 == asked(retry=Retry(max_retry_after=90), status=503, headers=headers).delay
    assert asked(retry=Retry(max_retry_after=0), status=503, headers=headers).retry is False


def test_decorrelated_waits_go_by_the_one_before() -> None:
    """The wait before is what the next is drawn from."""
    retry = Retry(base_delay=1, jitter="decorrelated")

    assert 3 == asked(retry=retry, status=503).delay
    assert 12 == asked(attempt=2, retry=retry, status=503, previous_delay=4.0).delay


@pytest.mark.parametrize(
    ("remaining", "headers", "expected"),
    [
        (None, {}, None),
        (0.6, {}, None),
        (0.5, {}, "the wait of 0.50 s would outlast the deadline, of which 0.50 s are left"),
        (-1.0, {}, "the wait of 0.50 s would outlast the deadline, of which 0.00 s are left"),
        (6.0, {"Retry-After": "5"}, None),
        (
            4.0,
            {"Retry-After": "5"},
            "the wait of 5.00 s would outlast the deadline, of which 4.00 s are left",
        ),
    ],
)
def test_a_wait_that_outlasts_the_deadline(
    remaining: float | None, headers: dict[str, str], expected: str | None
) -> None:
    """A wait is not shortened to fit the deadline: then it gives up at once, with a note."""
    decision = asked(status=503, headers=headers, remaining=remaining)

    assert decision.retry is (expected is None)
    assert decision.note == (expected and f"not retried: {expected}")


@given(
    method=st.sampled_from([*IDEMPOTENT, "POST", "PATCH"]),
    attempt=st.integers(1, 20),
    retry=st.builds(
        Retry,
        st.integers(1, 20),
        base_delay=st.floats(0, 100),
        backoff_factor=st.floats(1, 100),
        max_delay=st.floats(0, 1000),
        jitter=st.sampled_from(["full", "decorrelated", None]) | st.floats(0, 1),
    ),
    outcome=st.one_of(
        st.builds(lambda status: {"status": status}, st.integers(200, 599)),
        st.builds(
            lambda name, sent: {"error": getattr(errors, name)("x", sent=sent)},
            st.sampled_from(RETRIED),
            st.sampled_from(["no", "maybe"]),
        ),
    ),
    headers=st.just({})
    | st.builds(lambda text: {"Retry-After": text}, st.integers(0, 100).map(str)),
    remaining=st.none() | st.floats(-10, 1000),
    random=st.floats(0, 1),
    streamed=st.booleans(),
    keyed=st.booleans(),
)
@settings(max_examples=500)
def test_promises_that_always_hold(
    method: str,
    attempt: int,
    retry: Retry,
    outcome: dict[str, object],
    headers: dict[str, str],
    remaining: float | None,
    random: float,
    streamed: bool,
    keyed: bool,
) -> None:
    """No stream and nothing beyond the limits is ever sent again, and no deadline is outlasted."""
    decision = asked(
        method,
        attempt,
        retry=retry,
        random=random,
        headers=headers,
        body=IterableBody(iter([b"x"])) if streamed else None,
        remaining=remaining,
        keyed=keyed,
        **outcome,
    )

    if not decision.retry:
        assert decision.delay == 0
        return
    assert decision.note is None
    assert not streamed
    assert attempt < retry.max_attempts
    assert 0 <= decision.delay <= max(60, retry.max_delay)
    assert decision.delay >= float(headers.get("Retry-After", 0))
    assert remaining is None or decision.delay < remaining
    assert method in IDEMPOTENT or keyed or getattr(outcome.get("error"), "sent", None) == "no"


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
        {"budget": 0.2},
    ],
)
def test_settings_out_of_range(arguments: dict[str, object]) -> None:
    """A wrong setting is refused by an error that names it, its value and what would be right."""
    ((name, value),) = arguments.items()

    with pytest.raises(InvalidOptionError) as caught:
        Retry(**arguments)  # type: ignore[arg-type]

    assert str(caught.value).startswith(f"Retry({name}={value!r}): must be ")


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
