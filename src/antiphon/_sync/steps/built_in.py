# GENERATED from _async/steps/built_in.py by tools/unasync.py. Do not edit.
"""The step of each policy of antiphon's; imported only for those that a client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon.policies.pipeline_order import Step


def built_in_step(step: Step, inner: Handler) -> Handler:  # noqa: C901 - a table
    """Return the handler that does what the policy of `step` decides."""
    policy: Any = step.policy
    if step.kind in {"allowed_hosts", "https_only"}:
        from antiphon._sync.steps.destinations import DestinationsStep

        return DestinationsStep(policy, inner).handle
    if getattr(policy, "shared", None) is not None:
        return _shared_step(step.kind, policy, inner)
    if step.kind == "adaptive_concurrency":
        from antiphon._sync.steps.adaptive_concurrency import AdaptiveConcurrencyStep

        return AdaptiveConcurrencyStep(policy, inner).handle
    if step.kind == "bulkhead":
        from antiphon._sync.steps.bulkhead import BulkheadStep

        return BulkheadStep(policy, inner).handle
    if step.kind == "cache":
        from antiphon._sync.steps.cache import CacheStep
        from antiphon._sync.steps.cache_recording import CacheRecordingStep

        if step.stage == "cache":
            return CacheStep(policy, inner).handle
        return CacheRecordingStep(policy, inner).handle
    if step.kind == "circuit_breaker":
        from antiphon._sync.steps.circuit_breaker import CircuitBreakerStep

        return CircuitBreakerStep(policy, inner).handle
    if step.kind == "deadline_header":
        from antiphon._sync.steps.deadline_header import DeadlineHeaderStep

        return DeadlineHeaderStep(policy, inner).handle
    if step.kind == "fallback":
        from antiphon._sync.steps.fallback import FallbackStep

        return FallbackStep(policy, inner).handle
    if step.kind == "hedge":
        from antiphon._sync.steps.hedge import HedgeStep

        return HedgeStep(policy, inner).handle
    if step.kind == "idempotency_key":
        from antiphon._sync.steps.idempotency_key import IdempotencyKeyStep

        return IdempotencyKeyStep(policy, inner).handle
    if step.kind == "interceptors":
        from antiphon._sync.steps.interceptors import InterceptorsStep

        return InterceptorsStep(policy, inner).handle
    if step.kind == "logging":
        from antiphon._sync.steps.logging import LoggingStep

        return LoggingStep(policy, inner).handle
    if step.kind == "metrics":
        from antiphon._sync.steps.metrics import MetricsStep

        return MetricsStep(policy, inner).handle
    if step.kind == "rate_limit":
        from antiphon._sync.steps.rate_limit import RateLimitStep

        return RateLimitStep(policy, inner).handle
    if step.kind == "request_id":
        from antiphon._sync.steps.request_ids import RequestIdStep

        return RequestIdStep(policy, inner).handle
    if step.kind == "tracing":
        from antiphon._sync.steps.tracing import AttemptTracingStep, CallTracingStep

        if step.stage == "operation":
            return CallTracingStep(policy, inner).handle
        return AttemptTracingStep(policy, inner).handle
    raise AssertionError(step.kind)  # pragma: no cover - `kind_of` knows no others


def _shared_step(kind: str, policy: Any, inner: Handler) -> Handler:
    """Return the handler of a policy that decides together with other processes."""
    if kind == "circuit_breaker":
        from antiphon._sync.steps.shared_circuit_breaker import SharedCircuitBreakerStep

        return SharedCircuitBreakerStep(policy, inner).handle
    from antiphon._sync.steps.shared_rate_limit import SharedRateLimitStep

    return SharedRateLimitStep(policy, inner).handle
