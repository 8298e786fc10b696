# GENERATED from _async/steps/deadline_header.py by tools/unasync.py. Do not edit.
"""Tells the server what is left of the deadline, at each attempt anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.deadline_header import DeadlineHeader


class DeadlineHeaderStep:
    """Sends the request on with the header of the policy."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: DeadlineHeader, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer to the request that says how long it may take."""
        return self._inner(self._policy.timed(request, call.remaining(now())), call)
