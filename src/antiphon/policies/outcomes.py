"""`Outcome`: how a call or an attempt ended, for those who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from antiphon.errors import AntiphonError, RequestCancelled

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.timings import Timeline
    from antiphon.policies.call_context import CallContext


class _Answer(Protocol):
    """What a stream of either voice says about its head."""

    request: Request
    status: int
    headers: Headers
    http_version: str
    timeline: Timeline | None

    @property
    def request_id(self) -> str | None: ...


@attrs.frozen(eq=False)
class Outcome:
    """How a call or an attempt ended: with a `status`, an `error`, or both for a StatusError.

    `request` is the last that was sent, after redirects. `number` counts the attempts of the call
    from 1, over all its hops; 0 if none was made. `elapsed` is in seconds, up to the end of the
    body where it was loaded and up to its start where it is streamed. `bytes_sent` and
    `bytes_received` are what the last exchange had on the wire by then, None where nobody counted.
    """

    request: Request
    number: int
    elapsed: float
    status: int | None = None
    headers: Headers | None = None
    http_version: str | None = None
    request_id: str | None = None
    bytes_sent: int | None = None
    bytes_received: int | None = None
    error: BaseException | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller, or who runs it, wanted no more of it: neither success nor failure."""
        error = self.error
        return error is not None and (
            isinstance(error, RequestCancelled) or not isinstance(error, Exception)
        )

    @property
    def is_failure(self) -> bool:
        """Whether it ended in a 4xx or 5xx, or in an error that is no cancellation."""
        if self.error is not None:
            return not self.is_cancelled
        return self.status is not None and self.status >= 400

    @property
    def error_type(self) -> str | None:
        """What went wrong in one word, None if nothing did.

        The status for a 4xx or 5xx, such as "503"; else the `code` of the error, such as
        "read_timeout"; the full name of its class for an error that is not antiphon's.
        """
        if self.status is not None and self.status >= 400:
            return str(self.status)
        error = self.error
        if error is None:
            return None
        if isinstance(error, AntiphonError):
            return error.code
        kind = type(error)
        return (
            kind.__qualname__
            if kind.__module__ == "builtins"
            else f"{kind.__module__}.{kind.__qualname__}"
        )


def outcome_of_answer(
    answer: _Answer, call: CallContext, number: int, started: float, now: float
) -> Outcome:
    """Return the outcome of what has an answer; `started` and `now` in monotonic seconds."""
    return Outcome(
        answer.request,
        number,
        now - started,
        answer.status,
        answer.headers,
        answer.http_version,
        answer.request_id or call.request_id,
        *_bytes_of(answer.timeline),
    )


def outcome_of_error(
    error: BaseException,
    request: Request,
    call: CallContext,
    number: int,
    started: float,
    now: float,
) -> Outcome:
    """Return the outcome of what raised `error`, while `request` was the one to be sent."""
    if not isinstance(error, AntiphonError):
        return Outcome(request, number, now - started, request_id=call.request_id, error=error)
    response = error.response
    return Outcome(
        error.request or request,
        number,
        now - started,
        error.status,
        error.headers,
        None if response is None else response.http_version,
        error.request_id or call.request_id,
        *_bytes_of(None if response is None else response.timeline),
        error=error,
    )


def _bytes_of(timeline: Timeline | None) -> tuple[int | None, int | None]:
    """Return the bytes sent and received on the wire, None where nobody counted."""
    if timeline is None:
        return None, None
    return timeline.sent_bytes, timeline.received_bytes
