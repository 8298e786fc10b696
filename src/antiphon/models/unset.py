"""The sentinel for "not given", where None means something else."""

from __future__ import annotations

import enum
from typing import Final, Literal


class Unset(enum.Enum):
    """An enum of one member, so that type checkers can narrow it and pickles keep its identity."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "<DEFAULT>"

    __str__ = __repr__


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""The default of a parameter whose None means something else than "not given"."""
