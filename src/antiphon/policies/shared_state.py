"""`SharedState`: where policies decide together with those of other processes and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    import attrs

    from antiphon.policies.circuit import Admission, CircuitState
    from antiphon.policies.circuit_breaker import CircuitBreaker
    from antiphon.policies.retry_budget import RetryBudget


class SharedAdmission(NamedTuple):
    """Whether a call may go, and how the circuit of the fleet then stands."""

    admission: Admission
    state: CircuitState
    retry_after: float


class SharedTurn(NamedTuple):
    """When a call may go: at once, or so many seconds from now."""

    allowed: bool
    """Whether the turn was taken; if not, `delay` is too long for who asked."""
    delay: float


class SharedState(Protocol):
    """Makes the decisions of policies for all who share it; `RedisShared` is one.

    Every method is a decision, made at once for the whole fleet and by one clock. It may block, but
    not for long: the async voice asks in a thread. None means that nobody could be asked, and that
    the policy is to decide by itself; where it is to refuse instead, SharedStateError is raised.
    What shares a state: policies of the same kind with the same settings, and the same key.
    """

    def take_turn(
        self, key: str, *, interval: float, tolerance: float, max_wait: float
    ) -> SharedTurn | None:
        """Take the next turn of a rate limit, if it comes within `max_wait` seconds.

        Turns are `interval` seconds apart, and may come as much earlier as `tolerance` says.
        """
        ...

    def hold_turns(self, key: str, *, interval: float, tolerance: float, delay: float) -> None:
        """Let no turn come within the next `delay` seconds: the server has asked for it."""
        ...

    def admit(self, breaker: CircuitBreaker, key: str) -> SharedAdmission | None:
        """Decide whether a call may go, as `CircuitBreaker.admit` does."""
        ...

    def record(
        self,
        breaker: CircuitBreaker,
        key: str,
        admission: Admission,
        succeeded: bool | None,
    ) -> SharedAdmission | None:
        """Count how a call ended that `admit` let through; say how the circuit then stands."""
        ...

    def spend(self, budget: RetryBudget, deposits: int, withdrawals: int) -> bool | None:
        """Count first attempts, then take out retries if there are so many; say whether so."""
        ...


_METHODS: Final = ("take_turn", "hold_turns", "admit", "record", "spend")


def shared_or_none(policy: object, _field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is neither None nor a `SharedState`; its type is shown, a URL has secrets."""
    if value is None or (
        not isinstance(value, type)
        and all(callable(getattr(value, name, None)) for name in _METHODS)
    ):
        return
    raise InvalidOptionError(
        f"{type(policy).__name__}(shared=...): {type(value).__name__} is refused; give a "
        "RedisShared or another SharedState, or None"
    )
