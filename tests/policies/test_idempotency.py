"""Which methods may be sent twice (RFC 9110 section 9.2.2)."""

from __future__ import annotations

import pytest

from antiphon.policies.idempotency import is_idempotent


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        *(
            (method, True)
            for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY")
        ),
        *((method, False) for method in ("POST", "PATCH", "CONNECT", "LOCK", "get", "")),
    ],
)
def test_idempotent_methods(method: str, expected: bool) -> None:
    """Safe methods, PUT, DELETE and QUERY are idempotent; others and unknown ones are not."""
    assert is_idempotent(method) is expected
