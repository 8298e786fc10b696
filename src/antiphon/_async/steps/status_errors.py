# Source of _sync/steps/status_errors.py; after editing run: tox -e codegen
"""Raises the error that a 4xx or 5xx is named after, its body loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.errors import StatusError
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext

# How much of the body of a streamed answer is read for its error, unless max_response_bytes says.
MAX_ERROR_BYTES = 1024 * 1024


class AsyncStatusErrorsStep:
    """The end of the call: what leaves here is an answer that the caller wants, or an error."""

    __slots__ = ("_inner",)

    def __init__(self, inner: AsyncHandler) -> None:
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, or raise a StatusError (RFC 9110 sections 15.5 and 15.6)."""
        try:
            if call.options.idempotency_key is not None:
                request = _keyed(request, call)
            stream = await self._inner(request, call)
            stream.history = call.history
            stream.attempts = call.attempts
            if stream.status < 400 or not call.options.raise_for_status:
                return stream
            raise await self._failure(stream, call)
        except AntiphonError as error:
            if error.request is None:
                error.request = request
            if not error.attempts:
                error.attempts = call.attempts
            for note in call.notes:
                error.add_note(note)
            raise

    @staticmethod
    async def _failure(stream: AsyncResponseStream, call: CallContext) -> StatusError:
        """Read what may be read of the body and return the error of the status."""
        from antiphon.errors import status_error

        cap = call.options.max_response_bytes
        await stream.read_capped(MAX_ERROR_BYTES if cap is None else cap)
        failure = status_error(stream.response(now() - call.started))
        if stream.is_cut:
            failure.add_note(f"the body goes on after these {len(stream.content)} bytes; not read")
        return failure


def _keyed(request: Request, call: CallContext) -> Request:
    """Return the request with the key that its call asks for, unless a policy sees to it."""
    if "idempotency_key" in call.options.kinds:
        return request
    from antiphon.policies.idempotency_key import OF_ONE_CALL

    return OF_ONE_CALL.keyed(request, call)
