"""Calls that block, without an event loop: they block their caller's thread, as its others do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.cancel import CancelToken

T = TypeVar("T")


def run_blocking(
    function: Callable[[], T],
    deadline: float | None = None,  # noqa: ARG001 - the other voice leaves the call to a thread then
    cancel: CancelToken | None = None,  # noqa: ARG001
) -> T:
    """Return what the function returns, or raise what it raises; it runs here and now.

    Nothing can interrupt it: a function that could wait for long brings a timeout of its own.
    """
    return function()


def leave_blocking(function: Callable[[], object]) -> None:
    """Run the function here and now; what it returns or raises is lost."""
    try:
        function()
    except Exception:  # noqa: BLE001, S110 - nobody is there to hear of it
        pass
