# Source of _sync/engine_calls.py; after editing run: tox -e codegen
"""Short ways to use the engine alone, without a client above it."""

from __future__ import annotations

from antiphon._async.engine.engine import AsyncEngine
from antiphon._async.stream import AsyncResponseStream
from antiphon.models.body import Body
from antiphon.models.cancel import CancelToken
from antiphon.models.deadline import Deadline
from antiphon.models.events import TransportObserver
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import TransportOptions
from antiphon.models.url import URL
from antiphon.network.clock import now


async def ask(
    engine: AsyncEngine,
    url: str,
    method: str = "GET",
    *,
    headers: Headers | None = None,
    body: Body | None = None,
    timeout: Timeout | None = None,
    total: float | None = None,
    cancel: CancelToken | None = None,
    observer: TransportObserver | None = None,
) -> AsyncResponseStream:
    """Send one request; `total` is in seconds from now."""
    request = Request(method, URL(url), Headers() if headers is None else headers, body)
    options = TransportOptions(
        timeout=Timeout() if timeout is None else timeout,
        deadline=None if total is None else Deadline.after(total, now()),
        cancel=cancel,
        observer=observer,
    )
    return await engine.execute(request, options)


async def fetch(
    engine: AsyncEngine,
    url: str,
    method: str = "GET",
    body: Body | None = None,
    timeout: Timeout | None = None,
    total: float | None = None,
    cancel: CancelToken | None = None,
) -> bytes:
    """Send one request and load the body of its response."""
    stream = await ask(engine, url, method, body=body, timeout=timeout, total=total, cancel=cancel)
    return await stream.read()
