"""The deadline of the block of code that a call is made in, if it is in one."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.deadline import Deadline

AMBIENT_DEADLINE: ContextVar[Deadline | None] = ContextVar("antiphon.deadline", default=None)
"""Set by `with antiphon.deadline(...):`; tasks that are started in the block inherit it."""
