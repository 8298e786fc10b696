# GENERATED from _async/resolver.py by tools/unasync.py. Do not edit.
"""Resolvers of one's own: the protocol, and one that remembers answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.network.thread_lookup import Resolver, lookup
from antiphon.network.clock import now

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CachingResolver", "Resolver"]


class CachingResolver:
    """Asks `resolver`, or the system where that is None, and remembers answers for `ttl` seconds.

    At most `max_entries` of them; failures are not remembered. Serves any number of clients,
    threads and loops at once. Raises InvalidOptionError.
    """

    __slots__ = ("_answers", "_max_entries", "_resolver", "_ttl")

    def __init__(
        self,
        resolver: Resolver | None = None,
        *,
        ttl: float = 60.0,
        max_entries: int = 1000,
    ) -> None:
        if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not ttl > 0:
            raise InvalidOptionError(f"ttl={ttl!r}: expected seconds > 0")
        if isinstance(max_entries, bool) or not isinstance(max_entries, int) or max_entries < 1:
            raise InvalidOptionError(f"max_entries={max_entries!r}: expected a number >= 1")
        self._resolver = resolver
        self._ttl = ttl
        self._max_entries = max_entries
        self._answers: dict[tuple[str, int], tuple[float, tuple[str, ...]]] = {}

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Return the remembered addresses of `host`, or ask for them."""
        answer = self._answers.get((host, port))
        if answer is not None and now() < answer[0]:
            return answer[1]
        if self._resolver is None:
            found = lookup(host, port)
        else:
            found = list(self._resolver.resolve(host, port))
        if found:
            self._remember((host, port), tuple(found))
        return found

    def _remember(self, key: tuple[str, int], addresses: tuple[str, ...]) -> None:
        # Single steps on a dict are atomic, and a lock could be held by nobody after a fork.
        moment = now()
        answers = self._answers
        answers.pop(key, None)
        if len(answers) >= self._max_entries:
            for other, (until, _) in list(answers.items()):
                if until <= moment:
                    answers.pop(other, None)
        for other in list(answers)[: max(0, len(answers) + 1 - self._max_entries)]:
            answers.pop(other, None)  # those that were asked for longest ago
        answers[key] = (moment + self._ttl, addresses)

    def clear(self) -> None:
        """Forget every answer."""
        self._answers.clear()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._answers)} names>"
