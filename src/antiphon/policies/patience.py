"""How long one exchange waits for what, and what is said when it gives up."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Literal

from antiphon.errors import (
    AntiphonError,
    ConnectTimeout,
    DeadlineExceeded,
    PoolTimeout,
    ReadTimeout,
    RequestCancelled,
    WriteTimeout,
)

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.models.transport_options import TransportOptions

Phase = Literal["pool", "connect", "write", "read"]

_TIMEOUTS: dict[Phase, tuple[type[AntiphonError], str]] = {
    "pool": (PoolTimeout, "no connection to {peer} became free within pool={seconds:g} s"),
    "connect": (ConnectTimeout, "connecting to {peer} took longer than connect={seconds:g} s"),
    "write": (WriteTimeout, "{peer} took no bytes of the request within write={seconds:g} s"),
    "read": (ReadTimeout, "{peer} sent nothing within read={seconds:g} s"),
}
_DOING: dict[Phase, str] = {
    "pool": "waiting for a free connection to {peer}",
    "connect": "connecting to {peer}",
    "write": "sending the request to {peer}",
    "read": "waiting for the response of {peer}",
}


class Patience:
    """The limits of one exchange: a time for each phase, one deadline over all, a cancel token.

    `until(phase, now)` is the moment (monotonic seconds) at which a wait that begins now ends, and
    `exhausted` makes the error for a wait that ended without what it waited for.
    """

    __slots__ = ("cancel", "connect", "deadline", "expect", "pool", "read", "request", "write")

    def __init__(self, request: Request, options: TransportOptions) -> None:
        timeout = options.timeout
        self.request = request
        self.connect = timeout.connect
        self.expect = timeout.expect
        self.pool = timeout.pool
        self.read = timeout.read
        self.write = timeout.write
        self.deadline = None if options.deadline is None else options.deadline.at
        self.cancel = options.cancel

    def without_expect(self) -> Patience:
        """The same for the request without its `Expect`."""
        patience = copy(self)
        patience.request = self.request.with_(headers=self.request.headers.without("Expect"))
        return patience

    def until(self, seconds: float | None, now: float) -> float | None:
        """When a wait that begins now must end: its phase's limit or the deadline, the earlier."""
        deadline = self.deadline
        if seconds is None:
            return deadline
        end = now + seconds
        return end if deadline is None or end < deadline else deadline

    def exhausted(
        self, phase: Phase, now: float, sent: Literal["no", "maybe"], cancelled: bool
    ) -> AntiphonError:
        """The error for a wait in `phase` that was cancelled or ran out of time by `now`."""
        peer = str(self.request.url.origin)
        doing = _DOING[phase].format(peer=peer)
        if cancelled:
            reason = self.cancel.reason if self.cancel is not None else ""
            because = f": {reason}" if reason else ""
            return RequestCancelled(
                f"cancelled while {doing}{because}", sent=sent, request=self.request
            )
        if self.deadline is not None and now >= self.deadline:
            return DeadlineExceeded(
                f"the deadline passed while {doing}; "
                "raise Timeout(total=...) or deadline(...) if it may take longer",
                sent=sent,
                request=self.request,
            )
        kind, sentence = _TIMEOUTS[phase]
        seconds = getattr(self, phase)
        message = sentence.format(peer=peer, seconds=seconds)
        return kind(message, sent=sent, request=self.request)  # type: ignore[call-arg]
