# GENERATED from _async/steps/shared_rate_limit.py by tools/unasync.py. Do not edit.
"""Has attempts wait for their turn in the `RateLimit` of a whole fleet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from antiphon._sync.shared_decisions import ask, tell_in_passing
from antiphon._sync.steps.rate_limit import RateLimitStep
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.rate_limit import Reservation


class SharedRateLimitStep(RateLimitStep):
    """The local step, but that turns are the fleet's, and that it hears of a peer without room."""

    __slots__ = ()

    def _reserve(
        self, key: str, moment: float, request: Request, call: CallContext
    ) -> Reservation:
        reserve = partial(self._limit.reserve_shared, key, moment, call.remaining(moment))
        return ask(reserve, request, call)

    def _learn(self, key: str, headers: Headers | None) -> None:
        super()._learn(key, headers)
        tell_in_passing(partial(self._limit.hold_shared, key, now()))
