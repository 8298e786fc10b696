"""`CallContext`: what the steps of one call share."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from antiphon.policies.idempotency import IDEMPOTENCY_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.attempt import Attempt
    from antiphon.models.cancel import CancelToken
    from antiphon.models.origin import Origin
    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.transport_options import TransportOptions
    from antiphon.policies.auth import AnyAuth
    from antiphon.policies.call_options import CallOptions

_next_id = count(1).__next__


class CallContext:
    """One call on its way through the pipeline; policies may read it and keep things in `data`.

    `id` is unique in the process, `attempt` counts from 1 at each hop, `history` has the redirects
    that were followed and `attempts` what was tried, oldest first. `started` is on the monotonic
    clock. `notes` are added to the error that the call raises, if it does (PEP 678). `request_id`
    is what a `RequestId` sends, None without one. Where a `Hedge` sends copies of a request, each
    has a context of its own: `copy` is its number then, 0 for the first request.
    """

    __slots__ = (
        "_data",
        "attempt",
        "attempts",
        "auth",
        "copy",
        "hedging",
        "history",
        "id",
        "idempotency_header",
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
        auth: AnyAuth | None = None,
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
        self.copy = 0
        # Of the attempt that is being made: how many copies were sent, and whose outcome it has.
        self.hedging: tuple[int, int] = (0, 0)
        self.attempts: tuple[Attempt, ...] = ()
        self.history: tuple[Response, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.request_id: str | None = None
        # The name of the header that an IdempotencyKey fills in.
        self.idempotency_header = IDEMPOTENCY_HEADER
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

    def is_keyed(self, request: Request) -> bool:
        """Tell whether `request` has an idempotency key, so that it may be sent again."""
        return self.idempotency_header in request.headers

    def record(self, attempt: Attempt) -> None:
        """Add an attempt that has just ended, and tell the watchers."""
        self.attempts = (*self.attempts, attempt)
        for watcher in self.watchers:
            watcher(attempt)

    def fork(self, copy: int, cancel: CancelToken) -> CallContext:
        """Return a context for copy number `copy` of the request, which `cancel` ends by itself.

        What it adds, notes and `data` among it, is its own until it is adopted.
        """
        fork = object.__new__(CallContext)
        for name in CallContext.__slots__:
            setattr(fork, name, getattr(self, name))
        options = self.transport_options
        fork.transport_options = type(options)(
            options.timeout, options.deadline, cancel, options.stream, options.observer
        )
        fork.copy = copy
        fork._data = None if self._data is None else dict(self._data)
        return fork

    def adopt(self, fork: CallContext) -> None:
        """Take over what the copy that counts has added."""
        self.notes = fork.notes
        self.request_id = fork.request_id
        if fork._data:
            self.data.update(fork._data)

    def within(self, origin: Origin, max_response_bytes: int) -> CallContext:
        """Return the context of a request to `origin` that this call cannot do without.

        Its limits in time, its data and its watchers are those of this call; its attempts are its
        own, and so is who it asks for: it has no credentials of this call.
        """
        import attrs

        options = attrs.evolve(
            self.options,
            auth=None,
            cache="no-store",
            idempotency_key=None,
            max_response_bytes=max_response_bytes,
            raise_for_status=False,
        )
        loading = attrs.evolve(self.transport_options, stream=False)
        inner = CallContext(options, loading, self.started, origin)
        inner.id = self.id
        inner.request_id = self.request_id
        inner.watchers = self.watchers
        inner._data = self.data
        return inner

    def add_note(self, note: str) -> None:
        """Have `note` said by the error that this call raises, if it raises one."""
        self.notes = (*self.notes, note)

    def __repr__(self) -> str:
        return f"<CallContext {self.id}, attempt {self.attempt}>"
