"""How many calls at once a peer can take, found out by watching it: by latency, or by drops."""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency

# As Netflix's windowed limits: fewer answers say little about a latency.
_MIN_SAMPLES = 10
# More say no more, and take time to sort.
_MAX_SAMPLES = 250
# As Envoy's gradient controller: a quarter above the latency at rest is not yet a queue.
_TOLERANCE = 1.25
# As Netflix's: one window at most halves the limit.
_STEEPEST = 0.5
# Of the way down that a window asks for; one that was slow by chance does little harm.
_SMOOTHING = 0.5
# A drop after so many answers is bad luck; growing is too slow to make up for each of those.
_RARE = 100
# What counts as the same latency when a probe looks for the lowest one.
_ALIKE = 1.1


class ConcurrencyLimit(Protocol):
    """One way to find the limit of one peer; `limit` is a fraction where it moves by less than 1.

    All moments and latencies are in seconds of one clock.
    """

    limit: float

    def answered(self, started: float, now: float, running: int) -> None:
        """Take in a call that was answered, while `running` were under way with it."""
        ...

    def dropped(self, started: float, now: float) -> None:
        """Take in a call that the peer had no time for."""
        ...


class AIMDLimit:
    """Adds one a round of calls while all is well, and takes a tenth away when calls are dropped.

    As TCP's congestion avoidance (RFC 5681 section 3.1); of the drops of one round only the first
    counts.
    """

    __slots__ = ("_cut_at", "_settings", "limit")

    def __init__(self, settings: AdaptiveConcurrency) -> None:
        self._settings = settings
        self._cut_at = -inf
        self.limit = float(settings.initial)

    def answered(self, started: float, now: float, running: int) -> None:  # noqa: ARG002
        """Grow by one for as many answers as the limit, if that is in use at all."""
        if running * 2 >= self.limit:
            self.limit = min(self._settings.max, self.limit + 1 / self.limit)

    def dropped(self, started: float, now: float) -> None:
        """Shrink, unless the call began before the limit was cut last."""
        if started >= self._cut_at:
            self._cut_at = now
            self.limit = max(self._settings.min, self.limit * self._settings.backoff)


class GradientLimit:
    """Keeps the latency near what it is at rest, as Netflix's gradient limit and Envoy's do.

    Each window of answers gives a median latency; the limit is multiplied by how much lower the
    latency at rest is, and gets the square root of itself on top as room to grow. The latency at
    rest is measured by a probe: the limit is halved until the latency falls no more.
    """

    __slots__ = (
        "_cut_at",
        "_latencies",
        "_most_running",
        "_probe_latency",
        "_resume_at",
        "_since_drop",
        "_seen_at",
        "_settings",
        "_window_began",
        "at_rest",
        "limit",
    )

    def __init__(self, settings: AdaptiveConcurrency) -> None:
        self._settings = settings
        self.limit = float(settings.initial)
        # The latency at rest in seconds, and when it was last seen.
        self.at_rest = inf
        self._seen_at = -inf
        # While a probe runs: the limit to go on with, and the latency before it was last halved.
        self._resume_at: float | None = None
        self._probe_latency = inf
        self._cut_at = -inf
        # Answers since the last drop.
        self._since_drop = 0
        self._begin_window(-inf)

    def _begin_window(self, now: float) -> None:
        self._window_began = now
        self._latencies: list[float] = []
        self._most_running = 0

    def answered(self, started: float, now: float, running: int) -> None:
        """Take in a latency; calls that began before the window met another limit."""
        self._since_drop += 1
        if self._window_began == -inf:
            self._window_began = now  # the very first calls found no queue before them
        if started < self._window_began:
            return
        latencies = self._latencies
        latencies.append(now - started)
        self._most_running = max(self._most_running, running)
        count = len(latencies)
        if count < _MIN_SAMPLES:
            return
        if count >= _MAX_SAMPLES or now - self._window_began >= self._settings.window:
            latency = sorted(latencies)[count // 2]
            if self._resume_at is not None:
                self._go_on_probing(latency, self._resume_at, now)
            else:
                self._adjust(latency, now)
            self._begin_window(now)

    def dropped(self, started: float, now: float) -> None:
        """Shrink, unless drops are rare or the call began before the last cut; ends a probe."""
        rare = self._since_drop >= _RARE
        self._since_drop = 0
        if rare or started < self._cut_at:
            return
        self._cut_at = now
        limit = self.limit if self._resume_at is None else self._resume_at
        self._resume_at = None
        self.limit = max(self._settings.min, limit * self._settings.backoff)
        self._begin_window(now)

    def _adjust(self, latency: float, now: float) -> None:
        settings = self._settings
        if latency <= self.at_rest * _ALIKE:
            self.at_rest = min(self.at_rest, latency)
            if self._seen_at > -inf:  # before the first probe, nothing tells a queue from rest
                self._seen_at = now
        if self._most_running * 2 < self.limit:
            return  # who does not use the limit learns nothing about it
        if now - self._seen_at >= settings.probe_interval and self.limit > settings.min:
            self._resume_at = self.limit
            self._halve(latency)
            return
        gradient = max(_STEEPEST, min(1.0, _TOLERANCE * self.at_rest / max(latency, 1e-9)))
        wanted = self.limit * gradient + sqrt(self.limit)
        if wanted < self.limit:
            wanted = self.limit + (wanted - self.limit) * _SMOOTHING
        self.limit = min(settings.max, max(settings.min, wanted))

    def _go_on_probing(self, latency: float, resume_at: float, now: float) -> None:
        if latency * _ALIKE < self._probe_latency and self.limit > self._settings.min:
            self._halve(latency)
            return
        self.at_rest = min(latency, self._probe_latency)
        self._seen_at = now
        self._resume_at = None
        self.limit = resume_at

    def _halve(self, latency: float) -> None:
        self._probe_latency = latency
        self.limit = max(self._settings.min, self.limit / 2)
