"""`RedisShared`: policies of many processes and machines that decide as one, by Redis."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, cast

from antiphon.errors import InvalidOptionError, SharedStateError
from antiphon.integrations.redis_connection import (
    DEFAULT_COOL_DOWN,
    DEFAULT_TIMEOUT,
    RedisClient,
    RedisConnection,
    RedisUnavailable,
    check_namespace,
)
from antiphon.integrations.redis_scripts import ADMIT, HOLD_TURNS, RECORD, SPEND, TAKE_TURN
from antiphon.policies.circuit import Admission
from antiphon.policies.shared_state import SharedAdmission, SharedTurn

if TYPE_CHECKING:
    from antiphon.integrations.redis_connection import Script
    from antiphon.policies.circuit import CircuitState
    from antiphon.policies.circuit_breaker import CircuitBreaker
    from antiphon.policies.retry_budget import RetryBudget

__all__ = ["RedisClient", "RedisShared"]

_MICRO: Final = 1_000_000
# By their numbers in the scripts, which count from 1.
_STATES: Final[tuple[CircuitState, ...]] = ("closed", "closed", "open", "half_open")
# A circuit that nobody calls is forgotten after an hour, or after twice what it may be open for.
_LEAST_LIFETIME: Final = 3600.0
# No turn is further away, and no delay longer: the numbers of a script are doubles.
_LONGEST_WAIT: Final = 1e9
# Keys that are longer are shown by their digest.
_LONGEST_KEY: Final = 200


class RedisShared:
    """Breakers, rate limits and retry budgets that all processes with the same Redis share.

    Give it to `CircuitBreaker`, `RateLimit` and `RetryBudget` as `shared=`. What has the same
    `namespace`, settings and key is one. A decision is one round trip: a script, atomic, by the
    clock of the server. While Redis cannot be asked each process decides by itself, or refuses with
    SharedStateError if not `fail_open`; it is asked again after `cool_down` seconds, and no step of
    an exchange may take longer than `timeout` seconds.

    `url_or_client` is a URL (`redis://`, `rediss://`, `unix://`) or a client of redis-py's sync
    API with timeouts of your own. Serves clients of both voices, in all threads and event loops;
    the async voice asks in threads, on asyncio and trio alike. Needs Redis 5 or later, or Valkey.
    Raises MissingExtraError without the extra `redis`, InvalidOptionError for bad settings.
    """

    __slots__ = ("_connection", "_fail_open", "_namespace")

    def __init__(
        self,
        url_or_client: str | RedisClient,
        *,
        namespace: str = "antiphon",
        fail_open: bool = True,
        timeout: float = DEFAULT_TIMEOUT,
        cool_down: float = DEFAULT_COOL_DOWN,
    ) -> None:
        check_namespace(namespace)
        if not isinstance(fail_open, bool):
            raise InvalidOptionError(f"fail_open={fail_open!r}: give True or False")
        self._connection = RedisConnection(url_or_client, timeout, cool_down)
        self._namespace = namespace
        self._fail_open = fail_open

    def __repr__(self) -> str:
        return (
            f"<RedisShared {self._connection.name} namespace={self._namespace!r} "
            f"fail_open={self._fail_open}>"
        )

    def close(self) -> None:
        """Close the connections; policies that ask again open others."""
        self._connection.close()

    # --- rate limits -----------------------------------------------------------------------------

    def take_turn(
        self, key: str, *, interval: float, tolerance: float, max_wait: float
    ) -> SharedTurn | None:
        """Take the next turn of a rate limit, if it comes within `max_wait` seconds."""
        answer = self._decide(
            TAKE_TURN,
            self._key("rate", f"{interval:.9g}/{tolerance:.9g}", key),
            interval * _MICRO,
            tolerance * _MICRO,
            min(max_wait, _LONGEST_WAIT) * _MICRO,
        )
        return None if answer is None else SharedTurn(bool(answer[0]), answer[1] / _MICRO)

    def hold_turns(self, key: str, *, interval: float, tolerance: float, delay: float) -> None:
        """Let no turn come within the next `delay` seconds: the server has asked for it."""
        self._note(
            HOLD_TURNS,
            self._key("rate", f"{interval:.9g}/{tolerance:.9g}", key),
            interval * _MICRO,
            tolerance * _MICRO,
            min(delay, _LONGEST_WAIT) * _MICRO,
        )

    # --- breakers --------------------------------------------------------------------------------

    def admit(self, breaker: CircuitBreaker, key: str) -> SharedAdmission | None:
        """Decide whether a call may go, as `CircuitBreaker.admit` does."""
        answer = self._decide(
            ADMIT,
            self._circuit_key(breaker, key),
            breaker.trial_calls,
            breaker.reset_timeout * _MICRO,
            _lifetime(breaker),
        )
        return None if answer is None else _admission(answer)

    def record(
        self,
        breaker: CircuitBreaker,
        key: str,
        admission: Admission,
        succeeded: bool | None,
    ) -> SharedAdmission | None:
        """Count how a call ended that `admit` let through; say how the circuit then stands.

        None also where Redis cannot be asked although calls are to be refused then: this one is
        over.
        """
        answer = self._note(
            RECORD,
            self._circuit_key(breaker, key),
            admission.generation,
            int(admission.trial),
            -1 if succeeded is None else int(succeeded),
            breaker.reset_timeout * _MICRO,
            _or_minus_one(breaker.failure_threshold),
            _or_minus_one(breaker.failure_rate),
            breaker.minimum_calls,
            breaker.window * _MICRO,
            _or_minus_one(breaker.window_calls),
            breaker.success_threshold,
            _lifetime(breaker),
        )
        return None if answer is None else _admission(answer)

    def _circuit_key(self, breaker: CircuitBreaker, key: str) -> str:
        settings = (
            breaker.failure_threshold,
            breaker.failure_rate,
            breaker.reset_timeout,
            breaker.window,
            breaker.window_calls,
            breaker.minimum_calls,
            breaker.trial_calls,
            breaker.success_threshold,
        )
        return self._key("circuit", _digest(repr(settings))[:8], key)

    # --- retry budgets ---------------------------------------------------------------------------

    def spend(self, budget: RetryBudget, deposits: int, withdrawals: int) -> bool | None:
        """Count first attempts, then take out retries if there are so many; say whether so."""
        settings = f"{budget.share:g}/{budget.min_per_second:g}/{budget.ttl:g}"
        ask = self._decide if withdrawals else self._note
        answer = ask(
            SPEND,
            self._key("budget", settings),
            budget.share,
            budget.min_per_second * budget.ttl,
            budget.ttl / 10 * _MICRO,
            deposits,
            withdrawals,
        )
        return None if answer is None else bool(answer[0])

    # --- asking ----------------------------------------------------------------------------------

    def _key(self, *parts: str) -> str:
        shown = [part if len(part) <= _LONGEST_KEY else _digest(part) for part in parts]
        return ":".join((self._namespace, *shown))

    def _decide(self, script: Script, key: str, *arguments: float) -> list[int] | None:
        """Run a script that decides. Raises SharedStateError if that is how it is to fail."""
        try:
            return self._run(script, key, *arguments)
        except RedisUnavailable as error:
            if self._fail_open:
                return None
            raise SharedStateError(
                f"the call was not sent: {error}, and its policy is told to refuse calls then "
                "(fail_open=False)"
            ) from error.__cause__

    def _note(self, script: Script, key: str, *arguments: float) -> list[int] | None:
        """Run a script that only takes something down; None if Redis cannot be asked."""
        try:
            return self._run(script, key, *arguments)
        except RedisUnavailable:
            return None

    def _run(self, script: Script, key: str, *arguments: float) -> list[int]:
        answer = self._connection.run(script, key, *arguments)
        return cast("list[int]", answer if isinstance(answer, list) else [answer])


def _admission(answer: list[int]) -> SharedAdmission:
    allowed, generation, trial, left, state = answer
    seconds = left / _MICRO
    return SharedAdmission(
        Admission(bool(allowed), generation, bool(trial), seconds), _STATES[state], seconds
    )


def _lifetime(breaker: CircuitBreaker) -> int:
    seconds = max(_LEAST_LIFETIME, 2 * breaker.reset_timeout, 2 * breaker.window)
    return int(seconds * 1000)


def _or_minus_one(value: float | None) -> float:
    return -1 if value is None else value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
