"""Where the time of one exchange went: raw stamps (`Timeline`) and their meaning (`Timings`)."""

from __future__ import annotations

import attrs


@attrs.frozen(slots=True)
class Timings:
    """Seconds spent in each phase of the exchange that gave the response; None: did not happen.

    On a reused connection `dns`, `connect` and `tls` are None. `first_byte` is the wait between
    the last byte of the request and the first of the answer; `total` ends with the body's last
    byte and is None before it.
    """

    pool_wait: float | None = None
    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    request_sent: float | None = None
    first_byte: float | None = None
    total: float | None = None


class Timeline:
    """Mutable stamps on the monotonic clock, set by the engine as things happen.

    Kept apart from `Timings` so that a call which nobody asks for its timings pays for stores only.
    """

    __slots__ = (
        "acquired",
        "connect_started",
        "connected",
        "finished",
        "first_byte",
        "received_bytes",
        "request_sent",
        "resent",
        "resolve_started",
        "resolved",
        "reused",
        "sent_bytes",
        "started",
        "tls_done",
        "tls_started",
    )

    def __init__(self, started: float) -> None:
        self.started = started
        self.acquired: float | None = None
        self.resolve_started: float | None = None
        self.resolved: float | None = None
        self.connect_started: float | None = None
        self.connected: float | None = None
        self.tls_started: float | None = None
        self.tls_done: float | None = None
        self.request_sent: float | None = None
        self.first_byte: float | None = None
        self.finished: float | None = None
        self.reused = False
        self.resent = False
        self.sent_bytes = 0
        self.received_bytes = 0

    def timings(self) -> Timings:
        """Return the phases that the stamps so far describe."""
        ready = self.tls_done or self.connected or self.acquired or self.started
        return Timings(
            pool_wait=_between(self.started, self.acquired),
            dns=_between(self.resolve_started, self.resolved),
            connect=_between(self.connect_started, self.connected),
            tls=_between(self.tls_started, self.tls_done),
            request_sent=_between(ready, self.request_sent),
            first_byte=_between(self.request_sent, self.first_byte),
            total=_between(self.started, self.finished),
        )


def _between(start: float | None, end: float | None) -> float | None:
    """Return the seconds from `start` to `end`, None while either has not happened.

    An answer may start before the request is fully sent (an early refusal): that is no wait.
    """
    if start is None or end is None:
        return None
    return max(end - start, 0.0)
