"""Where policies stand in the pipeline, and which cannot stand together."""

from __future__ import annotations

from typing import ClassVar

import pytest

from antiphon import Client
from antiphon.errors import InvalidOptionError
from antiphon.policies.call_options import CallOptions
from antiphon.policies.logging import Logging
from antiphon.policies.pipeline import Pipeline
from antiphon.policies.pipeline_order import (
    ONE_OF_A_KIND,
    ONE_POLICY_STAGES,
    Step,
    arrange,
    kind_of,
    unfolded,
)
from antiphon.policies.resilience import Resilience
from antiphon.policies.retry import Retry
from antiphon.policies.stages import STAGES

ALWAYS = [
    ("operation", "status_errors"),
    ("redirect", "redirects"),
    ("cookies", "cookies"),
    ("auth", "authentication"),
    ("retry", "attempts"),
    ("attempt", "loading"),
    ("wire", "transport"),
]


class Own:
    """A policy of a user's."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def __repr__(self) -> str:
        return f"Own({self.stage!r})"


def of_kind(kind: str) -> object:
    """Return a policy of a kind of ours, without anything that it would do."""

    class OfKind:
        policy_kind: ClassVar[str] = kind

        def __repr__(self) -> str:
            return f"<{kind}>"

    return OfKind()


def places(steps: list[Step]) -> list[tuple[str, str]]:
    return [(step.stage, step.kind) for step in steps]


def test_a_pipeline_without_policies() -> None:
    """Every pipeline has the steps that no client can do without, in the order of the stages."""
    assert ALWAYS == places(arrange([]))


@pytest.mark.parametrize("stage", STAGES)
def test_own_policies_stand_in_their_stage(stage: str) -> None:
    """A policy of one's own stands in the stage that it names, inside of what is built in there."""
    steps = arrange([Own(stage)])

    assert [(stage, "own")] == [place for place in places(steps) if place[1] == "own"]
    order = [STAGES.index(step.stage) for step in steps]
    assert sorted(order) == order


def test_the_order_of_the_list_does_not_matter() -> None:
    """Our own policies have their places, whatever the list says."""
    kinds = ["bulkhead", "hedge", "fallback", "logging", "circuit_breaker", "rate_limit"]

    steps = [step.kind for step in arrange(map(of_kind, kinds)) if step.policy is not None]

    assert ["logging", "fallback", "hedge", "circuit_breaker", "rate_limit", "bulkhead"] == steps


def test_one_place_keeps_the_order_of_the_list() -> None:
    """Several policies of one place stand as they are listed, the first outermost."""
    first, second = of_kind("circuit_breaker"), of_kind("circuit_breaker")

    assert [second, first] == [s.policy for s in arrange([second, first]) if s.policy is not None]


def test_a_policy_may_have_several_places() -> None:
    """Tracing stands around the call and around each request on the wire."""
    steps = [step for step in arrange([of_kind("tracing")]) if step.kind == "tracing"]

    assert ["operation", "attempt"] == [step.stage for step in steps]


@pytest.mark.parametrize("stage", ONE_POLICY_STAGES)
def test_one_policy_stages(stage: str) -> None:
    """A second policy in a stage that takes one is refused, and told why."""
    with pytest.raises(InvalidOptionError) as caught:
        arrange([Own(stage), Own(stage)])

    assert ONE_POLICY_STAGES[stage] in str(caught.value)
    assert f"Own({stage!r}) and Own({stage!r})" in str(caught.value)


@pytest.mark.parametrize(
    "beside", [[of_kind("cache"), Own("cache")], [Retry(), Own("retry")], [Retry(2), Retry(3)]]
)
def test_ours_take_that_one_place_too(beside: list[object]) -> None:
    """A policy of one's own does not stand beside a `Cache` or a `Retry` either."""
    with pytest.raises(InvalidOptionError, match="which takes one"):
        arrange(beside)


@pytest.mark.parametrize("kind", ONE_OF_A_KIND)
def test_one_of_a_kind(kind: str) -> None:
    """Two policies that would work against each other are refused."""
    with pytest.raises(InvalidOptionError, match=ONE_OF_A_KIND[kind]):
        arrange([of_kind(kind), of_kind(kind)])


def test_a_policy_kind_of_ones_own_means_nothing() -> None:
    """An attribute that happens to be called `policy_kind` does not make a policy ours."""
    assert "own" == kind_of(of_kind("payments"))
    assert "own" == kind_of(of_kind("transport"))


def test_a_retry_among_the_policies_is_the_setting() -> None:
    """`Retry` in the list is the same as `retry=`; both at once are refused."""
    assert Retry(7) == CallOptions.of_client({}, [Retry(7)]).retry
    with pytest.raises(InvalidOptionError, match="contradict each other"):
        CallOptions.of_client({"retry": None}, [Retry(7)])
    with pytest.raises(InvalidOptionError, match="which takes one"):
        CallOptions.of_client({}, [Retry(7), Retry(8)])


@pytest.mark.parametrize(
    ("option", "policy"),
    [({"cache": "reload"}, "Cache"), ({"log": True}, "Logging"), ({"trace": True}, "Tracing")],
)
def test_options_of_absent_policies(option: dict[str, object], policy: str) -> None:
    """What a client without the policy could not do is refused, and the policy is named."""
    with pytest.raises(InvalidOptionError, match=rf"this client has no {policy}"):
        CallOptions().overridden(option)


@pytest.mark.parametrize(
    "option",
    [
        {"cache": "always"},
        {"cache": None},
        {"https_only": "yes"},
        {"log": 1},
        {"trace": None},
        {"idempotency_key": ""},
        {"idempotency_key": "a\r\nb"},
        {"idempotency_key": 5},
    ],
)
def test_bad_options(option: dict[str, object]) -> None:
    """A value of a wrong type or range is refused by its name."""
    with pytest.raises(InvalidOptionError, match=next(iter(option))):
        CallOptions(kinds=frozenset({"cache", "logging", "tracing"})).overridden(option)


def test_resilience_unfolds() -> None:
    """A `Resilience` stands for its parts, those of one inside of it too."""
    inner = Resilience("inner", "b", "c")

    assert ["a", "b", "c", "d"] == unfolded(["a", Resilience("outer", inner, "d")])


@pytest.mark.parametrize("policy", [Retry, Logging, Resilience, Own])
def test_classes_are_no_policies(policy: type) -> None:
    """A class in the place of its instance is refused, alone and in a `Resilience`."""
    for policies in ([policy], [Resilience("name", policy)]):
        with pytest.raises(InvalidOptionError, match=f"{policy.__name__}'> is a class; give an"):
            Client(policies=policies)


@pytest.mark.parametrize("arguments", [("",), (5, "a"), ("name",)])
def test_resilience_refuses(arguments: tuple[object, ...]) -> None:
    """It has a name and at least one policy."""
    with pytest.raises(InvalidOptionError, match="Resilience"):
        Resilience(*arguments)  # type: ignore[arg-type]


def test_resilience_is_a_value() -> None:
    """Equal parts under the same name are equal, and `repr` shows them."""
    value = Resilience("payments", Retry(2))

    assert Resilience("payments", Retry(2)) == value
    assert hash(Resilience("payments", Retry(2))) == hash(value)
    assert Resilience("other", Retry(2)) != value
    assert "payments" != value
    assert f"Resilience('payments', {Retry(2)!r})" == repr(value)


def test_a_pipeline_reads_as_a_list() -> None:
    """One line a step, the outermost first, each stage named once."""
    pipeline = Pipeline(tuple(arrange([Own("operation"), of_kind("bulkhead")])))

    assert str(pipeline).splitlines() == [
        "operation  status errors",
        "           Own('operation')",
        "redirect   redirects",
        "cookies    cookies",
        "auth       authentication",
        "retry      attempts",
        "attempt    <bulkhead>",
        "           loading",
        "wire       transport",
    ]
    assert len(pipeline) == len(list(pipeline)) == 9
    assert pipeline[0] == Step("operation", "status_errors")
    assert repr(pipeline).startswith("<Pipeline status_errors > Own('operation') > redirects")
