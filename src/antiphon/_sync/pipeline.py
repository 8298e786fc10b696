# GENERATED from _async/pipeline.py by tools/unasync.py. Do not edit.
"""The pipeline: steps around a transport, folded once, in stage order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from antiphon._sync.steps.attempts import AttemptsStep
from antiphon._sync.steps.authentication import AuthenticationStep
from antiphon._sync.steps.cookies import CookiesStep
from antiphon._sync.steps.custom import CustomStep, FlowStep
from antiphon._sync.steps.loading import LoadingStep
from antiphon._sync.steps.redirects import RedirectsStep
from antiphon._sync.steps.status_errors import StatusErrorsStep
from antiphon._sync.steps.transport import TransportStep
from antiphon.policies.flavour import (
    check_sync_policy,
    check_sync_transport,
    checked_policies,
)
from antiphon.policies.stages import STAGES, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.transport import Transport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.cookies import CookieJar
    from antiphon.policies.flow import FlowPolicy


class Handler(Protocol):
    """What a step calls to go on: the rest of the pipeline."""

    def __call__(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the open answer to `request`, whatever its status."""
        ...


class Next(Protocol):
    """What a policy calls to go on; each call is one more request."""

    def __call__(self, request: Request) -> ResponseStream:
        """Return the open answer to `request`, whatever its status."""
        ...


class Policy(Protocol):
    """Code of your own around every call, hop or attempt; an attribute `stage` says which.

    The smallest one returns what `next(request)` gives. It may change the request, look at the
    answer (whose body is loaded unless the caller streams), call `next` again or not at all. What
    it does not return is closed. A policy that does no I/O is better written as a `FlowPolicy`,
    which serves both voices.
    """

    def __call__(
        self,
        request: Request,
        call: CallContext,
        next: Next,  # noqa: A002 - as everybody calls it
    ) -> ResponseStream:
        """Return the answer to `request`."""
        ...


def build_pipeline(
    transport: Transport,
    cookies: CookieJar,
    policies: Iterable[Policy | FlowPolicy] = (),
) -> Handler:
    """Return the handler of the outermost step. Own policies stand inside the built-in ones.

    Raises WrongFlavourError and InvalidOptionError for what is no policy or no transport here.
    """
    check_sync_transport(transport)
    own: dict[str, list[Policy | FlowPolicy]] = {stage: [] for stage in STAGES}
    for policy in checked_policies(policies):
        own[stage_of(policy)].append(policy)
    handler: Handler = TransportStep(transport).handle
    for stage in reversed(STAGES):
        if stage == "attempt":
            # Innermost, so that every policy of the stage sees the whole answer.
            handler = LoadingStep(handler).handle
        for policy in reversed(own[stage]):
            if check_sync_policy(policy) == "flow":
                handler = FlowStep(policy, handler).handle
            else:
                handler = CustomStep(policy, handler).handle
        if stage == "retry":
            handler = AttemptsStep(handler).handle
        elif stage == "auth":
            handler = AuthenticationStep(handler).handle
        elif stage == "cookies":
            handler = CookiesStep(cookies, handler).handle
        elif stage == "redirect":
            handler = RedirectsStep(handler).handle
        elif stage == "operation":
            handler = StatusErrorsStep(handler).handle
    return handler
