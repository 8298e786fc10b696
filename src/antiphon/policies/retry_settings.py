"""What the settings of a `Retry` may be."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.policies.outcomes import Outcome
    from antiphon.policies.retry_budget import RetryBudget


class _Field(Protocol):
    """What attrs says about an attribute."""

    name: str


def whole_number(_retry: object, field: _Field, value: object) -> None:
    """Refuse what cannot be a number of attempts."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        message = f"Retry({field.name}={value!r}): must be an int of at least 1 (the first try)"
        raise InvalidOptionError(message)


def at_least(minimum: float) -> Callable[[object, _Field, object], None]:
    """Return a check that refuses what is no finite number from `minimum`."""

    def check(_retry: object, field: _Field, value: object) -> None:
        if not _is_number(value, minimum, math.inf):
            message = f"Retry({field.name}={value!r}): must be a number of at least {minimum:g}"
            raise InvalidOptionError(message)

    return check


def known_jitter(_retry: object, _field: object, value: object) -> None:
    """Refuse what is no jitter."""
    if value in ("full", "decorrelated", None) or _is_number(value, 0, 1):
        return
    raise InvalidOptionError(
        f'Retry(jitter={value!r}): must be "full", "decorrelated", None, or a number from 0 to 1 '
        "(the share of the wait that is left to chance)"
    )


def checked_statuses(value: Collection[int] | int) -> frozenset[int]:
    """Return status codes as a set."""
    statuses: Collection[object] = ()
    if isinstance(value, int):
        statuses = (value,)
    elif isinstance(value, Collection):
        statuses = value
    found = [status for status in statuses if type(status) is int and 200 <= status <= 599]
    if isinstance(value, int | Collection) and len(found) == len(statuses):
        return frozenset(found)
    raise InvalidOptionError(
        f"Retry(statuses={value!r}): must be status codes from 200 to 599, such as {{429, 503}}"
    )


def a_function(
    _retry: object, field: _Field, value: Callable[[Outcome], bool | None] | None
) -> None:
    """Refuse what cannot be called, and is not None."""
    if value is not None and not callable(value):
        raise InvalidOptionError(
            f"Retry({field.name}={value!r}): must be a function of an Outcome that returns True, "
            "False or None"
        )


def a_budget(_retry: object, field: _Field, value: RetryBudget | None) -> None:
    """Refuse what is no budget, and not None."""
    if value is None:
        return
    from antiphon.policies.retry_budget import RetryBudget

    if not isinstance(value, RetryBudget):
        raise InvalidOptionError(f"Retry({field.name}={value!r}): must be a RetryBudget or None")


def _is_number(value: object, minimum: float, maximum: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and minimum <= value <= maximum
    )
