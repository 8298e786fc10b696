# Source of _sync/steps/flows.py; after editing run: tox -e codegen
"""Drives a flow: a generator that yields requests and is given their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import UsageError
from antiphon.policies.client_checks import check_request

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


async def run_flow(
    flow: Generator[Request, AsyncResponseStream, object],
    call: CallContext,
    inner: AsyncHandler,
) -> AsyncResponseStream:
    """Return the last answer that the flow got; all others are closed.

    An error of a request is raised inside the flow at its `yield`, which may yield another.
    """
    stream: AsyncResponseStream | None = None
    try:
        request = next(flow)
        while True:
            if stream is not None:
                # It asks again, so it is done with the answer before.
                await stream.aclose()
                stream = None
            check_request(f"the `yield` of {flow!r}", request)
            try:
                stream = await inner(request, call)
            except Exception as error:  # noqa: BLE001 - it is for the flow to judge
                request = flow.throw(error)
            else:
                request = flow.send(stream)
    except StopIteration:
        if stream is None:
            raise UsageError(f"{flow!r} ended without an answer: it has to yield a request")
        return stream
    except BaseException:
        if stream is not None:
            await stream.aclose()
        raise
    finally:
        flow.close()
