"""What a function of a guest returned, in a thread: none of them can be waited for."""

from __future__ import annotations

from typing import Any


def check_function(function: object) -> None:
    """Raise WrongFlavourError for what shows that only an event loop can finish it."""
    from antiphon.errors import WrongFlavourError
    from antiphon.policies.flavour import is_plain

    if not is_plain(function):
        name = getattr(function, "__name__", type(function).__name__)
        raise WrongFlavourError(
            f"{name} is async, which only AsyncClient can wait for; write it without `async`"
        )


def result_of(returned: Any) -> Any:
    """Return what a call gave. Raises WrongFlavourError for what only an event loop can finish.

    Functions are checked when the client is made; this is for those that hid what they are.
    """
    if hasattr(returned, "__await__"):
        from antiphon.errors import WrongFlavourError

        close = getattr(returned, "close", None)
        if close is not None:
            close()
        raise WrongFlavourError(
            f"{type(returned).__name__} was returned, which only AsyncClient can wait for; "
            "write the function without `async`"
        )
    return returned
