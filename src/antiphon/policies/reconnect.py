"""`Reconnect`: when an event stream that ended or broke is opened again, and how often."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final, TypeGuard

import attrs

from antiphon.errors import (
    CertificateVerifyError,
    DeadlineExceeded,
    InvalidOptionError,
    LocalProtocolError,
    TransportError,
)
from antiphon.models.headers import Headers
from antiphon.models.server_sent_event import EVENT_STREAM
from antiphon.models.unset import UNSET, Unset
from antiphon.policies.backoff import backoff_ceiling
from antiphon.policies.idempotency import is_idempotent

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request

DEFAULT_IDLE_TIMEOUT: Final = 60.0
"""Seconds. HTML standard, section 9.2.7: a server says something every 15 seconds or so."""
MAX_RETRY_FIELD: Final = 3600.0
"""Seconds; a server that asks for more by its `retry:` gets this."""
EVENT_HEADERS: Final = {"Accept": EVENT_STREAM, "Cache-Control": "no-store"}
"""What goes over the defaults of a client (HTML standard, section 9.2.2)."""
LAST_EVENT_ID: Final = "Last-Event-ID"

_LARGEST: Final = sys.float_info.max
_find_no_id = re.compile("[\\0\\r\\n\\ud800-\\udfff]").search

# An exhausted deadline stays so, and the other two are not bad luck.
_FATAL = (DeadlineExceeded, LocalProtocolError, CertificateVerifyError)


def _check_seconds(_: Reconnect, field: attrs.Attribute[float], value: object) -> None:
    if not _is_finite(value) or value < 0:
        raise InvalidOptionError(f"Reconnect({field.name}={value!r}): give seconds, 0 or more")


def _check_factor(_: Reconnect, field: attrs.Attribute[float], value: object) -> None:
    if not _is_finite(value) or value < 1:
        raise InvalidOptionError(f"Reconnect({field.name}={value!r}): give a number from 1")


def _check_failures(_: Reconnect, field: attrs.Attribute[int], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidOptionError(
            f"Reconnect({field.name}={value!r}): give a whole number from 1, or None for no limit"
        )


@attrs.frozen(kw_only=True)
class Reconnect:
    """How an event stream is opened again (HTML standard, section 9.2.3); times in seconds.

    After a stream that was open it waits `delay`, or what the server's `retry:` says instead. Each
    connection in a row that could not be opened makes the longest wait `backoff_factor` times
    longer, up to `max_delay`; the wait is a random time between the first and that (jitter). After
    `max_failures` of them in a row it gives up; None is no limit.

    Raises InvalidOptionError for values out of range.
    """

    delay: float = attrs.field(default=3.0, validator=_check_seconds)
    backoff_factor: float = attrs.field(default=2.0, validator=_check_factor)
    max_delay: float = attrs.field(default=60.0, validator=_check_seconds)
    max_failures: int | None = attrs.field(default=10, validator=_check_failures)

    @staticmethod
    def of(value: Reconnect | Unset | None, request: Request) -> Reconnect | None:
        """Return what `reconnect=` means for the events of `request`; None is never.

        Unset, it is the default for methods that are idempotent and bodies that can be sent again,
        never for others. Raises InvalidOptionError for anything else.
        """
        replayable = request.body is None or request.body.replayable
        if value is UNSET:
            return Reconnect() if replayable and is_idempotent(request.method) else None
        if value is None:
            return None
        if not isinstance(value, Reconnect):
            raise InvalidOptionError(
                f"reconnect={value!r}: give a Reconnect, or None to end with the connection"
            )
        if not replayable:
            raise InvalidOptionError(
                "reconnect= with a body that is a stream: it cannot be sent again; "
                "give the body as bytes, or reconnect=None"
            )
        return value

    def wait_before(self, failures: int, retry: int | None, random: Callable[[], float]) -> float:
        """Return how long to wait before the next connection, in seconds.

        `failures` connections in a row were not opened; `retry` is the last `retry:` in
        milliseconds, None if there was none; `random` gives numbers from 0 to 1.
        """
        first = self.delay if retry is None else min(retry / 1000, MAX_RETRY_FIELD)
        if not failures:
            return first
        ceiling = backoff_ceiling(
            failures + 1,
            # A server that asks for no wait at all does not mean one that is down.
            base_delay=max(first, self.delay),
            backoff_factor=self.backoff_factor,
            max_delay=max(first, self.max_delay),
        )
        return first + (ceiling - first) * random()

    def gives_up(self, failures: int) -> bool:
        """Tell whether so many failed connections in a row are enough."""
        return self.max_failures is not None and failures >= self.max_failures


def checked_event_id(value: str | None) -> str:
    """Return `last_event_id=`, "" for None. Raises InvalidOptionError for what no server sends."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidOptionError(f"last_event_id= is a {type(value).__name__}; give a str or None")
    if _find_no_id(value):
        raise InvalidOptionError(
            f"last_event_id={value!r}: NUL, CR, LF and halves of surrogate pairs are in no id"
        )
    return value


def resumed(request: Request, last_event_id: str) -> Request:
    """Return `request` asking for what follows that event, the request itself if it is ""."""
    if not last_event_id:
        return request
    # In UTF-8, and past the check of header values: whatever else an id may hold, the server that
    # sent it gets it back, as browsers do. CR, LF and NUL cannot be in it.
    value = last_event_id.encode().decode("latin-1")
    others = request.headers.without(LAST_EVENT_ID).pairs
    return request.with_(headers=Headers.trusted((*others, (LAST_EVENT_ID, value))))


def may_reconnect(error: Exception) -> bool:
    """Tell whether another connection may do better than the one that ended with `error`."""
    return isinstance(error, TransportError) and not isinstance(error, _FATAL)


def checked_idle_timeout(value: float | None) -> float | None:
    """Return `idle_timeout=` in seconds, None for no limit. Raises InvalidOptionError."""
    if value is None or (_is_finite(value) and value > 0):
        return value
    raise InvalidOptionError(
        f"idle_timeout={value!r}: give seconds above 0, or None to wait without limit"
    )


def _is_finite(value: object) -> TypeGuard[float]:
    # Not by isfinite(): of an int that no float can hold it raises.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
