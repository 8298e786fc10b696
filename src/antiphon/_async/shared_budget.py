# Source of _sync/shared_budget.py; after editing run: tox -e codegen
"""Paying into the retry budget of a fleet, and taking out of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from antiphon._async.shared_decisions import tell
from antiphon.errors import SharedStateError
from antiphon.network.anyio_blocking import run_blocking
from antiphon.network.outcome import WaitEnded

if TYPE_CHECKING:
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.retry_budget import RetryBudget


async def deposit(budget: RetryBudget, moment: float, call: CallContext) -> None:
    """Count a first attempt; the fleet is told of several at once."""
    budget.deposit(moment)
    if budget.owes(moment):
        await tell(partial(budget.pay_shared, moment), call)


async def withdraw(budget: RetryBudget, moment: float, call: CallContext) -> bool:
    """Take out one retry, and say whether there was one; none where nobody could be asked."""
    options = call.transport_options
    deadline = options.deadline
    try:
        return await run_blocking(
            partial(budget.withdraw_shared, moment),
            None if deadline is None else deadline.at,
            options.cancel,
        )
    except SharedStateError:
        return False
    except WaitEnded:
        # The pause that comes next ends for the same reason, and says so.
        return True
