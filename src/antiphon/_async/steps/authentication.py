# Source of _sync/steps/authentication.py; after editing run: tox -e codegen
"""Lets the call's auth sign its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.steps.flows import run_flow

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncAuthenticationStep:
    """Credentials go to the origin that the caller named; a redirect elsewhere goes without."""

    __slots__ = ("_inner",)

    def __init__(self, inner: AsyncHandler) -> None:
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer to the last request that the auth makes."""
        auth = call.auth
        if auth is None or request.url.origin != call.origin:
            return await self._inner(request, call)
        return await run_flow(auth.auth_flow(request), call, self._inner)
