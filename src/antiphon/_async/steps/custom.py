# Source of _sync/steps/custom.py; after editing run: tox -e codegen
"""Policies of the user's own, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antiphon._async.steps.flows import run_flow
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import WrongFlavourError
from antiphon.policies.client_checks import check_request

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncCustomStep:
    """Calls `policy(request, call, next)` and closes every answer that it drops."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Any, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return what the policy returns."""
        going_on = _GoingOn(self._inner, call)
        result = None
        try:
            result = await self._policy(request, call, going_on)
        finally:
            for stream in going_on.streams:
                if stream is not result:
                    await stream.aclose()
        if not isinstance(result, AsyncResponseStream):
            raise _not_an_answer(self._policy, result)
        return result


class AsyncFlowStep:
    """Drives `policy(request, call)`, a generator without I/O that serves both voices."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Any, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the last answer that the flow got."""
        return await run_flow(self._policy(request, call), call, self._inner)


class _GoingOn:
    """The `next` of one policy in one call; remembers what it handed out."""

    __slots__ = ("_call", "_inner", "streams")

    def __init__(self, inner: AsyncHandler, call: CallContext) -> None:
        self._inner = inner
        self._call = call
        self.streams: list[AsyncResponseStream] = []

    async def __call__(self, request: Request) -> AsyncResponseStream:
        check_request("next()", request)
        stream = await self._inner(request, self._call)
        self.streams.append(stream)
        return stream


def _not_an_answer(policy: object, result: object) -> WrongFlavourError:
    return WrongFlavourError(
        f"the policy {policy!r} returned {type(result).__name__}; it has to return the "
        f"AsyncResponseStream that `next(request)` gave, or one of its own"
    )
