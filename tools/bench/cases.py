"""What is measured: every case, and the ratios that antiphon has to reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Voice = Literal["sync", "async", "process"]
Operation = Literal["get", "download", "upload", "import", "first_get", "hold"]

KIB = 1024
MIB = 1024 * KIB
# Decimal, as "100 MB" and "10 MB" are said of downloads and uploads.
MB = 1_000_000

SMALL_JSON = (
    b'{"id": 1834, "name": "antiphon", "voices": ["sync", "async"], "ok": true, '
    b'"nested": {"first": 1, "second": 2.5, "third": null}}'
)
DOWNLOAD_BYTES = 100 * MB
UPLOAD_BYTES = 10 * MB
HELD_STREAMS = 1_000


@dataclass(frozen=True)
class Case:
    """One thing that is measured.

    `voice` "process" is measured on a whole fresh process, the others in a worker that stays.
    `payload` is the number of body bytes a request moves, where a data rate is of interest.
    """

    name: str
    title: str
    voice: Voice
    operation: Operation
    path: str
    unit: Literal["us", "ms", "KiB"]
    tls: bool = False
    concurrency: int = 1
    payload: int = 0
    most: int = 20_000


CASES = (
    Case("small_sync", "small JSON GET, one at a time", "sync", "get", "/small.json", "us"),
    Case(
        "small_async",
        "small JSON GET, 50 at once, asyncio",
        "async",
        "get",
        "/small.json",
        "us",
        concurrency=50,
    ),
    Case(
        "small_async_1",
        "small JSON GET, one at a time, asyncio",
        "async",
        "get",
        "/small.json",
        "us",
    ),
    Case("64k_sync", "64 KiB GET, one at a time", "sync", "get", "/64k", "us", payload=64 * KIB),
    Case(
        "64k_async",
        "64 KiB GET, 50 at once, asyncio",
        "async",
        "get",
        "/64k",
        "us",
        concurrency=50,
        payload=64 * KIB,
    ),
    Case(
        "download_sync",
        "100 MB download",
        "sync",
        "download",
        "/100mb",
        "ms",
        payload=DOWNLOAD_BYTES,
    ),
    Case(
        "download_async",
        "100 MB download, asyncio",
        "async",
        "download",
        "/100mb",
        "ms",
        payload=DOWNLOAD_BYTES,
    ),
    Case(
        "download_tls_sync",
        "100 MB download over TLS",
        "sync",
        "download",
        "/100mb",
        "ms",
        tls=True,
        payload=DOWNLOAD_BYTES,
    ),
    Case(
        "download_tls_async",
        "100 MB download over TLS, asyncio",
        "async",
        "download",
        "/100mb",
        "ms",
        tls=True,
        payload=DOWNLOAD_BYTES,
    ),
    Case("upload_sync", "10 MB upload", "sync", "upload", "/upload", "ms", payload=UPLOAD_BYTES),
    Case(
        "upload_async",
        "10 MB upload, asyncio",
        "async",
        "upload",
        "/upload",
        "ms",
        payload=UPLOAD_BYTES,
    ),
    Case(
        "connect_sync",
        "small GET over TLS, a new connection each",
        "sync",
        "get",
        "/close/small.json",
        "us",
        tls=True,
        most=1_000,
    ),
    Case(
        "connect_async",
        "small GET over TLS, a new connection each, asyncio",
        "async",
        "get",
        "/close/small.json",
        "us",
        tls=True,
        most=1_000,
    ),
    Case("import", "import in a fresh process", "process", "import", "", "ms"),
    Case(
        "first_get",
        "import and one small GET in a fresh process",
        "process",
        "first_get",
        "/small.json",
        "ms",
    ),
    Case(
        "streams_sync",
        "memory of an open stream, 1,000 at once",
        "sync",
        "hold",
        "/slow",
        "KiB",
    ),
    Case(
        "streams_async",
        "memory of an open stream, 1,000 at once, asyncio",
        "async",
        "hold",
        "/slow",
        "KiB",
    ),
)


@dataclass(frozen=True)
class Target:
    """A ratio that antiphon has to reach against `peer`.

    `of` "cost": antiphon's cost divided by the peer's is at most `bound`.
    `of` "rate": antiphon's throughput divided by the peer's is at least `bound`.
    """

    case: str
    peer: str
    of: Literal["cost", "rate"]
    bound: float


TARGETS = (
    Target("small_sync", "urllib3", "cost", 0.40),
    Target("small_sync", "httpx", "cost", 0.25),
    Target("small_sync", "requests", "cost", 0.15),
    Target("small_async", "aiohttp", "cost", 0.85),
    Target("small_async", "httpx", "cost", 0.15),
    Target("download_sync", "floor", "rate", 0.9),
    Target("download_async", "floor", "rate", 0.8),
)


def chosen_cases(names: str | None) -> tuple[Case, ...]:
    """Return the cases named in the comma-separated `names`; None means all.

    Raises ValueError that lists the known names.
    """
    if names is None:
        return CASES
    by_name = {case.name: case for case in CASES}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        msg = f"unknown case {unknown[0]!r}; known: {', '.join(by_name)}"
        raise ValueError(msg)
    return tuple(by_name[name] for name in wanted)
