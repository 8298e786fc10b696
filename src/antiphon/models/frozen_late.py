"""Frozen values that are filled in quickly, for those that every call makes.

To fill in a frozen object costs a call for each field, which is most of the time that it takes to
make one. Here the fields are those of a base class that is not frozen; once they are filled in, the
object becomes one of the frozen class, which adds no fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    # To those who check types, nobody may change the fields, before or after.
    from attrs import frozen as filled_in
else:
    from attrs import define as filled_in

__all__ = ["filled_in", "freeze"]


def freeze(fields: Any, cls: type[T]) -> T:
    """Return `fields` itself as an object of `cls`, a subclass of its class without fields."""
    fields.__class__ = cls
    frozen: T = fields
    return frozen
