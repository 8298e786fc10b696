"""`Bulkhead`: at most so many calls at once to one peer; a few more may queue up for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import BulkheadFullError
from antiphon.policies.keyed_states import Key, key_function
from antiphon.policies.lines_by_key import LinesByKey
from antiphon.policies.setting_checks import MOST_IN_MEMORY, number, whole_number
from antiphon.policies.settings_repr import settings_repr

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.policies.waiting_line import Permit, Waiter, WaitingLine


@attrs.frozen(eq=False, repr=False)
class Bulkhead:
    """Lets `max_concurrent` calls run at once for each origin; the others queue up, or are refused.

    At most `max_queue` wait (None: any number), first come, first served, for `queue_timeout`
    seconds each (None: as long as their deadline lets them); then they raise `BulkheadFullError`.
    A streamed call runs until its stream is read or closed. `key` is "origin", "all", or a function
    of the request that returns a text.

    One value may serve any number of clients of both voices: all of them queue in one line.
    Raises InvalidOptionError for settings out of range.
    """

    policy_kind: ClassVar[str] = "bulkhead"

    max_concurrent: int = attrs.field(default=10, validator=whole_number(1, most=MOST_IN_MEMORY))
    max_queue: int | None = attrs.field(
        default=None, kw_only=True, validator=whole_number(0, optional=True)
    )
    queue_timeout: float | None = attrs.field(
        default=1.0, kw_only=True, validator=number(0, optional=True)
    )
    key: Key = attrs.field(default="origin", kw_only=True)
    key_of: Callable[[Request], str] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(lambda self: key_function("Bulkhead", self.key), takes_self=True),
    )
    """Returns the key of a request."""
    _lines: LinesByKey = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Here, for what the validators refuse makes no lines.
        object.__setattr__(self, "_lines", LinesByKey(self.max_concurrent, self.max_queue))

    # --- what the pipeline asks ------------------------------------------------------------------

    def enter(self, key: str) -> Permit | None:
        """Take a place, if one is free and nobody waits for it."""
        return self._lines.enter(key)

    def join(self, key: str, waiter: Waiter) -> WaitingLine | None:
        """Wait for a place in the line that is returned; None if too many wait already."""
        return self._lines.join(key, waiter)

    def refusal(self, request: Request, waited: float | None) -> BulkheadFullError:
        """Return the error of a call that waited so many seconds in vain, or was not let wait."""
        why = f"the queue of {self.max_queue} is full" if waited is None else _in_vain(waited)
        return BulkheadFullError(
            f"{request.method} {request.url.redacted} was not sent: {self.max_concurrent} calls "
            f"like it are running, as many as the bulkhead allows, and {why}",
            request=request,
        )

    # --- what users ask --------------------------------------------------------------------------

    def running(self, key: str) -> int:
        """Return how many calls run for a key, such as "https://api.example.com"."""
        return self._lines.running(key)

    def waiting(self, key: str) -> int:
        """Return how many calls wait for a key."""
        return self._lines.waiting(key)

    def __repr__(self) -> str:
        return settings_repr(self)


def _in_vain(waited: float) -> str:
    return f"none ended within {waited:g} s"
