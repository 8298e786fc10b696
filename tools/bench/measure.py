"""Starts a process for each peer and takes turns between them."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tools.bench.cases import HELD_STREAMS, MB, SMALL_JSON, Case
from tools.bench.environments import ROOT, child_environ, interpreter
from tools.bench.machine import children_on
from tools.bench.results import CaseResult, PeerResult
from tools.bench.roster import Peer
from tools.bench.server import Server

# A peer that answers an order no sooner than this has hung.
PATIENCE_SECONDS = 30.0
# A probe shorter than this says too little about how long a request takes.
PROBE_SECONDS = 0.02


@dataclass(frozen=True)
class Plan:
    """How long to measure: `repeats` rounds of about `seconds` for each peer and case."""

    repeats: int
    seconds: float
    core: int | None
    here: bool
    held_streams: int = HELD_STREAMS


class PeerFailedError(Exception):
    """A peer could not do what was asked; the text says why."""


class WorkerProcess:
    """A peer in a process of its own."""

    def __init__(self, peer: Peer, plan: Plan) -> None:
        with children_on(plan.core):
            self._process = subprocess.Popen(
                [interpreter(peer, here=plan.here), "-m", "tools.bench.worker", peer.name],
                cwd=ROOT,
                env=child_environ(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, do: str, **order: object) -> dict[str, Any]:
        """Send an order and return its answer. Raises PeerFailedError."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        try:
            orders.write(json.dumps({"do": do, **order}).encode() + b"\n")
            orders.flush()
            ready, _, _ = select.select([answers], [], [], PATIENCE_SECONDS)
            line = answers.readline() if ready else None
        except OSError as error:
            msg = f"its process ended ({error})"
            raise PeerFailedError(msg) from error
        if not line:
            msg = "its process ended" if line == b"" else f"no answer in {PATIENCE_SECONDS:.0f} s"
            raise PeerFailedError(msg)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerFailedError(answer["error"])
        return answer

    def open(self, case: Case, server: Server, plan: Plan) -> None:
        """Have the peer make its client for `case`."""
        self.ask(
            "open",
            voice=case.voice,
            operation=case.operation,
            url=server.url(case),
            ca_file=server.ca_file if case.tls else None,
            connections=plan.held_streams + 1 if case.operation == "hold" else case.concurrency,
            concurrency=case.concurrency,
            expected=case.payload or len(SMALL_JSON),
        )

    def rounds_for(self, case: Case, seconds: float) -> int:
        """Warm the peer up and return how many requests take it about `seconds`."""
        count = case.concurrency
        self.ask("run", count=count)
        while True:
            wall = float(self.ask("run", count=count)["wall"])
            if wall >= PROBE_SECONDS or count >= case.most:
                break
            count = min(case.most, count * 4)
        wanted = int(seconds * count / wall) if wall else case.most
        return max(case.concurrency, min(case.most, wanted))


def measure(
    case: Case, peers: tuple[Peer, ...], server: Server, plan: Plan, say: Callable[[str], None]
) -> CaseResult:
    """Measure every peer that can do `case`; those that fail are in the result with the reason."""
    rate_unit = "" if case.operation not in {"get", "download", "upload"} else "requests/s"
    if case.payload:
        rate_unit = "MB/s"
    result = CaseResult(case.name, case.title, case.unit, rate_unit)
    taking_part = [peer for peer in peers if peer.joins(case)]
    if case.voice == "process":
        _in_turns(
            taking_part, plan, result, say, lambda peer: _fresh_script(case, peer, server, plan)
        )
    elif case.operation == "hold":
        _in_turns(
            taking_part, plan, result, say, lambda peer: _fresh_holder(case, peer, server, plan)
        )
    else:
        _in_workers(case, taking_part, server, plan, result, say)
    return result


def _in_turns(
    peers: list[Peer],
    plan: Plan,
    result: CaseResult,
    say: Callable[[str], None],
    once: Callable[[Peer], float],
) -> None:
    """Call `once` for each peer, `repeats` times round; it returns a cost."""
    for turn in range(plan.repeats):
        for peer in _rotated(peers, turn):
            if peer.name in result.failed:
                continue
            say(f"{result.name} {turn + 1}/{plan.repeats} {peer.name}")
            try:
                cost = once(peer)
            except PeerFailedError as error:
                result.failed[peer.name] = str(error)
                result.peers.pop(peer.name, None)
            else:
                result.peers.setdefault(peer.name, PeerResult()).costs.append(cost)


def _in_workers(
    case: Case,
    peers: list[Peer],
    server: Server,
    plan: Plan,
    result: CaseResult,
    say: Callable[[str], None],
) -> None:
    """Start one worker a peer, then let them take turns."""
    workers: dict[str, WorkerProcess] = {}
    counts: dict[str, int] = {}
    try:
        for peer in peers:
            say(f"{case.name} warming up {peer.name}")
            worker = workers[peer.name] = WorkerProcess(peer, plan)
            try:
                worker.open(case, server, plan)
                counts[peer.name] = worker.rounds_for(case, plan.seconds)
            except PeerFailedError as error:
                result.failed[peer.name] = str(error)

        def once(peer: Peer) -> float:
            count = counts[peer.name]
            answer = workers[peer.name].ask("run", count=count)
            moved = case.payload / MB if case.payload else 1
            measured = result.peers.setdefault(peer.name, PeerResult())
            measured.rates.append(count * moved / answer["wall"])
            return float(answer["cpu"]) / count * (1e6 if case.unit == "us" else 1e3)

        _in_turns(peers, plan, result, say, once)
    finally:
        for worker in workers.values():
            worker.__exit__(None, None, None)


def _fresh_script(case: Case, peer: Peer, server: Server, plan: Plan) -> float:
    """Return the CPU milliseconds of the peer's script in a new process, without Python's start."""
    script = peer.script if case.operation == "first_get" else peer.script.partition("\n")[0]
    timed = (
        f"import time\nURL = {server.url(case)!r}\nstart = time.process_time()\n{script}\n"
        "print((time.process_time() - start) * 1000)\n"
    )
    try:
        with children_on(plan.core):
            done = subprocess.run(
                [interpreter(peer, here=plan.here), "-c", timed],
                cwd=ROOT,
                env=child_environ(),
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE_SECONDS,
            )
    except subprocess.TimeoutExpired as error:
        msg = f"no answer in {PATIENCE_SECONDS:.0f} s"
        raise PeerFailedError(msg) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"its process ended with {done.returncode}"]
        raise PeerFailedError(lines[-1].replace(str(ROOT), "."))
    return float(done.stdout.split()[-1])


def _fresh_holder(case: Case, peer: Peer, server: Server, plan: Plan) -> float:
    """Return the KiB of memory that each of many open streams takes in a new process."""
    with WorkerProcess(peer, plan) as worker:
        worker.open(case, server, plan)
        held = worker.ask("hold", count=plan.held_streams)
        return float(held["bytes"]) / 1024 / plan.held_streams


def _rotated(peers: list[Peer], turn: int) -> list[Peer]:
    """Return the peers with another one first each time: who goes after whom should not matter."""
    first = turn % len(peers) if peers else 0
    return peers[first:] + peers[:first]
