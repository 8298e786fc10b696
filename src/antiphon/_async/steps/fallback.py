# Source of _sync/steps/fallback.py; after editing run: tox -e codegen
"""Answers in the place of a call that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import AntiphonError

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.fallback import Fallback, Substitute


class AsyncFallbackStep:
    """Returns what the policy has for an error, and marks it."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Fallback, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, or what stands in for it. Raises what nothing stands in for."""
        try:
            return await self._inner(request, call)
        except AntiphonError as error:
            parts = self._policy.substitute(error, request)
            if parts is None:
                raise
            return _substituted(parts, error, request, call)


def _substituted(
    parts: Substitute, error: AntiphonError, request: Request, call: CallContext
) -> AsyncResponseStream:
    """Make the answer, and mark it."""
    stream = AsyncResponseStream.of_bytes(
        request, parts.status, parts.headers, parts.content, reason=parts.reason
    )
    stream.history = call.history
    stream.attempts = error.attempts
    stream.fallback = error
    return stream
