# GENERATED from _async/steps/interceptors.py by tools/unasync.py. Do not edit.
"""Lets an interceptor see, and change, what goes out and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antiphon._sync.loaded_answer import loaded_answer
from antiphon._sync.stream import ResponseStream
from antiphon.models.response import Response
from antiphon.network.thread_result import result_of
from antiphon.network.clock import now
from antiphon.policies.interceptors import (
    InterceptorContext,
    sync_context,
    check_sync_interceptor,
    failure_of,
    no_response,
)

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class InterceptorsStep:
    """One interceptor; the next one stands inside, so answers pass them in reverse order."""

    __slots__ = ("_inner", "_on_error", "_on_request", "_on_response", "_policy")

    def __init__(self, policy: Any, inner: Handler) -> None:
        check_sync_interceptor(policy)
        self._policy = policy
        self._inner = inner
        self._on_request: Any = getattr(policy, "intercept_request", None)
        self._on_response: Any = getattr(policy, "intercept_response", None)
        self._on_error: Any = getattr(policy, "intercept_error", None)

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer that the interceptor returns. Raises InterceptorError if it fails."""
        context = InterceptorContext.of(request, call)
        if self._on_request is not None:
            context = self._changed_request(context, call)
        try:
            stream = self._inner(context.request, call)
        except Exception as error:
            if self._on_error is None:
                raise
            judged = self._judged(context, call, error)
            if judged is error:
                raise
            if isinstance(judged, ResponseStream):
                return judged
            raise judged from judged.__cause__ or error
        if self._on_response is None:
            return stream
        return self._changed_answer(context, call, stream)

    def _changed_request(
        self, context: InterceptorContext, call: CallContext
    ) -> InterceptorContext:
        try:
            return sync_context(result_of(self._on_request(context)))
        except Exception as error:
            request = context.request
            raise failure_of(self._policy, "intercept_request", error, request, call) from error

    def _changed_answer(
        self, context: InterceptorContext, call: CallContext, stream: ResponseStream
    ) -> ResponseStream:
        if not call.stream and not stream.is_loaded:  # made by a policy, outside of the attempt
            stream.read(call.options.max_response_bytes)
        try:
            answer = stream if call.stream else stream.response(now() - call.started)
            returned = result_of(self._on_response(context, answer))
            changed = stream if returned is answer else _as_answer(returned)
        except BaseException as error:
            stream.abandon(error)
            if not isinstance(error, Exception):
                raise
            request = context.request
            failure = failure_of(self._policy, "intercept_response", error, request, call)
            raise stream.complete(failure) from error
        if changed is not stream:
            stream.close()
        return changed

    def _judged(
        self, context: InterceptorContext, call: CallContext, error: Exception
    ) -> ResponseStream | Exception:
        """Return the answer to give, or the error to raise: `error` itself to leave it so."""
        try:
            returned = result_of(self._on_error(context, error))
            if returned is None:
                return error
            return returned if isinstance(returned, Exception) else _as_answer(returned)
        except Exception as raised:
            if raised is error:
                return error
            request = context.request
            raise failure_of(self._policy, "intercept_error", raised, request, call) from raised


def _as_answer(returned: object) -> ResponseStream:
    """Return what an interceptor returned as what the pipeline hands on."""
    if isinstance(returned, ResponseStream):
        return returned
    if isinstance(returned, Response):
        return loaded_answer(returned)
    raise no_response(returned)
