# Source of _sync/steps/built_in.py; after editing run: tox -e codegen
"""The step of each policy of antiphon's; imported only for those that a client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.policies.pipeline_order import Step


def built_in_step(step: Step, inner: AsyncHandler) -> AsyncHandler:  # noqa: C901 - a table
    """Return the handler that does what the policy of `step` decides."""
    policy: Any = step.policy
    if step.kind in {"allowed_hosts", "https_only"}:
        from antiphon._async.steps.destinations import AsyncDestinationsStep

        return AsyncDestinationsStep(policy, inner).handle
    if getattr(policy, "shared", None) is not None:
        return _shared_step(step.kind, policy, inner)
    if step.kind == "adaptive_concurrency":
        from antiphon._async.steps.adaptive_concurrency import AsyncAdaptiveConcurrencyStep

        return AsyncAdaptiveConcurrencyStep(policy, inner).handle
    if step.kind == "bulkhead":
        from antiphon._async.steps.bulkhead import AsyncBulkheadStep

        return AsyncBulkheadStep(policy, inner).handle
    if step.kind == "cache":
        from antiphon._async.steps.cache import AsyncCacheStep
        from antiphon._async.steps.cache_recording import AsyncCacheRecordingStep

        if step.stage == "cache":
            return AsyncCacheStep(policy, inner).handle
        return AsyncCacheRecordingStep(policy, inner).handle
    if step.kind == "circuit_breaker":
        from antiphon._async.steps.circuit_breaker import AsyncCircuitBreakerStep

        return AsyncCircuitBreakerStep(policy, inner).handle
    if step.kind == "deadline_header":
        from antiphon._async.steps.deadline_header import AsyncDeadlineHeaderStep

        return AsyncDeadlineHeaderStep(policy, inner).handle
    if step.kind == "fallback":
        from antiphon._async.steps.fallback import AsyncFallbackStep

        return AsyncFallbackStep(policy, inner).handle
    if step.kind == "hedge":
        from antiphon._async.steps.hedge import AsyncHedgeStep

        return AsyncHedgeStep(policy, inner).handle
    if step.kind == "idempotency_key":
        from antiphon._async.steps.idempotency_key import AsyncIdempotencyKeyStep

        return AsyncIdempotencyKeyStep(policy, inner).handle
    if step.kind == "interceptors":
        from antiphon._async.steps.interceptors import AsyncInterceptorsStep

        return AsyncInterceptorsStep(policy, inner).handle
    if step.kind == "logging":
        from antiphon._async.steps.logging import AsyncLoggingStep

        return AsyncLoggingStep(policy, inner).handle
    if step.kind == "metrics":
        from antiphon._async.steps.metrics import AsyncMetricsStep

        return AsyncMetricsStep(policy, inner).handle
    if step.kind == "rate_limit":
        from antiphon._async.steps.rate_limit import AsyncRateLimitStep

        return AsyncRateLimitStep(policy, inner).handle
    if step.kind == "request_id":
        from antiphon._async.steps.request_ids import AsyncRequestIdStep

        return AsyncRequestIdStep(policy, inner).handle
    if step.kind == "tracing":
        from antiphon._async.steps.tracing import AsyncAttemptTracingStep, AsyncCallTracingStep

        if step.stage == "operation":
            return AsyncCallTracingStep(policy, inner).handle
        return AsyncAttemptTracingStep(policy, inner).handle
    raise AssertionError(step.kind)  # pragma: no cover - `kind_of` knows no others


def _shared_step(kind: str, policy: Any, inner: AsyncHandler) -> AsyncHandler:
    """Return the handler of a policy that decides together with other processes."""
    if kind == "circuit_breaker":
        from antiphon._async.steps.shared_circuit_breaker import AsyncSharedCircuitBreakerStep

        return AsyncSharedCircuitBreakerStep(policy, inner).handle
    from antiphon._async.steps.shared_rate_limit import AsyncSharedRateLimitStep

    return AsyncSharedRateLimitStep(policy, inner).handle
