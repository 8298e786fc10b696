"""The errors of calls whose time or patience ended while they waited for a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import DeadlineExceeded, RequestCancelled

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


def cancelled_while_waiting(request: Request, call: CallContext, where: str) -> RequestCancelled:
    """Return the error of a call that its CancelToken stopped while it waited `where`."""
    cancel = call.transport_options.cancel
    because = f": {cancel.reason}" if cancel is not None and cancel.reason else ""
    return RequestCancelled(
        f"cancelled while {request.method} {request.url.redacted} waited {where}{because}",
        request=request,
        attempts=call.attempts,
    )


def expired_while_waiting(request: Request, call: CallContext, where: str) -> DeadlineExceeded:
    """Return the error of a call whose deadline passed while it waited `where`."""
    return DeadlineExceeded(
        f"the deadline passed while {request.method} {request.url.redacted} waited {where}",
        request=request,
        attempts=call.attempts,
    )
