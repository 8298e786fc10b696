"""What a function of a guest returned, in a task: some of them are `async def`."""

from __future__ import annotations

from typing import Any


def check_function(function: object) -> None:
    """Functions of either kind will do."""


async def result_of(returned: Any) -> Any:
    """Return what a call gave, waited for where it has to be."""
    return await returned if hasattr(returned, "__await__") else returned
