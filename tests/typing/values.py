"""What type checkers must make of the values. Checked by mypy and pyright; never run."""

from __future__ import annotations

from typing import Literal, assert_type

import antiphon

assert_type(antiphon.__version__, str)

url = antiphon.URL("https://example.com/a?b=c")
assert_type(url, antiphon.URL)
assert_type(url.host, str)
assert_type(url.port, int)
assert_type(url.explicit_port, int | None)
assert_type(url.origin, antiphon.Origin)
assert_type(url.join("d"), antiphon.URL)
assert_type(url.with_params({"e": [1, 2], "f": True}), antiphon.URL)

headers = antiphon.Headers({"Accept": "text/plain", "Via": ["a", "b"]})
assert_type(headers["accept"], str)
assert_type(headers.get("accept"), str | None)
assert_type(headers.get("accept", ""), str)
assert_type(headers.get_list("via"), list[str])
assert_type(headers.merged({"Accept": None}), antiphon.Headers)

assert_type(antiphon.Timeout(10, connect=None).connect, float | None)
assert_type(antiphon.Timeout.of(None), antiphon.Timeout)
assert_type(antiphon.Secret("s").get_secret_value(), str)
assert_type(antiphon.CancelToken().child(), antiphon.CancelToken)
antiphon.Retry(max_attempts=5)
antiphon.Retry(3, jitter=0.25, statuses=[503], methods={"GET"}, retry_on=OSError)
antiphon.Retry(predicate=lambda outcome: outcome.status == 202, budget=antiphon.RetryBudget(0.1))
assert_type(antiphon.RetryBudget().withdraw(0.0), bool)
antiphon.IdempotencyKey(methods=["POST"], make=lambda: "key")
antiphon.Fallback("[]", headers={"Content-Type": "application/json"}, on=antiphon.TransportError)
antiphon.Fallback(lambda error, request: str(error.status) if request.body is None else None)
antiphon.DeadlineHeader("grpc-timeout", unit="grpc")
with antiphon.deadline(5) as block:
    assert_type(block.remaining(), float)
assert_type(antiphon.CircuitBreaker().failure_threshold, int | None)
antiphon.CircuitBreaker(3, failure_rate=0.5, key=lambda request: request.method, listeners=[print])
antiphon.Bulkhead(2, queue_timeout=None, key="all")
antiphon.RateLimit(10, per=60, algorithm="leaky_bucket", learn=True)
assert_type(antiphon.AdaptiveConcurrency("aimd", max=50).limit("https://example.com"), int)
antiphon.TLSConfig(ca_file="ca.pem", key_password=antiphon.Secret("s"))


def read(response: antiphon.Response) -> None:
    """Everything that a response tells has a type; JSON has the type that the caller expects."""
    assert_type(response.status, int)
    assert_type(response.headers, antiphon.Headers)
    assert_type(response.content, bytes)
    assert_type(response.text, str)
    assert_type(response.url, antiphon.URL)
    assert_type(response.request, antiphon.Request)
    assert_type(response.timings, antiphon.Timings)
    assert_type(response.raise_for_status(), antiphon.Response)
    expected: dict[str, int] = response.json()
    assert_type(expected, dict[str, int])


def catch(error: antiphon.AntiphonError) -> None:
    """Errors can be caught as what they are, and as the builtin that callers know already."""
    assert_type(error.message, str)
    assert_type(error.status, int | None)
    assert_type(error.attempts, tuple[antiphon.Attempt, ...])
    if isinstance(error, antiphon.TransportError):
        assert_type(error.sent, Literal["no", "maybe"])
    if isinstance(error, antiphon.RateLimitError):
        assert_type(error.retry_after, float | None)


timeout: type[TimeoutError] = antiphon.ReadTimeout
connection: type[ConnectionError] = antiphon.ConnectTimeout
value: type[ValueError] = antiphon.InvalidURLError
usage: type[RuntimeError] = antiphon.ClientClosedError
