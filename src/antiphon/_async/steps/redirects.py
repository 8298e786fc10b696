# Source of _sync/steps/redirects.py; after editing run: tox -e codegen
"""Follows redirects (RFC 9110 section 15.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError
from antiphon.network.clock import now
from antiphon.policies.redirects import downgrade_note, next_request

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncRedirectsStep:
    """Asks again where the answer points to, as long as the brain says so."""

    __slots__ = ("_inner",)

    def __init__(self, inner: AsyncHandler) -> None:
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the first answer that is no redirect. Raises RedirectError."""
        stream = await self._inner(request, call)
        if not 300 <= stream.status <= 399 or not call.options.follow_redirects:
            return stream
        hops: list[Request] = []
        while True:
            try:
                following = next_request(
                    request,
                    stream.status,
                    stream.headers,
                    hops=hops,
                    max_redirects=call.options.max_redirects,
                    idempotency_header=call.idempotency_header,
                )
                if following is None:
                    return stream
                await stream.aclose()
            except BaseException as error:
                await stream.abandon(error)
                if isinstance(error, AntiphonError):
                    error.attempts = call.attempts
                raise
            stream.attempts = call.attempts
            call.history = (*call.history, stream.response(now() - call.started, without_body=True))
            note = downgrade_note(request.url, following.url)
            if note is not None:
                call.add_note(note)
            hops.append(request)
            request = following
            stream = await self._inner(request, call)
