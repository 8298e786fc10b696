"""How the time that is left is written."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.deadline_header import DeadlineHeader, Unit, written

REQUEST = Request("GET", URL("https://site.example/"))


@pytest.mark.parametrize(
    ("seconds", "unit", "expected"),
    [
        (1.25, "ms", "1250"),
        (0.0, "ms", "0"),
        (0.9999, "ms", "999"),
        (1.25, "s", "1.250"),
        (0.0, "s", "0.000"),
        (61.0049, "s", "61.004"),
        (1.25, "grpc", "1250m"),
        (0.0, "grpc", "0m"),
        (99_999.999, "grpc", "99999999m"),
        (100_000.0, "grpc", "100000S"),
        (1e12, "grpc", "99999999S"),
        (1e308, "ms", "99999999000"),
        (1e308, "s", "99999999.000"),
        (1e308, "grpc", "99999999S"),
    ],
)
def test_units(seconds: float, unit: Unit, expected: str) -> None:
    """Whole milliseconds, seconds with three decimals, or what grpc-timeout takes; rounded down."""
    assert expected == written(seconds, unit)


@given(st.floats(0, 1e12))
@example(0.35)
def test_nobody_is_told_of_more_time_than_there_is(seconds: float) -> None:
    """Each way of writing it is at most what is left, and short by less than a second."""
    assert int(written(seconds, "ms")) / 1000 <= seconds
    assert float(written(seconds, "s")) <= seconds
    value, unit = written(seconds, "grpc")[:-1], written(seconds, "grpc")[-1]
    assert len(value) <= 8
    assert int(value) / {"m": 1000, "S": 1}[unit] <= seconds


def test_the_header() -> None:
    """It has a name by default, and any other that is given."""
    assert "1500" == DeadlineHeader().timed(REQUEST, 1.5).headers["x-envoy-expected-rq-timeout-ms"]
    timed = DeadlineHeader("grpc-timeout", unit="grpc").timed(REQUEST, 1.5)
    assert "1500m" == timed.headers["grpc-timeout"]


def test_when_there_is_none() -> None:
    """Without a deadline nothing is sent, and a header of the caller's own stays as it is."""
    own = Request("GET", REQUEST.url, Headers({"x-envoy-expected-rq-timeout-ms": "7"}))

    assert DeadlineHeader().timed(REQUEST, None) is REQUEST
    assert DeadlineHeader().timed(own, 1.5) is own


@pytest.mark.parametrize("unit", ["seconds", "S", None, 1])
def test_unknown_units(unit: object) -> None:
    """A unit that is not known is refused when the policy is made."""
    with pytest.raises(InvalidOptionError, match='must be "ms", "s" or "grpc"'):
        DeadlineHeader(unit=unit)  # type: ignore[arg-type]


def test_a_name_that_is_none() -> None:
    """A header needs a name that can be sent."""
    with pytest.raises(InvalidHeaderError):
        DeadlineHeader("two words")


def test_it_is_a_value() -> None:
    """Equal settings are equal and hash alike, and survive a pickle."""
    policy = DeadlineHeader("X-T", unit="s")

    assert {policy} == {DeadlineHeader("X-T", unit="s")}
    assert policy == pickle.loads(pickle.dumps(policy))
