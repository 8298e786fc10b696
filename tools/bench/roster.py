"""Who is measured: each peer, its environment and its shortest script."""

from __future__ import annotations

from dataclasses import dataclass

from tools.bench.cases import Case, Voice


@dataclass(frozen=True)
class Peer:
    """One library.

    `environment` is the virtual environment that it lives in, `requirement` what pip installs
    there. `script` imports it and makes one GET of `URL`; its first line alone is the import that a
    program needs before it can make a client.
    """

    name: str
    voices: tuple[Voice, ...]
    script: str
    requirement: str = ""
    environment: str = "main"
    holds_streams: bool = True

    def joins(self, case: Case) -> bool:
        """Whether the peer can do what `case` measures."""
        if case.operation == "hold" and not self.holds_streams:
            return False
        if case.voice == "process":
            return bool(self.script)
        return case.voice in self.voices


# antiphon's own dependencies and the maker of the TLS certificate; the sources come from `src/`.
BASE_REQUIREMENTS = ("urllib3", "anyio", "attrs", "cattrs", "trustme")

BOTH: tuple[Voice, ...] = ("sync", "async")

PEERS = (
    Peer("antiphon", BOTH, "from antiphon import Client\nClient().get(URL).content"),
    Peer("floor", BOTH, ""),
    Peer(
        "urllib3",
        ("sync",),
        "from urllib3 import PoolManager\nPoolManager().request('GET', URL).data",
        "urllib3",
    ),
    Peer(
        "requests",
        ("sync",),
        "from requests import Session\nSession().get(URL).content",
        "requests",
    ),
    Peer("httpx", BOTH, "from httpx import Client\nClient().get(URL).content", "httpx"),
    Peer("httpx2", BOTH, "from httpx2 import Client\nClient().get(URL).content", "httpx2"),
    Peer(
        "aiohttp",
        ("async",),
        "from aiohttp import ClientSession\n"
        "import asyncio\n"
        "async def main():\n"
        "    async with ClientSession() as session, session.get(URL) as response:\n"
        "        await response.read()\n"
        "asyncio.run(main())",
        "aiohttp",
    ),
    Peer(
        "niquests",
        BOTH,
        "from niquests import Session\nSession().get(URL).content",
        "niquests",
        # Its urllib3-future takes the place of urllib3, so it cannot live beside the others.
        environment="niquests",
    ),
    Peer(
        "aiosonic",
        ("async",),
        "from aiosonic import HTTPClient\n"
        "import asyncio\n"
        "async def main():\n"
        "    async with HTTPClient() as client:\n"
        "        await (await client.get(URL)).content()\n"
        "asyncio.run(main())",
        "aiosonic",
    ),
    Peer("zapros", BOTH, "from zapros import Client\nClient().get(URL).read()", "zapros"),
    Peer(
        "pyreqwest",
        BOTH,
        "from pyreqwest.client import SyncClientBuilder\n"
        "SyncClientBuilder().build().get(URL).build().send().bytes()",
        "pyreqwest",
    ),
    Peer("primp", BOTH, "from primp import Client\nClient().get(URL).content", "primp"),
    Peer(
        "pycurl",
        ("sync",),
        "import pycurl\ncurl = pycurl.Curl()\ncurl.setopt(pycurl.URL, URL)\ncurl.perform_rb()",
        "pycurl",
        # A handle blocks in perform() until its body is read: it cannot hold a stream open.
        holds_streams=False,
    ),
)


def chosen_peers(names: str | None) -> tuple[Peer, ...]:
    """Return the peers named in the comma-separated `names`; None means all.

    Raises ValueError that lists the known names.
    """
    if names is None:
        return PEERS
    by_name = {peer.name: peer for peer in PEERS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        msg = f"unknown peer {unknown[0]!r}; known: {', '.join(by_name)}"
        raise ValueError(msg)
    return tuple(by_name[name] for name in wanted)
