"""Checks of the settings of policies; what is refused is named with what would be right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from antiphon.errors import InvalidOptionError
from antiphon.policies.flavour import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs

    Check = Callable[[object, "attrs.Attribute[Any]", object], None]


_SHOWN = 60
"""How many characters of a refused value are shown."""

# No counter comes as far; what is larger is a slip, or is no longer exact as a float.
_MOST = 2**53

MOST_IN_MEMORY = 1_000_000
"""The most of what takes memory by its number: places, remembered calls."""


def whole_number(least: int, *, most: int = _MOST, optional: bool = False) -> Check:
    """Return a validator for whole numbers from `least`, and for None if that is `optional`."""

    def check(policy: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is None and optional:
            return
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            right = f"a whole number from {least}"
            # The usual limit goes without saying, but for those who are beyond it.
            if most < _MOST or (isinstance(value, int) and value > most):
                right += f" to {most}"
            raise _refused(policy, field, value, right, optional=optional)

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
            or not is_finite(value)
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


def plain_function(policy: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what cannot be called, and an `async def` or a generator: nobody would wait for it."""
    if not callable(value) or not is_plain(value):
        raise _refused(policy, field, value, "a plain function (`def`)", optional=False)


def texts(values: object) -> tuple[str, ...] | None:
    """Return a list of texts as a tuple, None if it is something else, such as one text."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return None
    found = tuple(values)
    return found if all(isinstance(value, str) for value in found) else None


def shown(value: object) -> str:
    """Return what a refused value looks like, in a few characters."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a number too long to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def is_finite(value: float) -> bool:
    """Tell whether a number is one, and none that is beyond all floats."""
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float is as large as
        return False


def _refused(
    policy: object, field: attrs.Attribute[Any], value: object, right: str, *, optional: bool
) -> InvalidOptionError:
    name = type(policy).__name__
    none = " or None" if optional else ""
    return InvalidOptionError(f"{name}({field.name}={shown(value)}): give {right}{none}")
