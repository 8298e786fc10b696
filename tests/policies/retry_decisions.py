"""What a `Retry` decides, with what most tests have in common filled in."""

from __future__ import annotations

from antiphon.models.body import BytesBody
from antiphon.models.headers import Headers
from antiphon.models.iterable_body import IterableBody
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.retry import Retry, RetryDecision

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
