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
from antiphon.policies.flavour import (
    check_async_policy,
    check_async_transport,
    checked_policies,
)
from antiphon.policies.stages import STAGES, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon._async.stream import AsyncResponseStream
    from antiphon._async.transport import AsyncTransport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.cookies import CookieJar
    from antiphon.policies.flow import FlowPolicy


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
    transport: AsyncTransport,
    cookies: CookieJar,
    policies: Iterable[AsyncPolicy | FlowPolicy] = (),
) -> AsyncHandler:
    """Return the handler of the outermost step. Own policies stand inside the built-in ones.

    Raises WrongFlavourError and InvalidOptionError for what is no policy or no transport here.
    """
    check_async_transport(transport)
    own: dict[str, list[AsyncPolicy | FlowPolicy]] = {stage: [] for stage in STAGES}
    for policy in checked_policies(policies):
        own[stage_of(policy)].append(policy)
    handler: AsyncHandler = AsyncTransportStep(transport).handle
    for stage in reversed(STAGES):
        if stage == "attempt":
            # Innermost, so that every policy of the stage sees the whole answer.
            handler = AsyncLoadingStep(handler).handle
        for policy in reversed(own[stage]):
            if check_async_policy(policy) == "flow":
                handler = AsyncFlowStep(policy, handler).handle
            else:
                handler = AsyncCustomStep(policy, handler).handle
        if stage == "retry":
            handler = AsyncAttemptsStep(handler).handle
        elif stage == "auth":
            handler = AsyncAuthenticationStep(handler).handle
        elif stage == "cookies":
            handler = AsyncCookiesStep(cookies, handler).handle
        elif stage == "redirect":
            handler = AsyncRedirectsStep(handler).handle
        elif stage == "operation":
            handler = AsyncStatusErrorsStep(handler).handle
    return handler
