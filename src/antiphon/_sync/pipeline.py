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
from antiphon.policies.flavour import check_sync_policy, check_sync_transport
from antiphon.policies.pipeline import Pipeline
from antiphon.policies.pipeline_order import OWN, arrange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.transport import Transport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.cookies import CookieJar


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
    transport: Transport, cookies: CookieJar, policies: Iterable[object] = ()
) -> tuple[Handler, Pipeline]:
    """Return the handler of the outermost step, and the steps for people to read.

    Raises WrongFlavourError and InvalidOptionError for what is no policy or no transport here.
    """
    check_sync_transport(transport)
    steps = arrange(policies)
    handler: Handler = TransportStep(transport).handle
    for step in reversed(steps):
        if step.kind == OWN:
            handler = _own_step(step.policy, handler)
        elif step.policy is not None:
            from antiphon._sync.steps.built_in import built_in_step

            handler = built_in_step(step, handler)
        elif step.kind == "loading":
            handler = LoadingStep(handler).handle
        elif step.kind == "attempts":
            handler = AttemptsStep(handler).handle
        elif step.kind == "authentication":
            handler = AuthenticationStep(handler).handle
        elif step.kind == "cookies":
            handler = CookiesStep(cookies, handler).handle
        elif step.kind == "redirects":
            handler = RedirectsStep(handler).handle
        elif step.kind == "status_errors":
            handler = StatusErrorsStep(handler).handle
    return handler, Pipeline(tuple(steps))


def _own_step(policy: object, inner: Handler) -> Handler:
    if check_sync_policy(policy) == "flow":
        return FlowStep(policy, inner).handle
    return CustomStep(policy, inner).handle
