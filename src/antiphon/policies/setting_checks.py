"""Checks of the settings of policies; what is refused is named with what would be right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs

    Check = Callable[[object, "attrs.Attribute[Any]", object], None]


def whole_number(least: int, *, optional: bool = False) -> Check:
    """Return a validator for whole numbers from `least`, and for None if that is `optional`."""

    def check(policy: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is None and optional:
            return
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _refused(policy, field, value, f"a whole number from {least}", optional=optional)

    return check


def number(
    least: float, *, above: bool = False, most: float = math.inf, optional: bool = False
) -> Check:
    """Return a validator for finite numbers from `least`, or `above` it, up to `most`."""

    def check(policy: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is None and optional:
            return
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or not least <= value <= most
            or (above and value == least)
        ):
            right = f"a number {'above' if above else 'from'} {least:g}"
            if most < math.inf:
                right += f" up to {most:g}"
            raise _refused(policy, field, value, right, optional=optional)

    return check


def one_of(*words: str) -> Check:
    """Return a validator for words of a list."""

    def check(policy: object, field: attrs.Attribute[Any], value: object) -> None:
        if value not in words:
            right = f"one of {', '.join(map(repr, words))}"
            raise _refused(policy, field, value, right, optional=False)

    return check


def flag(policy: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise _refused(policy, field, value, "True or False", optional=False)


def function(policy: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise _refused(policy, field, value, "a function", optional=False)


def _refused(
    policy: object, field: attrs.Attribute[Any], value: object, right: str, *, optional: bool
) -> InvalidOptionError:
    name = type(policy).__name__
    none = " or None" if optional else ""
    return InvalidOptionError(f"{name}({field.name}={value!r}): give {right}{none}")
