# Source of _sync/stream_head.py; after editing run: tox -e codegen
"""What the head of an answer says, beside its plain fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.url import URL


class AsyncStreamHead:
    """The part of an `AsyncResponseStream` that only looks at its head."""

    __slots__ = ()

    status: int
    headers: Headers
    request: Request

    @property
    def status_code(self) -> int:
        """The same as `status`."""
        return self.status

    @property
    def url(self) -> URL:
        """The URL that answered, after redirects."""
        return self.request.url

    @property
    def method(self) -> str:
        """The method that was answered, after redirects."""
        return self.request.method

    @property
    def content_length(self) -> int | None:
        """The declared length of the body as sent, in bytes; None if it is not declared."""
        value = self.headers.get("content-length")
        return int(value) if value is not None and value.isdecimal() else None

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx (RFC 9110 section 15.3)."""
        return 200 <= self.status <= 299
