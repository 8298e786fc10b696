# Source of _sync/steps/deadline_header.py; after editing run: tox -e codegen
"""Tells the server what is left of the deadline, at each attempt anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.deadline_header import DeadlineHeader


class AsyncDeadlineHeaderStep:
    """Sends the request on with the header of the policy."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: DeadlineHeader, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer to the request that says how long it may take."""
        return await self._inner(self._policy.timed(request, call.remaining(now())), call)
