# GENERATED from _async/steps/custom.py by tools/unasync.py. Do not edit.
"""Policies of the user's own, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antiphon._sync.steps.flows import run_flow
from antiphon._sync.stream import ResponseStream
from antiphon.errors import WrongFlavourError
from antiphon.policies.client_checks import check_request

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class CustomStep:
    """Calls `policy(request, call, next)` and closes every answer that it drops."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Any, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return what the policy returns."""
        going_on = _GoingOn(self._inner, call)
        result = None
        try:
            result = self._policy(request, call, going_on)
        finally:
            for stream in going_on.streams:
                if stream is not result:
                    stream.close()
        if not isinstance(result, ResponseStream):
            raise _not_an_answer(self._policy, result)
        return result


class FlowStep:
    """Drives `policy(request, call)`, a generator without I/O that serves both voices."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Any, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the last answer that the flow got."""
        return run_flow(self._policy(request, call), call, self._inner)


class _GoingOn:
    """The `next` of one policy in one call; remembers what it handed out."""

    __slots__ = ("_call", "_inner", "streams")

    def __init__(self, inner: Handler, call: CallContext) -> None:
        self._inner = inner
        self._call = call
        self.streams: list[ResponseStream] = []

    def __call__(self, request: Request) -> ResponseStream:
        check_request("next()", request)
        stream = self._inner(request, self._call)
        self.streams.append(stream)
        return stream


def _not_an_answer(policy: object, result: object) -> WrongFlavourError:
    return WrongFlavourError(
        f"the policy {policy!r} returned {type(result).__name__}; it has to return the "
        f"ResponseStream that `next(request)` gave, or one of its own"
    )
