"""`KeyedStates`: what a policy remembers for each origin, or for each key of the user's."""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

from antiphon.errors import InvalidOptionError
from antiphon.policies.flavour import is_plain
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request

S = TypeVar("S")

MAX_KEYS = 1024
"""How many origins or keys a policy remembers; the one unused for longest is forgotten first."""

# More than one, so that the memory of a time when more were busy is given back.
_LOOKS = 8

Key: TypeAlias = "Literal['origin', 'all'] | Callable[[Request], str]"
"""What shares one state: "origin", "all" for one state in all, or a function of the request."""


def key_function(policy: str, key: object) -> Callable[[Request], str]:
    """Return the function that `key` means. Raises InvalidOptionError, which names `policy`."""
    if key == "origin":
        return _origin
    if key == "all":
        return _all
    if not callable(key) or not is_plain(key):
        raise InvalidOptionError(
            f'{policy}(key={shown(key)}): give "origin", "all", or a plain function (`def`) that '
            "takes a request and returns a text"
        )
    own = cast("Callable[[Request], object]", key)

    def key_of(request: Request) -> str:
        text = own(request)
        if not isinstance(text, str):
            raise InvalidOptionError(
                f"{policy}(key=...) returned {type(text).__name__}; it has to return a text"
            )
        return text

    return key_of


def _origin(request: Request) -> str:
    return str(request.url.origin)


def _all(_request: Request) -> str:
    return "all"


class KeyedStates(Generic[S]):
    """States by key, made when first asked for; at most `MAX_KEYS`, but for those that are `busy`.

    The caller holds `lock` over whatever it does with them, and does no more than decide there. It
    is re-entrant: a signal handler or a finaliser may make a call while the interrupted code has
    it. A forked child starts anew, for what its parent is doing is not its own.
    """

    __slots__ = ("__weakref__", "_busy", "_make", "_states", "lock")

    def __init__(
        self, make: Callable[[], S], busy: Callable[[S], bool] = lambda _state: False
    ) -> None:
        self._make = make
        self._busy = busy
        self._states: OrderedDict[str, S] = OrderedDict()
        self.lock = RLock()
        _all_states.add(self)

    def of(self, key: str) -> S:
        """Return the state of `key`."""
        state = self._states.get(key)
        if state is None:
            self._make_room()
            state = self._states[key] = self._make()
        elif len(self._states) > 1:
            self._states.move_to_end(key)
        return state

    def peek(self, key: str) -> S | None:
        """Return the state of `key` if there is one; it does not count as used."""
        return self._states.get(key)

    def items(self) -> list[tuple[str, S]]:
        """Return every key with its state, the one unused for longest first."""
        return list(self._states.items())

    def _make_room(self) -> None:
        """Forget who was unused for longest; looks at a few, for all of many may be busy."""
        states = self._states
        for _ in range(_LOOKS):
            if len(states) < MAX_KEYS:
                return
            key, state = next(iter(states.items()))
            if self._busy(state):
                states.move_to_end(key)
            else:
                del states[key]

    def _start_over_in_child(self) -> None:  # pragma: no cover - a forked child
        self.lock = RLock()
        self._states = OrderedDict()


_all_states: weakref.WeakSet[KeyedStates[Any]] = weakref.WeakSet()


def _start_over_after_fork() -> None:  # pragma: no cover - a forked child
    for states in list(_all_states):
        states._start_over_in_child()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_start_over_after_fork)
