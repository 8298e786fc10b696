"""Short chaos runs in each voice, and the judge and the plot of longer ones."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import anyio
import pytest

from antiphon import (
    URL,
    CircuitOpenError,
    Headers,
    ReadTimeout,
    Request,
    Response,
    RetryBudget,
)
from antiphon.network import alarms
from tools.chaos import run as chaos
from tools.chaos.__main__ import main
from tools.chaos.callers import Seen
from tools.chaos.phases import PHASES
from tools.chaos.plot import plot
from tools.chaos.run import Census, Result, load_bound
from tools.chaos.server import body_of


@pytest.fixture(autouse=True)
def quick_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the thread that watches the time end soon, for each run waits for its end."""
    monkeypatch.setattr(alarms, "_watch", alarms.Watch(linger=0.2))


def a_result(**changes: object) -> Result:
    """Return the result of a run that did not take place."""
    facts: dict[str, object] = {
        "voice": "sync",
        "seconds": 10.0,
        "callers": 2,
        "seed": 1,
        "calls": 4,
        "outcomes": {"answered": 2, "failed": 1, "refused": 1},
        "won_by_copy": 1,
        "requests": 5,
        "first": 3,
        "retries": 1,
        "copies": 1,
        "resent": 0,
        "bound": 10.0,
        "balance": {},
        "phases": [(0.0, "healthy"), (5.0, "slow & sad")],
        "states": [(0.0, "closed"), (2.0, "open"), (3.0, "half_open"), (3.0, "closed")],
        "arrivals": [(0.1, "first"), (1.0, "copies"), (2.0, "retries"), (9.99, "first")],
        "answers": [(0.2, "answered"), (4.0, "failed"), (10.2, "refused")],
    }
    return Result(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", ["threads", "asyncio", "trio"])
def test_a_short_run(backend: str) -> None:
    """Callers with all policies, against a server in trouble: nothing is wrong, nothing is left."""
    voice = "sync" if backend == "threads" else "async"
    result = chaos.run(voice, 1.5, 16, 2, "asyncio" if voice == "sync" else backend)
    assert [] == result.problems
    assert len(PHASES) == len(result.phases)
    assert result.calls == sum(result.outcomes.values())
    assert result.requests == len(result.arrivals)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the numbers, and writes them and the plot where it is told to."""
    numbers, picture = tmp_path / "chaos.json", tmp_path / "chaos.svg"
    arguments = [
        "--seconds",
        "0.5",
        "--callers",
        "4",
        "--json",
        str(numbers),
        "--svg",
        str(picture),
    ]
    assert 0 == main(arguments)
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(numbers.read_text(encoding="utf-8")) == printed
    assert [] == printed["problems"]
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_problems_end_the_command_badly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run with a problem exits with 1, and the problem is printed."""
    bad = a_result(problems=["something is left"])
    monkeypatch.setattr("tools.chaos.__main__.run", lambda *_: bad)
    assert 1 == main([])
    assert "something is left" in capsys.readouterr().out


def test_the_bound() -> None:
    """A share of the calls, and the free ones once for each nine tenths of the budget's time."""
    budget = RetryBudget(0.1, min_per_second=2, ttl=10)
    assert 0.1 * 1000 + 20 == load_bound(1000, 8.0, budget)
    assert 0.1 * 1000 + 20 * 4 == load_bound(1000, 30.0, budget)


def test_what_callers_see() -> None:
    """An answer to another request is wrong; errors of servers and policies are to be expected."""
    seen = Seen(0.0)
    request = Request("GET", URL("http://127.0.0.1/1/1"))
    seen.answered("/1/1", Response(200, Headers(), body_of("/1/1"), request))
    seen.answered("/1/1", Response(200, Headers(), body_of("/1/2"), request))
    seen.failed(ReadTimeout("slow"))
    seen.failed(CircuitOpenError("open"))
    seen.failed(LookupError("what is this?"))
    assert {"answered": 2, "failed": 1, "refused": 1} == seen.counts
    assert 1 == len(seen.wrong)
    assert ["LookupError: what is this?"] == seen.unexpected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["not all phases were reached"]),
        ({"bound": 1.0}, ["2 retries and copies are more than the 1 of the budget"]),
        ({"resent": 2}, ["2 requests came twice, but only 1 connections broke"]),
        ({"first": 5}, ["there were more first requests than calls"]),
        ({"retries": 0}, ["nothing was ever retried"]),
        ({"copies": 0}, ["nothing was ever hedged"]),
        ({"states": [(0.0, "closed")]}, ["the breaker never opened"]),
        ({"states": [(0.0, "open")]}, ["the breaker did not close in the end"]),
        ({"outcomes": {"failed": 4}}, ["nobody was ever answered"]),
        ({"wrong": ["/1/1"]}, ["1 wrong answers, such as ['/1/1']"]),
        ({"unexpected": ["LookupError"]}, ["errors that nobody expected: ['LookupError']"]),
    ],
)
def test_the_judge(changes: dict[str, Any], expected: list[str]) -> None:
    """Whatever is not as it has to be is said."""
    seen = Seen(0.0)
    seen.wrong = changes.pop("wrong", [])
    seen.unexpected = changes.pop("unexpected", [])
    if changes or seen.wrong or seen.unexpected:
        changes["phases"] = [(0.0, str(number)) for number in range(6)]
    server: Any = SimpleNamespace(seconds=10.0, broken=1)
    assert expected == chaos._problems(a_result(**changes), server, seen)


def test_each_target_has_an_answer_of_its_own() -> None:
    """No two targets of a run have the same body, nor is one the beginning of another."""
    bodies = [body_of(f"/{caller}/{number}") for caller in range(20) for number in range(50)]
    assert len(bodies) == len(set(bodies))
    assert not any(one.startswith(bodies[0]) for one in bodies[1:])


def test_the_phases_fill_the_run() -> None:
    """The shares of the phases are those of the whole."""
    assert 1.0 == pytest.approx(sum(phase.share for phase in PHASES))


def test_the_census() -> None:
    """More of anything is more."""
    before = Census(5, 2, 1)
    assert Census(5, 2, 1).has_no_more_than(before)
    assert Census(3, 1, 0).has_no_more_than(before)
    for more in (Census(6, 2, 1), Census(5, 3, 1), Census(5, 2, 2)):
        assert not more.has_no_more_than(before)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_are_counted(backend: str) -> None:
    """A task more is one more."""

    async def count() -> list[int]:
        counts = [chaos.tasks_of_loop()]
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep_forever)
            await anyio.sleep(0)
            counts.append(chaos.tasks_of_loop())
            group.cancel_scope.cancel()
        return counts

    before, during = anyio.run(count, backend=backend)
    assert before + 1 == during


def test_the_plot() -> None:
    """It shows phases, requests, answers and the breaker, and is well-formed whatever the names."""
    text = plot(a_result())
    root = ElementTree.fromstring(text)
    words = [element.text for element in root.iter() if element.text and element.text.strip()]
    for word in ("slow & sad", "circuit breaker", "retries", "refused", "half open", "10 s"):
        assert word in words
    # Two stretches of closed, one of open; the half-open one was too short to be seen.
    colours = [element.get("fill") for element in root.iter() if element.get("y") == "430"]
    assert ["#59a14f", "#e15759", "#59a14f"] == colours
    assert len(text) < 40_000
