# Source of _sync/client_verbs.py; after editing run: tox -e codegen
"""The verbs of a client: one method a method of RFC 9110, PATCH (5789) and QUERY."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from antiphon.models.response import Response
    from antiphon.models.url import URL
    from antiphon.policies.call_keywords import CallKeywords


class AsyncVerbs:
    """`get`, `post` and so on, each one `request` with its method.

    All take the keywords of `CallKeywords`: params, headers, cookies, json, data, content, files,
    auth, timeout, follow_redirects, raise_for_status, retry, max_response_bytes, cancel, observer.
    All return a `Response`. They raise a StatusError for 4xx and 5xx unless
    `raise_for_status=False`, TransportError, RedirectError and DecodeError for what goes wrong on
    the way, and InvalidRequestError for what cannot be sent.
    """

    @abstractmethod
    async def _call(self, method: str, url: str | URL, options: CallKeywords) -> Response:
        """Make the call; the client does."""

    async def get(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch `url` (RFC 9110 section 9.3.1)."""
        return await self._call("GET", url, options)

    async def head(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch the head of `url` alone (RFC 9110 section 9.3.2)."""
        return await self._call("HEAD", url, options)

    async def post(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Have `url` process a body (RFC 9110 section 9.3.3)."""
        return await self._call("POST", url, options)

    async def put(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Store a body at `url` (RFC 9110 section 9.3.4)."""
        return await self._call("PUT", url, options)

    async def delete(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Remove `url` (RFC 9110 section 9.3.5)."""
        return await self._call("DELETE", url, options)

    async def options(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask what can be done with `url` (RFC 9110 section 9.3.7)."""
        return await self._call("OPTIONS", url, options)

    async def patch(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Change a part of `url` (RFC 5789)."""
        return await self._call("PATCH", url, options)

    async def query(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask `url` a question that stands in the body (HTTP QUERY): a safe GET with a body."""
        return await self._call("QUERY", url, options)

    async def request(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> Response:
        """Make a call with any method; standard ones may be written in lower case."""
        return await self._call(method, url, options)
