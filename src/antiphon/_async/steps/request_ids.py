# Source of _sync/steps/request_ids.py; after editing run: tox -e codegen
"""Gives the call its id, and each answer and error the server's or that one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.request_ids import RequestId


class AsyncRequestIdStep:
    """Once around the call, where the id is chosen, and once around each attempt, for its answer.

    An answer that is followed by a redirect or an attempt is in the history with its id, too.
    """

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: RequestId, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer to the request with its id."""
        policy = self._policy
        request, call.request_id = policy.named(request, call.request_id)
        try:
            stream = await self._inner(request, call)
        except AntiphonError as error:
            error.request_id = policy.of_answer(error.headers) or call.request_id
            raise
        stream.request_id = policy.of_answer(stream.headers) or call.request_id
        return stream
