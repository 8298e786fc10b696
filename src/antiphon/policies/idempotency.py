"""Which requests may be sent twice without doing twice what they ask for."""

from __future__ import annotations

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
"""RFC 9110 section 9.2.2; QUERY by its own definition (a safe, idempotent GET with a body)."""


def is_idempotent(method: str) -> bool:
    """Tell whether sending `method` several times has the effect of sending it once.

    Methods are case-sensitive (RFC 9110 section 9.1). Unknown ones are taken for not idempotent.
    """
    return method in IDEMPOTENT_METHODS
