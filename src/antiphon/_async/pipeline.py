# Source of _sync/pipeline.py; after editing run: tox -e codegen
"""The pipeline: steps around a transport, folded once, in stage order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from antiphon._async.steps.attempts import AsyncAttemptsStep
from antiphon._async.steps.authentication import AsyncAuthenticationStep
from antiphon._async.steps.cookies import AsyncCookiesStep
from antiphon._async.steps.custom import AsyncCustomStep, AsyncFlowStep
from antiphon._async.steps.loading import AsyncLoadingStep
from antiphon._async.steps.redirects import AsyncRedirectsStep
from antiphon._async.steps.status_errors import AsyncStatusErrorsStep
from antiphon._async.steps.transport import AsyncTransportStep
from antiphon.policies.flavour import check_async_policy, check_async_transport
from antiphon.policies.pipeline import Pipeline
from antiphon.policies.pipeline_order import OWN, arrange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon._async.stream import AsyncResponseStream
    from antiphon._async.transport import AsyncTransport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.cookies import CookieJar


class AsyncHandler(Protocol):
    """What a step calls to go on: the rest of the pipeline."""

    async def __call__(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the open answer to `request`, whatever its status."""
        ...


class AsyncNext(Protocol):
    """What a policy calls to go on; each call is one more request."""

    async def __call__(self, request: Request) -> AsyncResponseStream:
        """Return the open answer to `request`, whatever its status."""
        ...


class AsyncPolicy(Protocol):
    """Code of your own around every call, hop or attempt; an attribute `stage` says which.

    The smallest one returns what `next(request)` gives. It may change the request, look at the
    answer (whose body is loaded unless the caller streams), call `next` again or not at all. What
    it does not return is closed. A policy that does no I/O is better written as a `FlowPolicy`,
    which serves both voices.
    """

    async def __call__(
        self,
        request: Request,
        call: CallContext,
        next: AsyncNext,  # noqa: A002 - as everybody calls it
    ) -> AsyncResponseStream:
        """Return the answer to `request`."""
        ...


def build_pipeline(
    transport: AsyncTransport, cookies: CookieJar, policies: Iterable[object] = ()
) -> tuple[AsyncHandler, Pipeline]:
    """Return the handler of the outermost step, and the steps for people to read.

    Raises WrongFlavourError and InvalidOptionError for what is no policy or no transport here.
    """
    check_async_transport(transport)
    steps = arrange(policies)
    handler: AsyncHandler = AsyncTransportStep(transport).handle
    for step in reversed(steps):
        if step.kind == OWN:
            handler = _own_step(step.policy, handler)
        elif step.policy is not None:
            from antiphon._async.steps.built_in import built_in_step

            handler = built_in_step(step, handler)
        elif step.kind == "loading":
            handler = AsyncLoadingStep(handler).handle
        elif step.kind == "attempts":
            handler = AsyncAttemptsStep(handler).handle
        elif step.kind == "authentication":
            handler = AsyncAuthenticationStep(handler).handle
        elif step.kind == "cookies":
            handler = AsyncCookiesStep(cookies, handler).handle
        elif step.kind == "redirects":
            handler = AsyncRedirectsStep(handler).handle
        elif step.kind == "status_errors":
            handler = AsyncStatusErrorsStep(handler).handle
    return handler, Pipeline(tuple(steps))


def _own_step(policy: object, inner: AsyncHandler) -> AsyncHandler:
    if check_async_policy(policy) == "flow":
        return AsyncFlowStep(policy, inner).handle
    return AsyncCustomStep(policy, inner).handle
