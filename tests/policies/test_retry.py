"""When an attempt is made again, and when not."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon import errors
from antiphon.models.body import BytesBody
from antiphon.models.iterable_body import IterableBody
from antiphon.policies.retry import RETRY_STATUSES, Retry, RetryDecision
from tests.policies.retry_decisions import IDEMPOTENT, NOW, asked

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
