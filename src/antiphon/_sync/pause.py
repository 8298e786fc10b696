# GENERATED from _async/pause.py by tools/unasync.py. Do not edit.
"""Waiting before a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import DeadlineExceeded, RequestCancelled
from antiphon.network.thread_parker import sleep
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED

if TYPE_CHECKING:
    from antiphon.models.attempt import Attempt
    from antiphon.models.request import Request
    from antiphon.models.transport_options import TransportOptions


def pause(
    delay: float,
    request: Request,
    options: TransportOptions,
    attempts: tuple[Attempt, ...] = (),
) -> None:
    """Wait `delay` seconds before `request`. Raises RequestCancelled and DeadlineExceeded."""
    deadline = options.deadline
    cancel = options.cancel
    outcome = sleep(delay, None if deadline is None else deadline.at, cancel)
    if outcome is CANCELLED:
        because = f": {cancel.reason}" if cancel is not None and cancel.reason else ""
        raise RequestCancelled(
            f"cancelled while waiting {delay:.2f} s to try "
            f"{request.method} {request.url.redacted} again{because}",
            sent="maybe",
            request=request,
            attempts=attempts,
        )
    # Even a wait that was shorter than the rest of the budget may end late.
    if deadline is not None and deadline.expired(now()):
        raise DeadlineExceeded(
            f"the deadline passed while waiting {delay:.2f} s to try "
            f"{request.method} {request.url.redacted} again",
            sent="maybe",
            request=request,
            attempts=attempts,
        )
