"""`Resilience`: several policies as one named value."""

from __future__ import annotations

from typing import Any

from antiphon.errors import InvalidOptionError


class Resilience:
    """Policies that belong together, under a name: `Resilience("payments", Retry(3), breaker)`.

    Goes into `policies=` as if its parts stood there; the pipeline sorts them like all others, so
    their order does not matter. One value may be given to many clients, of both voices: what has
    state, such as a `CircuitBreaker`, shares it among them. May hold another `Resilience`.

    Raises InvalidOptionError for a name that is no text, and for no policies at all.
    """

    __slots__ = ("name", "policies")

    def __init__(self, name: str, *policies: Any) -> None:
        if not isinstance(name, str) or not name:
            raise InvalidOptionError(
                f"Resilience({name!r}, ...): give it a name first, then its policies"
            )
        if not policies:
            raise InvalidOptionError(
                f"Resilience({name!r}): give at least one policy after the name"
            )
        self.name = name
        self.policies: tuple[Any, ...] = policies

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resilience):
            return NotImplemented
        return self.name == other.name and self.policies == other.policies

    def __hash__(self) -> int:
        return hash((self.name, self.policies))

    def __repr__(self) -> str:
        return f"Resilience({', '.join(map(repr, (self.name, *self.policies)))})"
