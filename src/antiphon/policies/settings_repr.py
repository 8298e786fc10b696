"""How policies show themselves: `CircuitBreaker(3, window=10)`, in a form that says what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from attrs import AttrsInstance


def settings_repr(policy: AttrsInstance) -> str:
    """Return the name of the policy with those settings that are not their defaults.

    Functions are shown by their names, for where they are in memory tells nobody anything.
    """
    shown = [
        f"{field.name}={_shown(getattr(policy, field.name))}"
        for field in attrs.fields(type(policy))
        if field.repr and getattr(policy, field.name) != field.default
    ]
    return f"{type(policy).__name__}({', '.join(shown)})"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if value is not None and not isinstance(value, str | int | float):
        return str(getattr(value, "__qualname__", None) or type(value).__name__)
    return repr(value)
