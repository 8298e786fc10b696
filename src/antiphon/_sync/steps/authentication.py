# GENERATED from _async/steps/authentication.py by tools/unasync.py. Do not edit.
"""Lets the call's auth sign its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.steps.flows import run_flow

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AuthenticationStep:
    """Credentials go to the origin that the caller named; a redirect elsewhere goes without."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Handler) -> None:
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer to the last request that the auth makes."""
        auth = call.auth
        if auth is None or request.url.origin != call.origin:
            return self._inner(request, call)
        return run_flow(auth.auth_flow(request), call, self._inner)
