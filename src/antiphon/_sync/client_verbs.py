# GENERATED from _async/client_verbs.py by tools/unasync.py. Do not edit.
"""The verbs of a client: one method a method of RFC 9110, PATCH (5789) and QUERY."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from antiphon.models.response import Response
    from antiphon.models.url import URL
    from antiphon.policies.call_keywords import CallKeywords


class Verbs:
    """`get`, `post` and so on, each one `request` with its method.

    All take the keywords of `CallKeywords`: params, headers, cookies, json, data, content, files,
    auth, timeout, follow_redirects, raise_for_status, retry, max_response_bytes, cancel, observer.
    All return a `Response`. They raise a StatusError for 4xx and 5xx unless
    `raise_for_status=False`, TransportError, RedirectError and DecodeError for what goes wrong on
    the way, and InvalidRequestError for what cannot be sent.
    """

    @abstractmethod
    def _call(self, method: str, url: str | URL, options: CallKeywords) -> Response:
        """Make the call; the client does."""

    def get(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch `url` (RFC 9110 section 9.3.1)."""
        return self._call("GET", url, options)

    def head(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch the head of `url` alone (RFC 9110 section 9.3.2)."""
        return self._call("HEAD", url, options)

    def post(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Have `url` process a body (RFC 9110 section 9.3.3)."""
        return self._call("POST", url, options)

    def put(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Store a body at `url` (RFC 9110 section 9.3.4)."""
        return self._call("PUT", url, options)

    def delete(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Remove `url` (RFC 9110 section 9.3.5)."""
        return self._call("DELETE", url, options)

    def options(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask what can be done with `url` (RFC 9110 section 9.3.7)."""
        return self._call("OPTIONS", url, options)

    def patch(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Change a part of `url` (RFC 5789)."""
        return self._call("PATCH", url, options)

    def query(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask `url` a question that stands in the body (HTTP QUERY): a safe GET with a body."""
        return self._call("QUERY", url, options)

    def request(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> Response:
        """Make a call with any method; standard ones may be written in lower case."""
        return self._call(method, url, options)
