"""`FlowPolicy`: a policy without I/O, written once for both voices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon.models.request import Request
    from antiphon.policies.auth import AuthResponse
    from antiphon.policies.call_context import CallContext


class FlowPolicy(Protocol):
    """A generator that yields requests and is given the answers to them; a function does as well.

    ::

        class Tenant:
            stage = "operation"

            def __call__(self, request, call):
                response = yield request.with_header("X-Tenant", "42")
                if response.status == 409:
                    yield request.with_header("X-Tenant", "43")

    The answer to the last request is the call's, all others are closed. An error of a request is
    raised at its `yield`, and may be answered with another request. `stage` as for other policies.
    """

    def __call__(
        self, request: Request, call: CallContext
    ) -> Generator[Request, AuthResponse, None]:
        """Yield requests, each made from `request`; each yield gives the answer to it."""
        ...
