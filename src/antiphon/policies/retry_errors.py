"""Which errors are tried again, and which never."""

from __future__ import annotations

from collections.abc import Collection

from antiphon.errors import (
    CertificateVerifyError,
    DeadlineExceeded,
    InvalidOptionError,
    InvalidRequestError,
    LocalProtocolError,
    PolicyError,
    PoolTimeout,
    ProxyError,
    RequestCancelled,
    TransportError,
    UsageError,
)

FINAL_ERRORS: tuple[type[Exception], ...] = (
    PoolTimeout,
    DeadlineExceeded,
    RequestCancelled,
    PolicyError,
    InvalidRequestError,
    UsageError,
)
"""Never retried, whatever the settings: our own refusals, and what the caller wanted or got wrong.

A full pool would get fuller, a deadline that has passed stays so, and nobody wants more of what was
cancelled.
"""
# Not bad luck: these would fail the same way again.
_HOPELESS = (LocalProtocolError, CertificateVerifyError)


def is_named(error: BaseException, kinds: tuple[type[Exception], ...]) -> bool:
    """Tell whether `error` is of one of these kinds, and another attempt might end better."""
    if isinstance(error, ProxyError) and error.status is not None and error.status < 500:
        # What a proxy forbids, or wants credentials for, it will tomorrow too.
        return False
    found = [kind for kind in kinds if isinstance(error, kind)]
    if isinstance(error, _HOPELESS):
        return any(issubclass(kind, _HOPELESS) for kind in found)
    return bool(found)


def checked_errors(
    value: type[Exception] | Collection[type[Exception]],
) -> tuple[type[Exception], ...]:
    """Return one exception type, or several, as a tuple."""
    group: Collection[type[Exception]] | None = None
    if isinstance(value, type):
        group = (value,)
    elif isinstance(value, Collection):
        group = value
    if group is None or not all(
        isinstance(kind, type) and issubclass(kind, Exception) for kind in group
    ):
        raise InvalidOptionError(
            f"Retry(retry_on={value!r}): must be exception types, such as (TransportError, OSError)"
        )
    for kind in group:
        if issubclass(kind, FINAL_ERRORS):
            raise InvalidOptionError(
                f"Retry(retry_on=...): must not name {kind.__name__}, which is never retried"
            )
        if not issubclass(kind, TransportError) and _is_of_a_status(kind):
            raise InvalidOptionError(
                f"Retry(retry_on=...): must not name {kind.__name__}, which is raised once the "
                "retries are over; name its status in statuses=..."
            )
    return tuple(group)


def _is_of_a_status(kind: type[Exception]) -> bool:
    # Imported here: a call that goes well needs none of the many status errors.
    from antiphon.errors import StatusError

    return issubclass(kind, StatusError)
