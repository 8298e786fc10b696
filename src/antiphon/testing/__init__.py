"""Tools for testing code that uses antiphon, and antiphon itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.testing import faults
    from antiphon.testing.fake_clock import FakeClock
    from antiphon.testing.fault_records import ReceivedConnection, ReceivedRequest
    from antiphon.testing.fault_server import FaultServer

__all__ = ["FakeClock", "FaultServer", "ReceivedConnection", "ReceivedRequest", "faults"]

_HOMES = {
    "FakeClock": "fake_clock",
    "FaultServer": "fault_server",
    "ReceivedConnection": "fault_records",
    "ReceivedRequest": "fault_records",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "faults":
        return import_module("antiphon.testing.faults")
    if name in _HOMES:
        return getattr(import_module(f"antiphon.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
