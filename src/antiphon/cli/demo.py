"""`antiphon demo`: what the library does, in both voices, against a server on this machine."""

from __future__ import annotations

import threading

import anyio

from antiphon import (
    AsyncClient,
    CancelToken,
    Client,
    RequestCancelled,
    StatusError,
    Timeout,
    Timings,
    errors,
)
from antiphon.cli import exit_codes
from antiphon.cli.loopback import LoopbackServer
from antiphon.cli.waterfall import waterfall

# Long enough to be seen as a wait, short enough not to be one.
PATIENCE = 0.2


class Results:
    """What one voice found out, in words that do not depend on the voice."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.timings = Timings()

    def add(self, what: str, result: object) -> None:
        """Note one result."""
        self.found[what] = str(result)


def demo() -> int:
    """Run the demo and print it; returns the exit code, 0 if both voices gave the same results."""
    with LoopbackServer() as server:
        print(f"A server on {server.url}, and the same calls in two voices.\n")
        sync = run_sync(server.url)
        asynchronous = anyio.run(run_async, server.url)
    for what in {**sync.found, **asynchronous.found}:
        result, other = sync.found.get(what), asynchronous.found.get(what)
        agreed = "both voices" if result == other else f"NOT THE SAME, AsyncClient: {other}"
        print(f"{what:>16}  {result}  ({agreed})")
    for name, results in (("Client", sync), ("AsyncClient", asynchronous)):
        print(f"\nWhere the time went, {name}, first request:")
        print(waterfall(results.timings))
    if sync.found != asynchronous.found:
        print("\nThe voices differ: that is a bug in antiphon, please report it.")
        return exit_codes.FAILED
    print("\nBoth voices gave the same results.")
    return exit_codes.OK


def run_sync(url: str) -> Results:
    """The demo in plain, blocking code."""
    results = Results()
    with Client(base_url=url, retry=None) as client:
        response = client.get("/hello")
        results.timings = response.timings
        results.add("fetch", f"{response.status} {response.json()}")

        with client.stream("GET", "/count") as stream:
            results.add("stream", list(stream.iter_lines()))

        try:
            client.get("/missing")
        except StatusError as error:
            results.add("error", f"{type(error).__name__}, {error.status}")

        try:
            client.get("/stall", timeout=Timeout(read=PATIENCE))
        except errors.TimeoutError as error:
            results.add("time out", f"{type(error).__name__} after read={PATIENCE} s")

        token = CancelToken()
        threading.Timer(PATIENCE, token.cancel, ("changed my mind",)).start()
        try:
            client.get("/stall", cancel=token)
        except RequestCancelled as error:
            results.add("cancel", f"{type(error).__name__}, sent: {error.sent}")
    return results


async def run_async(url: str) -> Results:
    """The demo in an event loop: the same lines, awaited."""
    results = Results()
    async with AsyncClient(base_url=url, retry=None) as client:
        response = await client.get("/hello")
        results.timings = response.timings
        results.add("fetch", f"{response.status} {response.json()}")

        async with client.stream("GET", "/count") as stream:
            results.add("stream", [line async for line in stream.iter_lines()])

        try:
            await client.get("/missing")
        except StatusError as error:
            results.add("error", f"{type(error).__name__}, {error.status}")

        try:
            await client.get("/stall", timeout=Timeout(read=PATIENCE))
        except errors.TimeoutError as error:
            results.add("time out", f"{type(error).__name__} after read={PATIENCE} s")

        token = CancelToken()
        threading.Timer(PATIENCE, token.cancel, ("changed my mind",)).start()
        try:
            await client.get("/stall", cancel=token)
        except RequestCancelled as error:
            results.add("cancel", f"{type(error).__name__}, sent: {error.sent}")
    return results
