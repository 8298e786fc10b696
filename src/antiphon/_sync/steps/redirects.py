# GENERATED from _async/steps/redirects.py by tools/unasync.py. Do not edit.
"""Follows redirects (RFC 9110 section 15.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError
from antiphon.network.clock import now
from antiphon.policies.redirects import downgrade_note, next_request

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class RedirectsStep:
    """Asks again where the answer points to, as long as the brain says so."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Handler) -> None:
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the first answer that is no redirect. Raises RedirectError."""
        stream = self._inner(request, call)
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
                stream.close()
            except BaseException as error:
                stream.abandon(error)
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
            stream = self._inner(request, call)
