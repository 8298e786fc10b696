# Source of _sync/steps/destinations.py; after editing run: tox -e codegen
"""Sends nothing to where `HTTPSOnly` and `AllowedHosts` say it must not go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.allowed_hosts import AllowedHosts
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.https_only import HTTPSOnly


class AsyncDestinationsStep:
    """Asks before each request: those of the caller, of redirects and of an auth alike."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: HTTPSOnly | AllowedHosts, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, or raise the PolicyError of a place that is refused."""
        refusal = self._policy.refusal(request, call)
        if refusal is not None:
            raise refusal
        return await self._inner(request, call)
