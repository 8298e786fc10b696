# Source of _sync/shared_decisions.py; after editing run: tox -e codegen
"""Decisions that are made elsewhere, for a fleet: asked for within the time that a call has."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from antiphon.errors import DeadlineExceeded, RequestCancelled, SharedStateError
from antiphon.network.anyio_blocking import leave_blocking, run_blocking
from antiphon.network.outcome import CANCELLED, WaitEnded

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext

T = TypeVar("T")


async def ask(function: Callable[[], T], request: Request, call: CallContext) -> T:
    """Return what the function decides about a request that was not sent yet.

    Raises SharedStateError, DeadlineExceeded and RequestCancelled.
    """
    options = call.transport_options
    deadline, cancel = options.deadline, options.cancel
    try:
        return await run_blocking(function, None if deadline is None else deadline.at, cancel)
    except SharedStateError as error:
        error.request = request
        raise
    except WaitEnded as ended:
        doing = f"asking for all clients whether {request.method} {request.url.redacted} may go"
        if ended.outcome is CANCELLED:
            because = f": {cancel.reason}" if cancel is not None and cancel.reason else ""
            raise RequestCancelled(
                f"cancelled while {doing}{because}", sent="no", request=request
            ) from None
        raise DeadlineExceeded(
            f"the deadline passed while {doing}", sent="no", request=request
        ) from None


async def tell(function: Callable[[], object], call: CallContext) -> None:
    """Have something taken down about a call that is over; it ends as it did, whatever happens."""
    options = call.transport_options
    deadline, cancel = options.deadline, options.cancel
    try:
        await run_blocking(function, None if deadline is None else deadline.at, cancel)
    except WaitEnded:
        return


def tell_in_passing(function: Callable[[], object]) -> None:
    """Have something taken down without waiting for it, where the loop lets nobody wait."""
    leave_blocking(function)
