"""`CallContext`: what the steps of one call share."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.attempt import Attempt
    from antiphon.models.origin import Origin
    from antiphon.models.response import Response
    from antiphon.models.transport_options import TransportOptions
    from antiphon.policies.auth import Auth
    from antiphon.policies.call_options import CallOptions

_next_id = count(1).__next__


class CallContext:
    """One call on its way through the pipeline; policies may read it and keep things in `data`.

    `id` is unique in the process, `attempt` counts from 1 at each hop, `history` has the redirects
    that were followed and `attempts` what was tried, oldest first. `started` is on the monotonic
    clock. `notes` are added to the error that the call raises, if it does (PEP 678). `request_id`
    is what a `RequestId` sends, None without one.
    """

    __slots__ = (
        "_data",
        "attempt",
        "attempts",
        "auth",
        "history",
        "id",
        "notes",
        "options",
        "origin",
        "request_id",
        "started",
        "transport_options",
        "trusted",
        "watchers",
    )

    def __init__(
        self,
        options: CallOptions,
        transport_options: TransportOptions,
        started: float,
        origin: Origin,
        auth: Auth | None = None,
        *,
        trusted: bool = True,
    ) -> None:
        self.id = _next_id()
        self.options = options
        self.transport_options = transport_options
        self.started = started
        # Whom the caller named: credentials go there and nowhere else.
        self.origin = origin
        # Whether it may have what the client has for everybody: of another origin than base_url,
        # the caller has to say what goes there.
        self.trusted = trusted
        self.auth = auth
        self.attempt = 0
        self.attempts: tuple[Attempt, ...] = ()
        self.history: tuple[Response, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.request_id: str | None = None
        # Told of each attempt once it is recorded, with the wait before the next.
        self.watchers: tuple[Callable[[Attempt], None], ...] = ()
        self._data: dict[object, object] | None = None

    @property
    def data(self) -> dict[object, object]:
        """A dict for policies to share; use your class as the key, so that keys do not meet."""
        if self._data is None:
            self._data = {}
        return self._data

    @property
    def stream(self) -> bool:
        """Whether the caller asked for a stream: the body is not loaded inside the pipeline."""
        return self.transport_options.stream

    def remaining(self, now: float) -> float | None:
        """Return the seconds left of the deadline, None if the call has none."""
        deadline = self.transport_options.deadline
        return None if deadline is None else deadline.remaining(now)

    def record(self, attempt: Attempt) -> None:
        """Add an attempt that has just ended, and tell the watchers."""
        self.attempts = (*self.attempts, attempt)
        for watcher in self.watchers:
            watcher(attempt)

    def add_note(self, note: str) -> None:
        """Have `note` said by the error that this call raises, if it raises one."""
        self.notes = (*self.notes, note)

    def __repr__(self) -> str:
        return f"<CallContext {self.id}, attempt {self.attempt}>"
