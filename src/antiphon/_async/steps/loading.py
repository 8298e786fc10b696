# Source of _sync/steps/loading.py; after editing run: tox -e codegen
"""Loads the body inside the attempt, unless the caller streams it."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon.policies.client_checks import check_request

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncLoadingStep:
    """So retries see a body that breaks off, and the connection is free when the call returns."""

    __slots__ = ("_inner",)

    def __init__(self, inner: AsyncHandler) -> None:
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer with its body loaded; each attempt is signed anew where auth signs."""
        if call.auth is not None:
            sign = getattr(call.auth, "sign", None)
            if sign is not None and request.url.origin == call.origin:
                request = sign(request, time())
                check_request(f"the `return` of {type(call.auth).__name__}.sign", request)
        stream = await self._inner(request, call)
        cap = call.options.max_response_bytes
        stream.max_response_bytes = cap
        if not call.transport_options.stream:
            if cap is not None and stream.status >= 400 and call.options.raise_for_status:
                # The status is the news, and its error shows only a part of the body anyway.
                await stream.read_capped(cap)
            else:
                await stream.read(cap)
        return stream
