"""What the settings of a `Retry` may be."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol, TypeGuard

from antiphon.errors import InvalidOptionError
from antiphon.policies.flavour import is_plain
from antiphon.policies.setting_checks import is_finite, shown

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
        message = (
            f"Retry({field.name}={shown(value)}): must be an int of at least 1 (the first try)"
        )
        raise InvalidOptionError(message)


def at_least(minimum: float) -> Callable[[object, _Field, object], None]:
    """Return a check that refuses what is no finite number from `minimum`."""

    def check(_retry: object, field: _Field, value: object) -> None:
        if not _is_number(value, minimum, math.inf):
            message = (
                f"Retry({field.name}={shown(value)}): must be a number of at least {minimum:g}"
            )
            raise InvalidOptionError(message)

    return check


def known_jitter(_retry: object, _field: object, value: object) -> None:
    """Refuse what is no jitter."""
    if value in ("full", "decorrelated", None) or _is_number(value, 0, 1):
        return
    raise InvalidOptionError(
        f'Retry(jitter={shown(value)}): must be "full", "decorrelated", None, or a number from 0 '
        "to 1 (the share of the wait that is left to chance)"
    )


def checked_statuses(value: Collection[int] | int) -> frozenset[int]:
    """Return status codes as a set."""
    statuses: Collection[object] = ()
    if isinstance(value, int):
        statuses = (value,)
    elif isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray):
        statuses = value
    else:
        statuses = ("no statuses",)
    found = [int(status) for status in statuses if is_status(status)]
    if len(found) == len(statuses):
        return frozenset(found)
    raise InvalidOptionError(
        f"Retry(statuses={shown(value)}): must be status codes from 200 to 599, such as "
        "{429, 503}"
    )


def is_status(value: object) -> TypeGuard[int]:
    """Tell whether this is the code of a final answer, as an int or an `http.HTTPStatus`."""
    return isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599


def a_function(
    _retry: object, field: _Field, value: Callable[[Outcome], bool | None] | None
) -> None:
    """Refuse what cannot be called, and an `async def`: nobody would wait for what it says."""
    if value is not None and not (callable(value) and is_plain(value)):
        raise InvalidOptionError(
            f"Retry({field.name}={shown(value)}): must be a plain function (`def`) of an Outcome "
            "that returns True, False or None"
        )


def a_budget(_retry: object, field: _Field, value: RetryBudget | None) -> None:
    """Refuse what is no budget, and not None."""
    if value is None:
        return
    from antiphon.policies.retry_budget import RetryBudget

    if not isinstance(value, RetryBudget):
        message = f"Retry({field.name}={shown(value)}): must be a RetryBudget or None"
        raise InvalidOptionError(message)


def _is_number(value: object, minimum: float, maximum: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and is_finite(value)
        and minimum <= value <= maximum
    )
