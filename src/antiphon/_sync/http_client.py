# GENERATED from _async/http_client.py by tools/unasync.py. Do not edit.
"""`HTTPClient`: what code needs of a client, so that it can take a double of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Unpack

    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.url import URL
    from antiphon.policies.call_keywords import CallKeywords, RequestKeywords, SendKeywords


class HTTPClient(Protocol):
    """The calls of an `Client`; annotate with it what may as well get a stand-in.

    The keywords are those of `CallKeywords`, and what is raised is told at `Client`.
    """

    def get(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch `url`."""
        ...

    def head(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch the head of `url` alone."""
        ...

    def post(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Have `url` process a body."""
        ...

    def put(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Store a body at `url`."""
        ...

    def delete(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Remove `url`."""
        ...

    def options(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask what can be done with `url`."""
        ...

    def patch(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Change a part of `url`."""
        ...

    def query(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask `url` a question that stands in the body."""
        ...

    def request(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> Response:
        """Make a call with any method."""
        ...

    def send(self, request: Request, **options: Unpack[SendKeywords]) -> Response:
        """Send a request that was built before."""
        ...

    def build_request(
        self, method: str, url: str | URL, **parts: Unpack[RequestKeywords]
    ) -> Request:
        """Return the request that `request` would send."""
        ...

    def stream(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> AbstractContextManager[ResponseStream]:
        """Make a call whose body is read as it comes."""
        ...
