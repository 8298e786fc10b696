"""How long each wait may last, and what is said when it lasted that long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import (
    ConnectTimeout,
    DeadlineExceeded,
    PoolTimeout,
    ReadTimeout,
    RequestCancelled,
    TransportError,
    WriteTimeout,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.deadline import Deadline
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import TransportOptions
from antiphon.models.url import URL
from antiphon.policies.patience import Patience

if TYPE_CHECKING:
    from antiphon.policies.patience import Phase

REQUEST = Request("GET", URL("https://user:secret@example.test:8443/path?key=secret"))
PHASES: list[Phase] = ["pool", "connect", "write", "read"]
SECONDS = st.floats(0.0, 1e6)


def patience_of(
    timeout: Timeout | None = None, at: float | None = None, cancel: CancelToken | None = None
) -> Patience:
    return Patience(
        REQUEST,
        TransportOptions(
            timeout=Timeout() if timeout is None else timeout,
            deadline=None if at is None else Deadline(at),
            cancel=cancel,
        ),
    )


@pytest.mark.parametrize(
    ("seconds", "deadline", "until"),
    [
        (5.0, None, 105.0),
        (5.0, 200.0, 105.0),
        (5.0, 103.0, 103.0),
        (5.0, 105.0, 105.0),
        (5.0, 50.0, 50.0),
        (0.0, None, 100.0),
        (None, 200.0, 200.0),
        (None, None, None),
    ],
)
def test_until(seconds: float | None, deadline: float | None, until: float | None) -> None:
    """A wait ends at the limit of its phase or at the deadline, whichever is earlier."""
    assert until == patience_of(at=deadline).until(seconds, 100.0)


@given(seconds=st.none() | SECONDS, deadline=st.none() | SECONDS, now=SECONDS)
def test_until_is_the_earliest(seconds: float | None, deadline: float | None, now: float) -> None:
    """Whatever the limits are, a wait ends at the earliest of those that there are."""
    ends = [] if seconds is None else [now + seconds]
    ends += [] if deadline is None else [deadline]

    assert min(ends, default=None) == patience_of(at=deadline).until(seconds, now)


def test_phases() -> None:
    """Each phase has the limit that the timeout gives it."""
    patience = patience_of(Timeout(connect=1, read=2, write=3, pool=None))

    assert (1, 2, 3, None) == (patience.connect, patience.read, patience.write, patience.pool)
    assert patience.deadline is None


@pytest.mark.parametrize(
    ("phase", "kind", "message"),
    [
        ("pool", PoolTimeout, "no connection to {} became free within pool=1.5 s"),
        ("connect", ConnectTimeout, "connecting to {} took longer than connect=2 s"),
        ("write", WriteTimeout, "{} took no bytes of the request within write=3 s"),
        ("read", ReadTimeout, "{} sent nothing within read=4 s"),
    ],
)
def test_time_out(phase: Phase, kind: type[TransportError], message: str) -> None:
    """A phase that took too long is named, with its limit and the peer, and without a secret."""
    patience = patience_of(Timeout(pool=1.5, connect=2, write=3, read=4), at=1000.0)

    error = patience.exhausted(phase, 999.0, "maybe", cancelled=False)

    assert type(error) is kind
    assert message.format("https://example.test:8443") in str(error)
    assert ("maybe", REQUEST) == (error.sent, error.request)  # type: ignore[attr-defined]
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("phase", "doing"),
    [
        ("pool", "waiting for a free connection to"),
        ("connect", "connecting to"),
        ("write", "sending the request to"),
        ("read", "waiting for the response of"),
    ],
)
def test_deadline_and_cancellation_say_what_was_going_on(phase: Phase, doing: str) -> None:
    """A deadline and a cancellation, with its reason, name what they ended; the latter beats all."""
    token = CancelToken()
    token.cancel("no longer wanted")
    patience = patience_of(at=1000.0, cancel=token)

    late = patience.exhausted(phase, 1000.0, "no", cancelled=False)
    cancelled = patience.exhausted(phase, 1000.0, "no", cancelled=True)

    assert type(late) is DeadlineExceeded
    assert f"the deadline passed while {doing} https://example.test:8443" in str(late)
    assert type(cancelled) is RequestCancelled
    assert f"cancelled while {doing} https://example.test:8443: no longer wanted" == str(cancelled)


def test_cancelled_without_a_reason() -> None:
    """Where nobody gave a reason none is made up."""
    for token in (None, CancelToken()):
        error = patience_of(cancel=token).exhausted("read", 0.0, "no", cancelled=True)
        assert "cancelled while waiting for the response of https://example.test:8443" == str(error)


@given(phase=st.sampled_from(PHASES), now=SECONDS, deadline=st.none() | SECONDS)
def test_what_ended_it_is_what_is_raised(phase: Phase, now: float, deadline: float | None) -> None:
    """It is the deadline's error exactly if the deadline has passed."""
    error = patience_of(at=deadline).exhausted(phase, now, "no", cancelled=False)

    assert (deadline is not None and deadline <= now) is isinstance(error, DeadlineExceeded)
