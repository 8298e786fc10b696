# Source of _sync/steps/idempotency_key.py; after editing run: tox -e codegen
"""Gives a call its idempotency key, outside of redirects and retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.idempotency_key import IdempotencyKey


class AsyncIdempotencyKeyStep:
    """Sends the request on with the key that the policy gives it."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: IdempotencyKey, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer to the request with its key."""
        return await self._inner(self._policy.keyed(request, call), call)
