"""The name that a server gives to an exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

# No standard names it: the common one first, then those of AWS, Azure and Cloudflare.
_NAMES = (
    "X-Request-Id",
    "Request-Id",
    "X-Amzn-RequestId",
    "X-Amz-Request-Id",
    "X-Ms-Request-Id",
    "X-Correlation-Id",
    "CF-Ray",
)
# Ids are UUIDs and the like; anything longer is something else.
_LONGEST = 200


def request_id_of(headers: Headers) -> str | None:
    """Return the id that the server gave the exchange in `headers`, None if it gave none."""
    for name in _NAMES:
        value = headers.get(name)
        if value and len(value) <= _LONGEST:
            return value
    return None
