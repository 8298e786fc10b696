"""What an OAuth2 auth remembers: its token, and whose turn it is to ask for the next."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

from antiphon.policies.waiting_line import WaitingLine

if TYPE_CHECKING:
    from antiphon.errors import AntiphonError
    from antiphon.policies.auth_oauth2_token import OAuth2Token


class TokenState:
    """Read by anybody, written by whoever has the turn; threads and tasks wait in one line for it.

    `round` counts how often somebody asked, and `failure` is what came of the last time: those who
    waited meanwhile get the same, for asking again at once would only be told the same. `refused`
    is a token that a server said no to, and that nobody has replaced yet.
    """

    __slots__ = ("__weakref__", "failure", "line", "refused", "round", "token")

    def __init__(self, token: OAuth2Token | None) -> None:
        self.token = token
        self.line = WaitingLine(1)
        self.round = 0
        self.failure: AntiphonError | None = None
        self.refused: OAuth2Token | None = None
        _states.add(self)

    def keep(self, token: OAuth2Token) -> None:
        """Note a success."""
        self.token = token
        self.failure = None
        self.round += 1

    def fail(self, failure: AntiphonError) -> None:
        """Note a failure."""
        self.failure = failure
        self.round += 1


_states: weakref.WeakSet[TokenState] = weakref.WeakSet()


def _start_over_after_fork() -> None:  # pragma: no cover - a forked child
    for state in list(_states):
        # Who had the turn is the parent's.
        state.line.reset()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_start_over_after_fork)
