# Source of _sync/steps/shared_rate_limit.py; after editing run: tox -e codegen
"""Has attempts wait for their turn in the `RateLimit` of a whole fleet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from antiphon._async.shared_decisions import ask, tell_in_passing
from antiphon._async.steps.rate_limit import AsyncRateLimitStep
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.rate_limit import Reservation


class AsyncSharedRateLimitStep(AsyncRateLimitStep):
    """The local step, but that turns are the fleet's, and that it hears of a peer without room."""

    __slots__ = ()

    async def _reserve(
        self, key: str, moment: float, request: Request, call: CallContext
    ) -> Reservation:
        reserve = partial(self._limit.reserve_shared, key, moment, call.remaining(moment))
        return await ask(reserve, request, call)

    def _learn(self, key: str, headers: Headers | None) -> None:
        super()._learn(key, headers)
        tell_in_passing(partial(self._limit.hold_shared, key, now()))
