# Source of _sync/steps/built_in.py; after editing run: tox -e codegen
"""The step of each policy of antiphon's; imported only for those that a client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.policies.pipeline_order import Step


def built_in_step(step: Step, inner: AsyncHandler) -> AsyncHandler:
    """Return the handler that does what the policy of `step` decides."""
    policy: Any = step.policy
    raise AssertionError(f"{policy!r}: no step for the kind {step.kind!r}")
