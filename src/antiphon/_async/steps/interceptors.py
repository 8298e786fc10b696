# Source of _sync/steps/interceptors.py; after editing run: tox -e codegen
"""Lets an interceptor see, and change, what goes out and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antiphon._async.loaded_answer import loaded_answer
from antiphon._async.stream import AsyncResponseStream
from antiphon.models.response import Response
from antiphon.network.anyio_result import result_of
from antiphon.network.clock import now
from antiphon.policies.interceptors import (
    InterceptorContext,
    async_context,
    check_async_interceptor,
    failure_of,
    no_response,
)

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncInterceptorsStep:
    """One interceptor; the next one stands inside, so answers pass them in reverse order."""

    __slots__ = ("_inner", "_on_error", "_on_request", "_on_response", "_policy")

    def __init__(self, policy: Any, inner: AsyncHandler) -> None:
        check_async_interceptor(policy)
        self._policy = policy
        self._inner = inner
        self._on_request: Any = getattr(policy, "intercept_request", None)
        self._on_response: Any = getattr(policy, "intercept_response", None)
        self._on_error: Any = getattr(policy, "intercept_error", None)

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer that the interceptor returns. Raises InterceptorError if it fails."""
        context = InterceptorContext.of(request, call)
        if self._on_request is not None:
            context = await self._changed_request(context, call)
        try:
            stream = await self._inner(context.request, call)
        except Exception as error:
            if self._on_error is None:
                raise
            judged = await self._judged(context, call, error)
            if judged is error:
                raise
            if isinstance(judged, AsyncResponseStream):
                return judged
            raise judged from judged.__cause__ or error
        if self._on_response is None:
            return stream
        return await self._changed_answer(context, call, stream)

    async def _changed_request(
        self, context: InterceptorContext, call: CallContext
    ) -> InterceptorContext:
        try:
            return async_context(await result_of(self._on_request(context)))
        except Exception as error:
            request = context.request
            raise failure_of(self._policy, "intercept_request", error, request, call) from error

    async def _changed_answer(
        self, context: InterceptorContext, call: CallContext, stream: AsyncResponseStream
    ) -> AsyncResponseStream:
        if not call.stream and not stream.is_loaded:  # made by a policy, outside of the attempt
            await stream.read(call.options.max_response_bytes)
        try:
            answer = stream if call.stream else stream.response(now() - call.started)
            returned = await result_of(self._on_response(context, answer))
            changed = stream if returned is answer else _as_answer(returned)
        except BaseException as error:
            await stream.abandon(error)
            if not isinstance(error, Exception):
                raise
            request = context.request
            failure = failure_of(self._policy, "intercept_response", error, request, call)
            raise stream.complete(failure) from error
        if changed is not stream:
            await stream.aclose()
        return changed

    async def _judged(
        self, context: InterceptorContext, call: CallContext, error: Exception
    ) -> AsyncResponseStream | Exception:
        """Return the answer to give, or the error to raise: `error` itself to leave it so."""
        try:
            returned = await result_of(self._on_error(context, error))
            if returned is None:
                return error
            return returned if isinstance(returned, Exception) else _as_answer(returned)
        except Exception as raised:
            if raised is error:
                return error
            request = context.request
            raise failure_of(self._policy, "intercept_error", raised, request, call) from raised


def _as_answer(returned: object) -> AsyncResponseStream:
    """Return what an interceptor returned as what the pipeline hands on."""
    if isinstance(returned, AsyncResponseStream):
        return returned
    if isinstance(returned, Response):
        return loaded_answer(returned)
    raise no_response(returned)
