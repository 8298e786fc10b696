"""`CircuitBreaker`: leaves a peer that fails alone for a while, then tries it with a few calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from antiphon.errors import (
    CircuitOpenError,
    DeadlineExceeded,
    InvalidOptionError,
    LocalProtocolError,
    PolicyError,
    PoolTimeout,
    RequestCancelled,
    TransportError,
)
from antiphon.policies.circuit import Admission, Circuit, CircuitState
from antiphon.policies.flavour import is_plain
from antiphon.policies.keyed_states import Key, KeyedStates, key_function
from antiphon.policies.setting_checks import (
    MOST_IN_MEMORY,
    number,
    plain_function,
    shown,
    whole_number,
)
from antiphon.policies.settings_repr import settings_repr
from antiphon.policies.shared_state import shared_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from antiphon.models.request import Request
    from antiphon.policies.shared_state import SharedAdmission, SharedState

    CircuitListener = Callable[[str, CircuitState, CircuitState], object]

DEFAULT_FAILURE_THRESHOLD: Final = 5

# Our own doing, or that of our own policies: they say nothing about the peer.
_OWN_DOING = (PoolTimeout, LocalProtocolError)
_NEUTRAL = (PolicyError, RequestCancelled)


def is_peer_failure(status: int | None, error: BaseException | None) -> bool:
    """Tell whether a call failed by its peer: a 5xx, or a TransportError other than our own.

    Our own are `PoolTimeout`, `LocalProtocolError`, and a `DeadlineExceeded` before anything was
    sent. A 429 is no failure: the peer is well, and a rate limit is what it asks for.
    """
    if error is None:
        return status is not None and status >= 500
    if not isinstance(error, TransportError) or isinstance(error, _OWN_DOING):
        return False
    return not isinstance(error, DeadlineExceeded) or error.sent == "maybe"


@attrs.frozen
class CircuitSnapshot:
    """How a breaker stands to one peer: `failures` of `calls` in its window, and those in a row.

    `calls` and `failures` are 0 without a `failure_rate`. `retry_after`: seconds until it will be
    half open; `trials`: trial calls that are running.
    """

    state: CircuitState
    failures_in_a_row: int
    calls: int
    failures: int
    trials: int
    retry_after: float


_ALL_WELL = object()


def _listeners(listeners: Iterable[CircuitListener]) -> tuple[CircuitListener, ...]:
    try:
        found = tuple(listeners)
    except TypeError:
        found = ()
        bad: object = listeners
    else:
        wrong = (one for one in found if not callable(one) or not is_plain(one))
        bad = next(wrong, _ALL_WELL)
    if bad is not _ALL_WELL:
        raise InvalidOptionError(
            f"CircuitBreaker(listeners=...): {shown(bad)} is refused; give a list of plain "
            "functions (`def`) that take the key, the old state and the new one"
        )
    return found


@attrs.frozen(eq=False, repr=False)
class CircuitBreaker:
    """Refuses calls with `CircuitOpenError` while their peer fails; one state for each origin.

    Opens after `failure_threshold` failures in a row, or once `failure_rate` (0 to 1) of at least
    `minimum_calls` calls failed in the last `window` seconds, or among the last `window_calls`.
    With a rate the count is off unless it is given too. After `reset_timeout` seconds it is half
    open: `trial_calls` at a time go through, `success_threshold` successes close it, and one
    failure opens it again. `key` is "origin", "all", or a function of the request that returns a
    text; `is_failure(status, error)` says what a failure is, and has to be pure. Each listener is
    called with the key, the old and the new state. With `shared`, such as a RedisShared, it is one
    breaker for all processes.

    One value may serve any number of clients of both voices, which then share what it knows.
    Raises InvalidOptionError for settings out of range.
    """

    policy_kind: ClassVar[str] = "circuit_breaker"

    failure_rate: float | None = attrs.field(
        default=None, kw_only=True, validator=number(0, above=True, most=1, optional=True)
    )
    failure_threshold: int | None = attrs.field(
        default=attrs.Factory(
            lambda self: DEFAULT_FAILURE_THRESHOLD if self.failure_rate is None else None,
            takes_self=True,
        ),
        validator=whole_number(1, optional=True),
    )
    reset_timeout: float = attrs.field(default=30.0, validator=number(0, above=True))
    window: float = attrs.field(default=30.0, kw_only=True, validator=number(0.001))
    window_calls: int | None = attrs.field(
        default=None,
        kw_only=True,
        validator=whole_number(1, most=MOST_IN_MEMORY, optional=True),
    )
    minimum_calls: int = attrs.field(default=20, kw_only=True, validator=whole_number(1))
    trial_calls: int = attrs.field(default=1, kw_only=True, validator=whole_number(1))
    success_threshold: int = attrs.field(default=1, kw_only=True, validator=whole_number(1))
    key: Key = attrs.field(default="origin", kw_only=True)
    is_failure: Callable[[int | None, BaseException | None], bool] = attrs.field(
        default=is_peer_failure, kw_only=True, validator=plain_function
    )
    listeners: tuple[CircuitListener, ...] = attrs.field(
        default=(), kw_only=True, converter=_listeners
    )
    shared: SharedState | None = attrs.field(default=None, kw_only=True, validator=shared_or_none)
    key_of: Callable[[Request], str] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(
            lambda self: key_function("CircuitBreaker", self.key), takes_self=True
        ),
    )
    """Returns the key of a request."""
    _circuits: KeyedStates[Circuit] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(lambda self: KeyedStates(partial(Circuit, self)), takes_self=True),
    )

    def __attrs_post_init__(self) -> None:
        if self.failure_threshold is None and self.failure_rate is None:
            raise InvalidOptionError(
                "CircuitBreaker(failure_threshold=None): this would never open; "
                "give a failure_threshold or a failure_rate"
            )
        if self.window_calls is not None and self.window_calls < self.minimum_calls:
            raise InvalidOptionError(
                f"CircuitBreaker(window_calls={self.window_calls}): there would never be the "
                f"minimum_calls={self.minimum_calls} in it; make it larger, or these fewer"
            )

    # --- what the pipeline asks ------------------------------------------------------------------

    def admit(self, key: str, now: float) -> Admission:
        """Decide whether a call may go; one that may has to be settled, whatever comes of it."""
        circuits = self._circuits
        with circuits.lock:
            circuit = circuits.of(key)
            old = circuit.state
            admission = circuit.admit(now)
            new = circuit.state
        if new is not old:
            try:
                self._tell(key, old, new)
            except BaseException:  # Ctrl-C in a listener; nobody else would give the trial back
                self.record(key, admission, None, now)
                raise
        return admission

    def settle(
        self,
        key: str,
        admission: Admission,
        now: float,
        *,
        status: int | None = None,
        error: BaseException | None = None,
    ) -> None:
        """Take in how the call ended: with the head of an answer, or with `error`.

        Cancellation, and errors that are no failures, count as neither success nor failure. What
        `is_failure` raises is raised here, after the call was counted as neither.
        """
        succeeded: bool | None = None
        try:
            succeeded = self.verdict(status, error)
        finally:
            self.record(key, admission, succeeded, now)

    def verdict(self, status: int | None, error: BaseException | None) -> bool | None:
        """Tell whether a call succeeded; None if it says nothing about its peer."""
        if error is None:
            return not self.is_failure(status, None)
        if isinstance(error, Exception) and not isinstance(error, _NEUTRAL):
            return False if self.is_failure(None, error) else None
        return None

    def record(self, key: str, admission: Admission, succeeded: bool | None, now: float) -> None:
        """Count a call that was let through: None for one that says nothing about its peer."""
        circuits = self._circuits
        with circuits.lock:
            circuit = circuits.of(key)
            old = circuit.state
            circuit.record(admission, succeeded, now)
            new = circuit.state
        if new is not old:
            self._tell(key, old, new)

    def admit_shared(self, key: str, now: float) -> Admission:
        """Decide with the fleet, or alone where it cannot be asked; blocks.

        Raises SharedStateError if the call is to be refused then.
        """
        assert self.shared is not None
        answer = self.shared.admit(self, key)
        if answer is None:
            return self.admit(key, now)
        self._follow(key, answer, now)
        return answer.admission._replace(shared=True)

    def record_shared(
        self, key: str, admission: Admission, succeeded: bool | None, now: float
    ) -> None:
        """Count a call where it was let through, in the fleet or here; blocks."""
        if not admission.shared:
            self.record(key, admission, succeeded, now)
            return
        assert self.shared is not None
        if succeeded is not None or admission.trial:
            answer = self.shared.record(self, key, admission, succeeded)
            if answer is not None:
                self._follow(key, answer, now)

    def _follow(self, key: str, answer: SharedAdmission, now: float) -> None:
        circuits = self._circuits
        with circuits.lock:
            circuit = circuits.of(key)
            old = circuit.state
            circuit.follow(answer.state, answer.retry_after, now)
        if answer.state != old:
            self._tell(key, old, answer.state)

    def refusal(self, request: Request, admission: Admission) -> CircuitOpenError:
        """Return the error of a call that may not go."""
        left = admission.retry_after
        when = f"in {left:.1f} s" if left else "once the trial calls that are running have ended"
        return CircuitOpenError(
            f"{request.method} {request.url.redacted} was not sent: calls like it failed so often "
            f"that the circuit breaker is open; it tries again {when}",
            retry_after=left,
            request=request,
        )

    # --- what users ask --------------------------------------------------------------------------

    def state(self, key: str, now: float | None = None) -> CircuitState:
        """Return "closed", "open" or "half_open" for a key, such as "https://api.example.com".

        With `now`, in seconds of `time.monotonic()`, a circuit whose `reset_timeout` is over is
        half open; without, it is open until the next call finds that out.
        """
        circuit = self._circuits.peek(key)
        return "closed" if circuit is None else circuit.state_at(now)

    def snapshot(self, now: float) -> dict[str, CircuitSnapshot]:
        """Return how things stand by key; `now` is in seconds of `time.monotonic()`."""
        circuits = self._circuits
        with circuits.lock:
            return {key: _snapshot(circuit, now) for key, circuit in circuits.items()}

    def _tell(self, key: str, old: CircuitState, new: CircuitState) -> None:
        """Tell the listeners; no lock is held, so they may ask the breaker or make calls."""
        for listener in self.listeners:
            try:
                listener(key, old, new)
            except Exception:
                import logging

                logging.getLogger("antiphon").exception(
                    "a listener of a circuit breaker failed: %r", listener
                )

    def __repr__(self) -> str:
        return settings_repr(self)


def _snapshot(circuit: Circuit, now: float) -> CircuitSnapshot:
    window = circuit.window
    return CircuitSnapshot(
        circuit.state_at(now),
        circuit.in_a_row,
        0 if window is None else window.calls,
        0 if window is None else window.failures,
        circuit.running,
        circuit.time_left(now),
    )
