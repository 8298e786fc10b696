"""Run chaos: `python -m tools.chaos --voice sync --seconds 30 --svg docs/policies/chaos-sync.svg`.

64 callers with retries, a budget, a circuit breaker, hedging and a bulkhead call a server on the
loopback interface that is healthy, slow, failing, dead and recovering in turn. The run fails if an
answer is not the one to its own request, if descriptors, threads, tasks or connections are left
over, or if the server gets more retries and copies than the budget allows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import attrs

from tools.chaos.plot import plot
from tools.chaos.run import run


def main(arguments: list[str] | None = None) -> int:
    """Make a run, print what came of it, and write the files that were asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--voice", choices=("sync", "async"), default="sync")
    parser.add_argument("--backend", choices=("asyncio", "trio"), default="asyncio")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--svg", type=Path, help="write the plot here")
    options = parser.parse_args(arguments)
    result = run(options.voice, options.seconds, options.callers, options.seed, options.backend)
    numbers = {
        name: value
        for name, value in attrs.asdict(result).items()
        if name not in {"arrivals", "answers"}
    }
    text = json.dumps(numbers, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    if options.svg:
        options.svg.write_text(plot(result), encoding="utf-8")
    return 1 if result.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
