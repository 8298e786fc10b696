# Source of _sync/shared_decisions.py; after editing run: tox -e codegen
"""Decisions that are made elsewhere, for a fleet: asked for within the time that a call has."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from antiphon.errors import SharedStateError
from antiphon.network.anyio_blocking import leave_blocking, run_blocking
from antiphon.network.outcome import CANCELLED, WaitEnded
from antiphon.policies.waiting_errors import cancelled_while_waiting, expired_while_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext

T = TypeVar("T")

_FOR_WHAT = "for what its fleet decides"


async def ask(function: Callable[[], T], request: Request, call: CallContext) -> T:
    """Return what the function decides about a request that was not sent yet.

    Raises SharedStateError, DeadlineExceeded and RequestCancelled.
    """
    try:
        return await _run(function, call)
    except SharedStateError as error:
        error.request = request
        raise
    except WaitEnded as ended:
        if ended.outcome is CANCELLED:
            raise cancelled_while_waiting(request, call, _FOR_WHAT) from None
        raise expired_while_waiting(request, call, _FOR_WHAT) from None


async def tell(function: Callable[[], object], call: CallContext) -> None:
    """Have something taken down about a call that is over; it ends as it did, whatever happens."""
    try:
        await _run(function, call)
    except WaitEnded:
        return


def tell_in_passing(function: Callable[[], object]) -> None:
    """Have something taken down without waiting for it, where the loop lets nobody wait."""
    leave_blocking(function)


async def _run(function: Callable[[], T], call: CallContext) -> T:
    options = call.transport_options
    deadline = options.deadline
    return await run_blocking(function, None if deadline is None else deadline.at, options.cancel)
