"""What a run found, its arithmetic, and its form as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles

from tools.bench.cases import TARGETS, Target


@dataclass
class PeerResult:
    """One peer in one case: a number a repeat, in the order of the repeats.

    `costs` are in the unit of the case, `rates` requests or megabytes a second (empty: no rate).
    """

    costs: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        return median(self.costs)

    @property
    def rate(self) -> float | None:
        return median(self.rates) if self.rates else None

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a part of the median."""
        if len(self.costs) < 2 or not self.cost:
            return 0.0
        low, _, high = quantiles(self.costs, n=4, method="inclusive")
        return (high - low) / 2 / self.cost


@dataclass
class CaseResult:
    """One case: who was measured, and who could not be and why."""

    name: str
    title: str
    unit: str
    rate_unit: str
    peers: dict[str, PeerResult] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def cost_ratio(self, peer: str, reference: str) -> float | None:
        """Return the cost of `peer` divided by that of `reference`."""
        return self._ratio(peer, reference, of="costs")

    def rate_ratio(self, peer: str, reference: str) -> float | None:
        """Return the throughput of `peer` divided by that of `reference`."""
        return self._ratio(peer, reference, of="rates")

    def _ratio(self, peer: str, reference: str, *, of: str) -> float | None:
        # Of the two numbers of one repeat, measured moments apart: a machine that grows busy
        # during the run moves both, and their ratio less than either.
        if peer not in self.peers or reference not in self.peers:
            return None
        upper: list[float] = getattr(self.peers[peer], of)
        lower: list[float] = getattr(self.peers[reference], of)
        pairs = [one / other for one, other in zip(upper, lower, strict=False) if other > 0]
        return median(pairs) if pairs else None


@dataclass
class Run:
    """Everything that one run of the bench found."""

    command: str
    machine: dict[str, object]
    versions: dict[str, str]
    settings: dict[str, object]
    cases: list[CaseResult] = field(default_factory=list)

    def case(self, name: str) -> CaseResult | None:
        """Return the case of that name, if it was run."""
        return next((case for case in self.cases if case.name == name), None)


def target_ratio(run: Run, target: Target) -> float | None:
    """Return the ratio that `target` speaks of, None where it was not measured."""
    case = run.case(target.case)
    if case is None:
        return None
    if target.of == "cost":
        return case.cost_ratio("antiphon", target.peer)
    return case.rate_ratio("antiphon", target.peer)


def reached(target: Target, ratio: float) -> bool:
    """Whether `ratio` is on the right side of the target's bound."""
    return ratio <= target.bound if target.of == "cost" else ratio >= target.bound


def to_json(run: Run) -> str:
    """Return the run with its derived numbers, readable by `from_json`."""
    document = asdict(run)
    for case, written in zip(run.cases, document["cases"], strict=True):
        for name, peer in case.peers.items():
            written["peers"][name] |= {
                "cost": peer.cost,
                "rate": peer.rate,
                "spread": peer.spread,
                "of_floor": case.cost_ratio(name, "floor"),
                "antiphon_of_it": case.cost_ratio("antiphon", name),
            }
    document["targets"] = [
        asdict(target) | {"ratio": ratio, "reached": reached(target, ratio)}
        for target in TARGETS
        if (ratio := target_ratio(run, target)) is not None
    ]
    return json.dumps(document, indent=1) + "\n"


def from_json(text: str) -> Run:
    """Return the run that `to_json` wrote."""
    document = json.loads(text)
    cases = [
        CaseResult(
            name=case["name"],
            title=case["title"],
            unit=case["unit"],
            rate_unit=case["rate_unit"],
            failed=case["failed"],
            peers={
                name: PeerResult(costs=peer["costs"], rates=peer["rates"])
                for name, peer in case["peers"].items()
            },
        )
        for case in document["cases"]
    ]
    return Run(
        command=document["command"],
        machine=document["machine"],
        versions=document["versions"],
        settings=document["settings"],
        cases=cases,
    )
