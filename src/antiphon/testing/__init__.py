"""Tools for testing code that uses antiphon, and antiphon itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.testing.fake_clock import FakeClock

__all__ = ["FakeClock"]


def __getattr__(name: str) -> object:
    if name == "FakeClock":
        from antiphon.testing.fake_clock import FakeClock

        return FakeClock
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
