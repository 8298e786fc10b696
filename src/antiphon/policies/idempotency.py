"""Which requests may be sent twice without doing twice what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from collections.abc import Collection

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
"""RFC 9110 section 9.2.2; QUERY by its own definition (a safe, idempotent GET with a body)."""

IDEMPOTENCY_HEADER = "Idempotency-Key"
"""The field that makes a request idempotent (draft-ietf-httpapi-idempotency-key-header)."""


def is_idempotent(method: str) -> bool:
    """Tell whether sending `method` several times has the effect of sending it once.

    Methods are case-sensitive (RFC 9110 section 9.1). Unknown ones are taken for not idempotent.
    """
    return method in IDEMPOTENT_METHODS


def checked_methods(owner: str, value: Collection[str]) -> frozenset[str]:
    """Return method names as a set. Raises InvalidOptionError, which names `owner`."""
    if isinstance(value, list | tuple | set | frozenset) and all(
        isinstance(method, str) and method and method == method.upper() for method in value
    ):
        return frozenset(value)
    raise InvalidOptionError(
        f"{owner}(methods={value!r}): must be names of methods in capitals, such as "
        '{"GET", "PUT"}'
    )
