# GENERATED from _async/steps/idempotency_key.py by tools/unasync.py. Do not edit.
"""Gives a call its idempotency key, outside of redirects and retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.idempotency_key import IdempotencyKey


class IdempotencyKeyStep:
    """Sends the request on with the key that the policy gives it."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: IdempotencyKey, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer to the request with its key."""
        return self._inner(self._policy.keyed(request, call), call)
