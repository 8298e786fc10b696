# Source of _sync/steps/authentication.py; after editing run: tox -e codegen
"""Lets the call's auth sign its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.steps.flows import run_flow
from antiphon.errors import InvalidOptionError

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
        """Return the answer to the last request that the auth makes.

        What it signs is signed in each attempt, see the loading step. Raises InsecureRequestError
        for `https_only=True` where no policy of the client sees to it.
        """
        inner = self._inner
        if call.options.https_only and "https_only" not in call.options.kinds:
            from antiphon._async.steps.destinations import AsyncDestinationsStep
            from antiphon.policies.https_only import ALWAYS

            inner = AsyncDestinationsStep(ALWAYS, inner).handle
        auth = call.auth
        if auth is None or request.url.origin != call.origin:
            return await inner(request, call)
        auth_flow = getattr(auth, "auth_flow", None)
        if auth_flow is None:
            return await inner(request, call)
        flow = auth_flow(request)
        if not hasattr(flow, "send"):
            raise InvalidOptionError(
                f"auth=: {type(auth).__name__}.auth_flow gave a {type(flow).__name__}, "
                "not a generator; write `yield request` in it"
            )
        return await run_flow(flow, call, inner)
