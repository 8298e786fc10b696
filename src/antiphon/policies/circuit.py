"""`Circuit`: what a breaker knows about one peer, and when that opens and closes it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from antiphon.policies.circuit_breaker import CircuitBreaker

CircuitState: TypeAlias = Literal["closed", "open", "half_open"]
"""Whether calls pass, are refused, or pass a few at a time to see whether the peer is back."""

# As Hystrix does: precise enough, and the memory does not depend on the number of calls.
_BUCKETS = 10


class Admission(NamedTuple):
    """Whether a call may go, and as what; `Circuit.record` wants it back.

    `retry_after`: seconds until a trial call will be let through, 0.0 if that depends on those that
    are running.
    """

    allowed: bool
    generation: int = 0
    trial: bool = False
    retry_after: float = 0.0
    shared: bool = False
    """Whether it was decided for a fleet, which then wants to know how the call ended."""


class FailureWindow(Protocol):
    """How many of the latest calls failed."""

    calls: int
    failures: int

    def add(self, failed: bool, now: float) -> None:
        """Count a call that has just ended."""
        ...


class LatestCalls:
    """The last so many calls."""

    __slots__ = ("_outcomes", "calls", "failures")

    def __init__(self, size: int) -> None:
        self._outcomes: deque[bool] = deque(maxlen=size)
        self.calls = 0
        self.failures = 0

    def add(self, failed: bool, now: float) -> None:  # noqa: ARG002 - these do not age
        """Count a call that has just ended; the oldest gives way."""
        if len(self._outcomes) == self._outcomes.maxlen:
            self.failures -= self._outcomes[0]
        self._outcomes.append(failed)
        self.failures += failed
        self.calls = len(self._outcomes)


class LatestSeconds:
    """The calls of the last so many seconds, in ten buckets: one drops out at a time."""

    __slots__ = ("_buckets", "_width", "calls", "failures")

    def __init__(self, seconds: float) -> None:
        self._width = seconds / _BUCKETS
        # Number of the bucket since the clock began, calls, failures.
        self._buckets: deque[list[int]] = deque()
        self.calls = 0
        self.failures = 0

    def add(self, failed: bool, now: float) -> None:
        """Count a call that has just ended, and forget those that are too old."""
        number = int(now // self._width)
        buckets = self._buckets
        while buckets and buckets[0][0] <= number - _BUCKETS:
            _, calls, failures = buckets.popleft()
            self.calls -= calls
            self.failures -= failures
        # Threads may come a little late, with a `now` that another has overtaken.
        if not buckets or buckets[-1][0] < number:
            buckets.append([number, 0, 0])
        buckets[-1][1] += 1
        buckets[-1][2] += failed
        self.calls += 1
        self.failures += failed


class Circuit:
    """The state of a breaker towards one peer; the breaker's lock is held over every method."""

    __slots__ = (
        "_passing",
        "generation",
        "in_a_row",
        "opened_at",
        "running",
        "settings",
        "state",
        "succeeded",
        "window",
    )

    def __init__(self, settings: CircuitBreaker) -> None:
        self.settings = settings
        self.generation = 0
        self._enter("closed")
        self.opened_at = 0.0

    def _enter(self, state: CircuitState) -> None:
        """Begin a state; what was begun in another one no longer counts when it ends."""
        settings = self.settings
        self.state: CircuitState = state
        self.generation += 1
        self._passing = Admission(True, self.generation)
        self.in_a_row = 0
        self.running = 0
        self.succeeded = 0
        self.window: FailureWindow | None = None
        if settings.failure_rate is not None:
            calls = settings.window_calls
            self.window = LatestSeconds(settings.window) if calls is None else LatestCalls(calls)

    def follow(self, state: CircuitState, retry_after: float, now: float) -> None:
        """Be as the circuit of the fleet is; from then on this one can decide by itself too."""
        if state != self.state:
            self._enter(state)
        if state == "open":
            self.opened_at = now + retry_after - self.settings.reset_timeout

    def time_left(self, now: float) -> float:
        """Return the seconds until the circuit is half open, 0.0 if it is not open."""
        if self.state != "open":
            return 0.0
        return max(0.0, self.opened_at + self.settings.reset_timeout - now)

    def state_at(self, now: float | None) -> CircuitState:
        """Return what a call would find at `now`: open circuits turn half open by time."""
        if now is not None and self.state == "open" and self.time_left(now) == 0.0:
            return "half_open"
        return self.state

    def admit(self, now: float) -> Admission:
        """Decide whether a call may go."""
        if self.state == "closed":
            return self._passing
        if self.state == "open":
            left = self.time_left(now)
            if left > 0.0:
                return Admission(False, retry_after=left)
            self._enter("half_open")
        if self.running >= self.settings.trial_calls:
            return Admission(False)
        self.running += 1
        return Admission(True, self.generation, trial=True)

    def record(self, admission: Admission, succeeded: bool | None, now: float) -> None:
        """Take in how a call that was let through ended; None says nothing about the peer."""
        if admission.generation != self.generation:
            return
        if admission.trial:
            self.running -= 1
        if succeeded is None:
            return
        if self.window is not None:
            self.window.add(not succeeded, now)
        self.in_a_row = 0 if succeeded else self.in_a_row + 1
        if admission.trial and succeeded:
            self.succeeded += 1
            if self.succeeded >= self.settings.success_threshold:
                self._enter("closed")
        elif admission.trial or self._too_many():
            self.opened_at = now
            self._enter("open")

    def _too_many(self) -> bool:
        settings = self.settings
        if settings.failure_threshold is not None and self.in_a_row >= settings.failure_threshold:
            return True
        window = self.window
        return (
            window is not None
            and settings.failure_rate is not None
            and window.calls >= settings.minimum_calls
            and window.failures >= settings.failure_rate * window.calls
        )
