"""Keywords that a call or a client does not have, refused with the one that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from antiphon.errors import InvalidOptionError

REQUEST_KEYWORDS = frozenset(
    {"params", "headers", "cookies", "json", "data", "content", "files"}
    | {"compress", "content_digest", "trailers", "expect_continue"}
)
SEND_KEYWORDS = frozenset(
    {"auth", "timeout", "follow_redirects", "raise_for_status", "retry", "max_response_bytes"}
    | {"cancel", "observer", "idempotency_key", "cache", "https_only", "log", "trace"}
)
CALL_KEYWORDS = REQUEST_KEYWORDS | SEND_KEYWORDS
CLIENT_SETTINGS = frozenset(
    {"base_url", "headers", "params", "cookies", "auth", "timeout", "limits", "tls", "trust_env"}
    | {"follow_redirects", "max_redirects", "raise_for_status", "retry", "policies", "transport"}
    | {"transports"}
    | {"proxy", "proxies", "resolve", "connecting"}
    | {"observer", "json_codec", "max_response_bytes"}
)

_TLS = "give the client tls=TLSConfig({}) or tls=ssl_context"
# What other clients call things.
_MEANT = {
    "verify": _TLS.format("ca_file=..., verify=..."),
    "cert": _TLS.format("cert_file=..., key_file=..."),
    "ssl": _TLS.format("..."),
    "ssl_context": _TLS.format("..."),
    "allow_redirects": "write follow_redirects=True or False",
    "stream": 'write client.stream("GET", url)',
    "expect100": "write expect_continue=True",
    "body": "write content=, json=, data= or files=",
    "query": "write params=",
    "retries": "write retry=Retry(max_attempts=...), or a number of attempts",
    "max_retries": "write retry=Retry(max_attempts=...), or a number of attempts",
    "event_hooks": "write policies=[...] or observer=",
    "hooks": "write policies=[...] or observer=",
    "mounts": "write transport=",
    "adapter": "write transport=",
    "budget": "write retry=Retry(budget=RetryBudget())",
    "middleware": "write policies=[...]",
    "middlewares": "write policies=[...]",
}
# What is a policy here, by the names under which it is looked for among the settings.
_POLICIES = {
    "adaptive_concurrency": "AdaptiveConcurrency",
    "allowed_hosts": "AllowedHosts",
    "breaker": "CircuitBreaker",
    "bulkhead": "Bulkhead",
    "cache": "Cache",
    "circuit_breaker": "CircuitBreaker",
    "fallback": "Fallback",
    "hedge": "Hedge",
    "https_only": "HTTPSOnly",
    "idempotency_key": "IdempotencyKey",
    "log": "Logging",
    "logger": "Logging",
    "logging": "Logging",
    "metrics": "Metrics",
    "rate_limit": "RateLimit",
    "request_id": "RequestId",
    "resilience": "Resilience",
    "trace": "Tracing",
    "tracer": "Tracing",
    "tracing": "Tracing",
}


def refuse_unknown(where: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise InvalidOptionError for the first of `given` that is not `known`; `where` is shown."""
    for name in given:
        if name not in known:
            raise unknown_keyword(where, name, known)


def unknown_keyword(where: str, name: str, known: Collection[str]) -> InvalidOptionError:
    """Return the error that says what to write instead of `name`."""
    from antiphon.errors import InvalidOptionError

    hint = _MEANT.get(name)
    if hint is None and name in _POLICIES:
        hint = f"write policies=[{_POLICIES[name]}(...)]"
        if known is not CLIENT_SETTINGS:
            hint = f"give the client {hint.removeprefix('write ')}"
    if hint is None and name in CALL_KEYWORDS:
        hint = "give it to the call"
    if hint is None:
        from difflib import get_close_matches

        close = get_close_matches(name, sorted(known), n=1)
        hint = f"did you mean {close[0]}=?" if close else f"known are {', '.join(sorted(known))}"
    return InvalidOptionError(f"{where} has no keyword {name}=; {hint}")
