"""Which step stands where: the stages, and the order of antiphon's own policies within a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeAlias

from antiphon.errors import InvalidOptionError
from antiphon.policies.resilience import Resilience
from antiphon.policies.retry import Retry
from antiphon.policies.stages import stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.policies.interceptors import Interceptor


class _OfAKind(Protocol):
    """A policy of antiphon's: settings and decisions; the pipeline has a step for each kind."""

    policy_kind: ClassVar[str]


BuiltInPolicy: TypeAlias = "_OfAKind | Interceptor | Resilience"
"""What antiphon knows in `policies=`, beside policies of one's own."""


class Step(NamedTuple):
    """One step of a pipeline. `policy` is None for what every pipeline has; `kind` says which."""

    stage: str
    kind: str
    policy: object = None


OWN = "own"
"""The kind of every policy that is not antiphon's: it says its stage itself."""

INTERCEPTOR_METHODS = ("intercept_request", "intercept_response", "intercept_error")
"""An object with one of these methods is an interceptor, whatever its class."""

# From the outside in. Kinds in _ALWAYS are part of every pipeline, the others where asked for.
_ORDER = (
    ("operation", "tracing"),
    ("operation", "logging"),
    ("operation", "fallback"),
    ("operation", "interceptors"),
    ("operation", "status_errors"),
    ("operation", "request_id"),
    ("operation", "idempotency_key"),
    ("operation", OWN),
    ("redirect", "redirects"),
    ("redirect", OWN),
    ("cookies", "cookies"),
    ("cookies", OWN),
    ("auth", "authentication"),
    ("auth", "https_only"),
    ("auth", "allowed_hosts"),
    ("auth", OWN),
    ("cache", "cache"),
    ("cache", OWN),
    ("retry", "attempts"),
    ("retry", OWN),
    ("attempt", "hedge"),
    ("attempt", "circuit_breaker"),
    ("attempt", "rate_limit"),
    ("attempt", "adaptive_concurrency"),
    ("attempt", "bulkhead"),
    ("attempt", "deadline_header"),
    # What is inside of these is one request on the wire: neither a wait nor a refusal of our own.
    ("attempt", "tracing"),
    ("attempt", "metrics"),
    ("attempt", "request_id"),
    ("attempt", OWN),
    ("attempt", "loading"),
    ("wire", "cache"),
    ("wire", OWN),
    ("wire", "transport"),
)
_ALWAYS = frozenset(
    {"status_errors", "redirects", "cookies", "authentication", "attempts", "loading", "transport"}
)
_KINDS = frozenset(kind for _, kind in _ORDER) - _ALWAYS - {OWN}

# A stage that takes one policy, whoever wrote it, and what two of them would do to each other.
ONE_POLICY_STAGES = {
    "cache": "the outer one would keep what the inner one answered, and neither could validate it",
    "retry": "each would repeat the attempts of the other, so that their numbers multiply",
}
# Kinds of which a pipeline takes one, though others may stand beside it.
ONE_OF_A_KIND = {
    "hedge": "each copy would be copied again",
    "idempotency_key": "a call has one key",
    "request_id": "a call has one id",
    "https_only": "one is enough",
    "adaptive_concurrency": "each would measure the other's queue",
    "deadline_header": "a request has one deadline",
}


def kind_of(policy: object) -> str:
    """Return the kind of `policy`: what its class says in `policy_kind`, or "own".

    An object without it that has one of the methods of an interceptor is one.
    """
    kind = getattr(policy, "policy_kind", None)
    if isinstance(kind, str) and kind in _KINDS | {"retry"}:
        return kind
    return "interceptors" if any(hasattr(policy, name) for name in INTERCEPTOR_METHODS) else OWN


def unfolded(policies: Iterable[object]) -> list[object]:
    """Return `policies` with each `Resilience` replaced by what it is made of.

    Raises InvalidOptionError for a class in the place of its instance.
    """
    flat: list[object] = []
    for policy in policies:
        if isinstance(policy, type):  # its settings would be those of nobody
            raise InvalidOptionError(f"policies: {policy!r} is a class; give an instance of it")
        if isinstance(policy, Resilience):
            flat += unfolded(policy.policies)
        else:
            flat.append(policy)
    return flat


def retry_among(policies: Iterable[object]) -> Retry | None:
    """Return the `Retry` in the list, None without one. Raises InvalidOptionError for two."""
    found = [policy for policy in policies if isinstance(policy, Retry)]
    if len(found) > 1:
        raise _two("retry", found[0], found[1])
    return found[0] if found else None


def arrange(policies: Iterable[object]) -> list[Step]:
    """Return the steps of a pipeline with these policies, the outermost first.

    The list may be in any order; policies of one place keep theirs. Raises InvalidOptionError for
    an unknown stage and for a second policy where there is room for one.
    """
    places: dict[tuple[str, str], list[object]] = {place: [] for place in _ORDER}
    for policy in policies:
        kind = kind_of(policy)
        if kind == "retry":
            kept = places["retry", "attempts"]
            kept.append(policy)
        elif kind == OWN:
            places[stage_of(policy), OWN].append(policy)
        else:
            for stage, place in _ORDER:
                if place == kind:
                    places[stage, place].append(policy)
    _check_room(places)
    steps: list[Step] = []
    for stage, kind in _ORDER:
        if kind in _ALWAYS:
            steps.append(Step(stage, kind))
        else:
            steps += [Step(stage, kind, policy) for policy in places[stage, kind]]
    return steps


def _check_room(places: dict[tuple[str, str], list[object]]) -> None:
    for stage in ONE_POLICY_STAGES:
        inside = [
            policy for place, found in places.items() if place[0] == stage for policy in found
        ]
        if len(inside) > 1:
            raise _two(stage, inside[0], inside[1])
    for (_, kind), found in places.items():
        if kind in ONE_OF_A_KIND and len(found) > 1:
            name = type(found[0]).__name__
            raise InvalidOptionError(
                f"policies: there are two of {name}; give one, for {ONE_OF_A_KIND[kind]}"
            )


def _two(stage: str, first: object, second: object) -> InvalidOptionError:
    return InvalidOptionError(
        f"policies: {first!r} and {second!r} are both of the stage {stage!r}, which takes one; "
        f"{ONE_POLICY_STAGES[stage]}"
    )


def describe(steps: Iterable[Step]) -> str:
    """Return the steps as lines for people, the outermost first: stage, then policy or step."""
    lines = []
    before = ""
    for stage, kind, policy in steps:
        shown = kind.replace("_", " ") if policy is None else repr(policy)
        lines.append(f"{'' if stage == before else stage:<10} {shown}")
        before = stage
    return "\n".join(lines)
