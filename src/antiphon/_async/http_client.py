# Source of _sync/http_client.py; after editing run: tox -e codegen
"""`AsyncHTTPClient`: what code needs of a client, so that it can take a double of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from typing import Unpack

    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.url import URL
    from antiphon.policies.call_keywords import CallKeywords, RequestKeywords, SendKeywords


class AsyncHTTPClient(Protocol):
    """The calls of an `AsyncClient`; annotate with it what may as well get a stand-in.

    The keywords are those of `CallKeywords`, and what is raised is told at `AsyncClient`.
    """

    async def get(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch `url`."""
        ...

    async def head(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Fetch the head of `url` alone."""
        ...

    async def post(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Have `url` process a body."""
        ...

    async def put(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Store a body at `url`."""
        ...

    async def delete(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Remove `url`."""
        ...

    async def options(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask what can be done with `url`."""
        ...

    async def patch(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Change a part of `url`."""
        ...

    async def query(self, url: str | URL, **options: Unpack[CallKeywords]) -> Response:
        """Ask `url` a question that stands in the body."""
        ...

    async def request(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> Response:
        """Make a call with any method."""
        ...

    async def send(self, request: Request, **options: Unpack[SendKeywords]) -> Response:
        """Send a request that was built before."""
        ...

    def build_request(
        self, method: str, url: str | URL, **parts: Unpack[RequestKeywords]
    ) -> Request:
        """Return the request that `request` would send."""
        ...

    def stream(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> AbstractAsyncContextManager[AsyncResponseStream]:
        """Make a call whose body is read as it comes."""
        ...
