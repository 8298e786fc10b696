"""What each policy adds to a small GET: `python -m tools.bench.policies`.

One process has a client for each policy and one without any. They take turns, several times round;
the cost of a policy is the median, over the rounds, of its CPU time less that of the plain client.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio

import antiphon
from tools.bench.cases import CASES
from tools.bench.machine import cores, description
from tools.bench.server import serving

BEGIN = "<!-- policies: begin, written by python -m tools.bench.policies --markdown -->"
END = "<!-- policies: end -->"
CASE = next(case for case in CASES if case.name == "small_sync")
AT_ONCE = 50

PLAIN = "none"


class Silent:
    """An interceptor that looks and changes nothing."""

    def intercept_request(self, context: Any) -> Any:
        return context

    def intercept_response(self, context: Any, response: Any) -> Any:
        return response


def settings() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the settings of the client that each row is about, by its name.

    Made anew for each voice, and so that no policy ever refuses or waits.
    """

    def one(make: Callable[[], Any]) -> Callable[[], dict[str, Any]]:
        return lambda: {"policies": [make()]}

    budget = antiphon.RetryBudget
    return {
        PLAIN: dict,
        "Retry(budget=...)": one(lambda: antiphon.Retry(budget=budget())),
        "IdempotencyKey (of a GET: none)": one(antiphon.IdempotencyKey),
        "CircuitBreaker": one(antiphon.CircuitBreaker),
        "Bulkhead": one(lambda: antiphon.Bulkhead(AT_ONCE)),
        "RateLimit": one(lambda: antiphon.RateLimit(10**9)),
        "AdaptiveConcurrency": one(lambda: antiphon.AdaptiveConcurrency(initial=AT_ONCE)),
        "Hedge (never due)": one(lambda: antiphon.Hedge(delay=30.0)),
        "Fallback (never needed)": one(lambda: antiphon.Fallback(b"")),
        "DeadlineHeader, timeout total": lambda: {
            "policies": [antiphon.DeadlineHeader()],
            "timeout": antiphon.Timeout(total=30.0),
        },
        "Cache, a miss each time": one(antiphon.Cache),
        "HTTPSOnly (loopback exempt)": one(lambda: antiphon.HTTPSOnly(allow_loopback=True)),
        "AllowedHosts": one(lambda: antiphon.AllowedHosts(["127.0.0.1"])),
        "BearerAuth": lambda: {"auth": antiphon.BearerAuth("token")},
        "RequestId": one(antiphon.RequestId),
        "an interceptor": one(Silent),
        "Logging (level off)": one(antiphon.Logging),
        "Tracing, of nothing": one(lambda: antiphon.Tracing(antiphon.HttpTracer())),
        "Metrics, of nothing": one(lambda: antiphon.Metrics(antiphon.MetricsRecorder())),
    }


def sync_turns(url: str, count: int) -> dict[str, Callable[[], float]]:
    """Return what makes `count` calls for each row and says what one cost, in CPU seconds."""

    def turn(client: antiphon.Client) -> Callable[[], float]:
        def run() -> float:
            before = time.process_time()
            for _ in range(count):
                client.get(url)
            return (time.process_time() - before) / count

        return run

    return {name: turn(antiphon.Client(**make())) for name, make in settings().items()}


async def measure_async(url: str, count: int, repeats: int) -> dict[str, list[float]]:
    """Return the cost of a call in each round, with `AT_ONCE` calls at once."""
    costs: dict[str, list[float]] = {}
    clients = {name: antiphon.AsyncClient(**make()) for name, make in settings().items()}

    async def calls(client: antiphon.AsyncClient) -> None:
        for _ in range(count // AT_ONCE):
            await client.get(url)

    async def run(client: antiphon.AsyncClient) -> float:
        before = time.process_time()
        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(calls, client)
        return (time.process_time() - before) / (count // AT_ONCE * AT_ONCE)

    for number in range(repeats + 1):
        for name in turned(list(clients), number):
            cost = await run(clients[name])
            if number:  # the first round only warms up
                costs.setdefault(name, []).append(cost)
    for client in clients.values():
        await client.aclose()
    return costs


def measure_sync(url: str, count: int, repeats: int) -> dict[str, list[float]]:
    """Return the cost of a call in each round, one call at a time."""
    turns = sync_turns(url, count)
    costs: dict[str, list[float]] = {}
    for number in range(repeats + 1):
        for name in turned(list(turns), number):
            cost = turns[name]()
            if number:
                costs.setdefault(name, []).append(cost)
    return costs


def turned(names: Sequence[str], number: int) -> list[str]:
    """Return the names with another one first in each round."""
    first = number % len(names)
    return [*names[first:], *names[:first]]


def added(costs: dict[str, list[float]], name: str) -> float:
    """Return the median over the rounds of what `name` costs beyond the plain client, in us."""
    pairs = zip(costs[name], costs[PLAIN], strict=True)
    return statistics.median((one - plain) * 1e6 for one, plain in pairs)


def share(costs: dict[str, list[float]], name: str) -> float:
    """Return the median of its cost divided by that of the plain client."""
    pairs = zip(costs[name], costs[PLAIN], strict=True)
    return statistics.median(one / plain for one, plain in pairs)


def table(sync: dict[str, list[float]], loop: dict[str, list[float]]) -> str:
    """Return the rows for the documentation, the cheapest policy first."""
    lines = [
        "| policy | sync, us more | of a plain call | async, us more | of a plain call |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    names = sorted((name for name in sync if name != PLAIN), key=lambda one: added(sync, one))
    lines += [
        f"| {name} | {added(sync, name):+.1f} | {share(sync, name):.2f} "
        f"| {added(loop, name):+.1f} | {share(loop, name):.2f} |"
        for name in names
    ]
    return "\n".join(lines) + "\n"


def with_table(page: str, text: str) -> str:
    """Return `page` with what stands between its marks replaced. Raises ValueError without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no marks {BEGIN!r} and {END!r} to write between")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the table into a page if one is named."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.policies", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--requests", type=int, default=500, help="of each client in each round")
    parser.add_argument("--server", choices=("auto", "nginx", "own"), default="auto")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args(arguments)
    machine = description()
    server_core, _ = cores()
    with serving(options.server, tls=False, core=server_core, here=True) as server:
        url = server.url(CASE)
        sync = measure_sync(url, options.requests, options.repeats)
        loop = anyio.run(measure_async, url, options.requests, options.repeats)
    plain = " and ".join(f"{statistics.median(c[PLAIN]) * 1e6:.0f} us" for c in (sync, loop))
    text = (
        f"Made by `python -m tools.bench.policies --repeats {options.repeats}`: "
        f"{machine['processor']}, {machine['cores']} cores, load before the run "
        f"{machine['load_before']:.2f}. A plain call costs {plain} (sync, and async {AT_ONCE} at "
        f"once).\n\n{table(sync, loop)}"
    )
    print(text)
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8")
        options.markdown.write_text(with_table(page, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
