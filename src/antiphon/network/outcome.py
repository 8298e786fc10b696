"""How a wait ended."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Outcome(Enum):
    """How a wait ended: what was waited for came, the time ran out, or somebody cancelled it."""

    READY = "ready"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"


# Module-level names, because looking a member up on an Enum class costs more than a global does,
# and every request passes here several times.
READY: Final = Outcome.READY
TIMED_OUT: Final = Outcome.TIMED_OUT
CANCELLED: Final = Outcome.CANCELLED


class WaitEnded(Exception):
    """A wait inside of a longer step ended without what was waited for; `outcome` says how.

    Never seen by users: the engine turns it into the named timeout or `RequestCancelled`.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
