"""When an event stream is opened again: waits, limits, and what is not worth another try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import (
    AntiphonError,
    CertificateVerifyError,
    ClientClosedError,
    ConnectError,
    ConnectTimeout,
    ContentDecodingError,
    DeadlineExceeded,
    InvalidOptionError,
    LocalProtocolError,
    NameResolutionError,
    NotFoundError,
    PoolTimeout,
    ProxyError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    RequestCancelled,
    TLSError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.unset import UNSET
from antiphon.models.url import URL
from antiphon.policies.reconnect import (
    MAX_RETRY_FIELD,
    Reconnect,
    checked_event_id,
    checked_idle_timeout,
    may_reconnect,
    resumed,
)

RECONNECT = Reconnect(delay=2, backoff_factor=3, max_delay=20, max_failures=4)


def request(method: str = "GET", body: object = None, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, URL("http://a.test/"), Headers(named), build_body(content=body))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failures", "retry", "least", "most"),
    [
        (0, None, 2, 2),
        (1, None, 2, 6),
        (2, None, 2, 18),
        (3, None, 2, 20),
        (5000, None, 2, 20),
        (0, 500, 0.5, 0.5),
        (1, 500, 0.5, 6),
        (0, 0, 0, 0),
        # A server that asks for no wait does not have a dead one hammered.
        (1, 0, 0, 6),
        (0, 5000, 5, 5),
        (1, 5000, 5, 15),
        # What the server asks for is no shorter for being long, up to an hour.
        (0, 60_000, 60, 60),
        (1, 60_000, 60, 60),
        (0, 10**15, MAX_RETRY_FIELD, MAX_RETRY_FIELD),
    ],
)
def test_waits(failures: int, retry: int | None, least: float, most: float) -> None:
    """The first wait is exact; after failures it lies between that and a ceiling that grows."""
    assert least == RECONNECT.wait_before(failures, retry, lambda: 0.0)
    assert most == pytest.approx(RECONNECT.wait_before(failures, retry, lambda: 1.0))


@given(st.integers(0, 10_000), st.none() | st.integers(0, 10**15), st.floats(0, 1))
def test_waits_are_bounded(failures: int, retry: int | None, number: float) -> None:
    """No wait is negative, shorter than the server asks for, or longer than the limits."""
    asked = 0 if retry is None else min(retry / 1000, MAX_RETRY_FIELD)

    wait = RECONNECT.wait_before(failures, retry, lambda: number)

    assert asked <= wait <= max(asked, RECONNECT.max_delay)


def test_giving_up() -> None:
    """So many failures in a row are enough; without a limit none are."""
    assert [False, False, True, True] == [RECONNECT.gives_up(count) for count in (0, 3, 4, 5)]
    assert not Reconnect(max_failures=None).gives_up(10**6)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectError("x"), True),
        (ConnectTimeout("x"), True),
        (NameResolutionError("x"), True),
        (TLSError("x"), True),
        (ProxyError("x"), True),
        (ReadError("x", sent="maybe"), True),
        (ReadTimeout("x", sent="maybe"), True),
        (RemoteProtocolError("x"), True),
        (PoolTimeout("x"), True),
        (CertificateVerifyError("x"), False),
        (LocalProtocolError("x"), False),
        (DeadlineExceeded("x"), False),
        (RequestCancelled("x"), False),
        (NotFoundError("x"), False),
        (ContentDecodingError("x"), False),
        (ClientClosedError("x"), False),
        (AntiphonError("x"), False),
        (ValueError("x"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors(error: Exception, expected: bool) -> None:
    """The network may do better next time; answers, decisions and deadlines stay what they are."""
    assert expected == may_reconnect(error)


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        ("GET", None, Reconnect()),
        ("QUERY", b"q", Reconnect()),
        ("PUT", iter([b"x"]), None),
        ("POST", None, None),
        ("POST", b"x", None),
        ("BREW", None, None),
    ],
)
def test_the_default(method: str, body: object, expected: Reconnect | None) -> None:
    """Unset, what could do something twice is done once."""
    assert expected == Reconnect.of(UNSET, request(method, body))


def test_given_values() -> None:
    """A given value counts for any method; None is never."""
    assert RECONNECT is Reconnect.of(RECONNECT, request("POST", b"x"))
    assert Reconnect.of(None, request()) is None


def test_what_cannot_be_sent_again_is_refused() -> None:
    """Reconnecting with a body that is a stream, and values that are no `Reconnect`."""
    with pytest.raises(InvalidOptionError, match="it cannot be sent again"):
        Reconnect.of(RECONNECT, request("POST", iter([b"x"])))
    with pytest.raises(InvalidOptionError, match=r"reconnect=3: give a Reconnect, or None"):
        Reconnect.of(3, request())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        {"delay": -1},
        {"delay": float("nan")},
        {"delay": "3"},
        {"delay": None},
        {"max_delay": float("inf")},
        {"max_delay": 10**400},
        {"max_delay": True},
        {"backoff_factor": 0.5},
        {"backoff_factor": float("inf")},
        {"backoff_factor": "2"},
        {"max_failures": 0},
        {"max_failures": 1.5},
        {"max_failures": True},
    ],
)
def test_settings_out_of_range(settings: dict[str, object]) -> None:
    """The error names the setting and its value."""
    ((name, value),) = settings.items()

    with pytest.raises(InvalidOptionError) as caught:
        Reconnect(**settings)  # type: ignore[arg-type]

    assert f"Reconnect({name}={value!r}): give " in str(caught.value)


def test_settings_at_the_limits() -> None:
    """Zero waits, a factor of one and a single failure are values like others."""
    reconnect = Reconnect(delay=0, backoff_factor=1, max_delay=0, max_failures=1)

    assert 0 == reconnect.wait_before(9, None, lambda: 1.0)
    assert reconnect.gives_up(1)


@pytest.mark.parametrize("value", [0, -1, True, "5", float("inf"), float("nan"), 10**400])
def test_idle_timeouts_out_of_range(value: object) -> None:
    """No time at all and no number are refused."""
    with pytest.raises(InvalidOptionError, match="idle_timeout="):
        checked_idle_timeout(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, 1, 0.001])
def test_idle_timeouts(value: float | None) -> None:
    """Seconds, or None for no limit."""
    assert value == checked_idle_timeout(value)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\0", "\ud800"])
def test_ids_that_no_server_sends(value: str) -> None:
    """What could end the header, or is no text, is refused."""
    with pytest.raises(InvalidOptionError, match="last_event_id="):
        checked_event_id(value)


def test_ids_of_other_types() -> None:
    """Numbers are not taken for text; None is no id."""
    with pytest.raises(InvalidOptionError, match="last_event_id= is a int"):
        checked_event_id(7)  # type: ignore[arg-type]
    assert "" == checked_event_id(None)
    assert "7 \x01é" == checked_event_id("7 \x01é")


def test_resuming() -> None:
    """The header says the id in UTF-8, as it was sent, once; without an id there is none."""
    plain = request(accept="x")
    again = resumed(request(accept="x", last_event_id="old"), "é\x01🐎")

    assert plain is resumed(plain, "")
    assert (("accept", "x"), ("Last-Event-ID", "é\x01🐎".encode().decode("latin-1"))) == (
        again.headers.pairs
    )
    assert b"Last-Event-ID: " + "é\x01🐎".encode() in again.headers.wire
