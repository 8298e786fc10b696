"""The id that a server gives to an exchange, to quote in a support case."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.headers import Headers

# No RFC names one. The common name first, then those of large services: Anthropic and others,
# AWS, S3, Azure, Google.
REQUEST_ID_NAMES = (
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-ms-request-id",
    "apim-request-id",
    "x-goog-request-id",
    "x-correlation-id",
)


def request_id_of(headers: Headers, names: Iterable[str] = REQUEST_ID_NAMES) -> str | None:
    """Return the first of `names` in the headers of a response, None if none is there."""
    for name in names:
        value = headers.get(name)
        if value:
            return value
    return None
