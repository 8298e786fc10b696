# GENERATED from _async/steps/destinations.py by tools/unasync.py. Do not edit.
"""Sends nothing to where `HTTPSOnly` and `AllowedHosts` say it must not go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.allowed_hosts import AllowedHosts
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.https_only import HTTPSOnly


class DestinationsStep:
    """Asks before each request: those of the caller, of redirects and of an auth alike."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: HTTPSOnly | AllowedHosts, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, or raise the PolicyError of a place that is refused."""
        refusal = self._policy.refusal(request, call)
        if refusal is not None:
            raise refusal
        return self._inner(request, call)
