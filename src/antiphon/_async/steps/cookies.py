# Source of _sync/steps/cookies.py; after editing run: tox -e codegen
"""Sends the client's cookies and keeps those that answers set (RFC 6265bis)."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon.policies.cookies import merged_cookie_header

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.cookies import CookieJar


class AsyncCookiesStep:
    """Once a hop: each sees the cookies that the one before it set."""

    __slots__ = ("_jar", "_inner")

    def __init__(self, jar: CookieJar, inner: AsyncHandler) -> None:
        self._jar = jar
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer to `request` with the jar's cookies; the call's own win."""
        url = request.url
        jar = self._jar
        if len(jar):
            named = call.trusted and url.origin == call.origin
            stored = jar.header_for(url, time(), cross_origin=not named)
            if stored is not None:
                cookie = merged_cookie_header(stored, request.headers.get("cookie")) or stored
                request = request.with_header("Cookie", cookie)
        stream = await self._inner(request, call)
        if "set-cookie" in stream.headers:
            lines = None if stream.cache is None else stream.cache.new_cookies
            # What a stored answer set once is not set again: it may be older than the jar's.
            jar.store(
                url, stream.headers.get_list("set-cookie") if lines is None else lines, time()
            )
        return stream
