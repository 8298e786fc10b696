# GENERATED from _async/steps/errands.py by tools/unasync.py. Do not edit.
"""Runs the errands of an auth: what it needs besides sending the request."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon._sync.limiter import wait_in_line
from antiphon.network.thread_parker import sleep
from antiphon.network.thread_result import check_function, result_of
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.policies.auth_errands import Ask, Fetch, MayAsk, Note, Pause, ReadNetrc, Times, Turn
from antiphon.policies.waiting_errors import cancelled_while_waiting, expired_while_waiting
from antiphon.policies.waiting_line import Permit

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon.models.response import Response
    from antiphon.policies.call_context import CallContext


def run_errand(errand: object, call: CallContext, inner: Handler) -> object:
    """Run it and return what it gives.

    Waits end with the call: DeadlineExceeded and RequestCancelled.
    """
    if isinstance(errand, Times):
        return now(), time()
    if isinstance(errand, Note):
        call.add_note(errand.text)
        return None
    if isinstance(errand, MayAsk):
        check_function(errand.function)
        return None
    if isinstance(errand, Ask):
        return result_of(errand.function(*errand.arguments))
    if isinstance(errand, Fetch):
        return _fetch(errand, call, inner)
    if isinstance(errand, Turn):
        return _take_turn(errand, call)
    if isinstance(errand, Pause):
        _pause(errand, call)
        return None
    if isinstance(errand, ReadNetrc):
        from antiphon.network.netrc_file import netrc_entries

        return netrc_entries(errand.path)
    raise AssertionError(f"{errand!r} is no errand")  # pragma: no cover - there are no others


def _fetch(errand: Fetch, call: CallContext, inner: Handler) -> Response:
    """Make a call within the call: the same deadline and cancellation, limits of its own."""
    within = call.within(errand.request.url.origin, errand.max_bytes)
    within.started = started = now()
    stream = inner(errand.request, within)
    stream.read(errand.max_bytes)
    stream.attempts = within.attempts
    return stream.response(now() - started)


def _take_turn(errand: Turn, call: CallContext) -> Permit:
    options = call.transport_options
    if not errand.line.enter():
        until = None if options.deadline is None else options.deadline.at
        outcome = wait_in_line(errand.line, until, options.cancel)
        if outcome is CANCELLED:
            raise cancelled_while_waiting(errand.request, call, errand.what)
        if outcome is not READY:
            raise expired_while_waiting(errand.request, call, errand.what)
    return Permit(errand.line)


def _pause(errand: Pause, call: CallContext) -> None:
    options = call.transport_options
    until = None if options.deadline is None else options.deadline.at
    outcome = sleep(errand.seconds, until, options.cancel)
    if outcome is CANCELLED:
        raise cancelled_while_waiting(errand.request, call, errand.what)
    if outcome is not READY:
        raise expired_while_waiting(errand.request, call, errand.what)
