"""Which methods may be sent twice (RFC 9110 section 9.2.2)."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.policies.idempotency import checked_methods, is_idempotent


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


def test_methods_as_a_setting() -> None:
    """Any group of names in capitals is a set of methods."""
    assert frozenset({"GET", "LOCK"}) == checked_methods("Retry", ["GET", "LOCK", "GET"])


@pytest.mark.parametrize("value", ["GET", None, 5, ["get"], [""], [None]])
def test_what_is_no_set_of_methods(value: object) -> None:
    """One text would be taken for its letters, and methods in small letters for others."""
    with pytest.raises(InvalidOptionError, match=r"^Retry\(methods=.*\): must be names of methods"):
        checked_methods("Retry", value)  # type: ignore[arg-type]
