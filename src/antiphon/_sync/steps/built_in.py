# GENERATED from _async/steps/built_in.py by tools/unasync.py. Do not edit.
"""The step of each policy of antiphon's; imported only for those that a client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon.policies.pipeline_order import Step


def built_in_step(step: Step, inner: Handler) -> Handler:
    """Return the handler that does what the policy of `step` decides."""
    policy: Any = step.policy
    raise AssertionError(f"{policy!r}: no step for the kind {step.kind!r}")
