# GENERATED from _async/steps/flows.py by tools/unasync.py. Do not edit.
"""Drives a flow: a generator that yields requests and is given their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antiphon.errors import UsageError
from antiphon.policies.client_checks import check_request

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.policies.call_context import CallContext


def run_flow(
    flow: Generator[Any, Any, object],
    call: CallContext,
    inner: Handler,
) -> ResponseStream:
    """Return the last answer that the flow got; all others are closed.

    An error of a request is raised inside the flow at its `yield`, which may yield another. An auth
    of antiphon's may yield an errand, too.
    """
    stream: ResponseStream | None = None
    try:
        wish = next(flow)
        while True:
            if stream is not None and not getattr(wish, "keeps_answer", False):
                # It asks again, so it is done with the answer before.
                stream.close()
                stream = None
            is_errand = hasattr(wish, "keeps_answer")
            if not is_errand:
                check_request(f"the `yield` of {flow!r}", wish)
            result: object
            try:
                if is_errand:
                    from antiphon._sync.steps.errands import run_errand

                    result = run_errand(wish, call, inner)
                else:
                    result = stream = inner(wish, call)
            except Exception as error:  # noqa: BLE001 - it is for the flow to judge
                wish = flow.throw(error)
            else:
                wish = flow.send(result)
    except StopIteration:
        if stream is None:
            raise UsageError(f"{flow!r} ended without an answer: it has to yield a request")
        return stream
    except BaseException:
        if stream is not None:
            stream.close()
        raise
    finally:
        flow.close()
