"""Timeouts: what is named is set, what is not keeps its default, what cannot be meant is refused."""

from __future__ import annotations

import pickle

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.timeout import DEFAULT_TIMEOUT, Timeout
from antiphon.models.unset import UNSET, Unset


def phases(timeout: Timeout) -> tuple[float | None, ...]:
    return (timeout.connect, timeout.read, timeout.write, timeout.pool, timeout.total)


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (Timeout(), (5.0, 30.0, 30.0, 5.0, None)),
        (Timeout(7), (7.0, 7.0, 7.0, 7.0, None)),
        (Timeout(None), (None, None, None, None, None)),
        (Timeout(connect=3, read=10, total=30), (3.0, 10.0, 30.0, 5.0, 30.0)),
        (Timeout(7, read=None), (7.0, None, 7.0, 7.0, None)),
        (Timeout(None, total=1), (None, None, None, None, 1.0)),
        (Timeout(write=0, pool=0.5), (5.0, 30.0, 0.0, 0.5, None)),
        (DEFAULT_TIMEOUT, (5.0, 30.0, 30.0, 5.0, None)),
    ],
)
def test_phases(timeout: Timeout, expected: tuple[float | None, ...]) -> None:
    """A number sets the four phases, a named phase beats it, and `total` is set by name only."""
    assert phases(timeout) == expected


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(Timeout(), 1.0), (Timeout(7), 1.0), (Timeout(None), 1.0), (Timeout(expect=3), 3.0)],
)
def test_expect(timeout: Timeout, expected: float) -> None:
    """The wait for 100 Continue is a second, whatever the phases are, unless it is named."""
    assert expected == timeout.expect
    assert Timeout(expect=None).expect is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2, Timeout(2)), (0.5, Timeout(0.5)), (None, Timeout(None))],
)
def test_of_a_value(value: float | None, expected: Timeout) -> None:
    """Numbers and None become a Timeout."""
    assert Timeout.of(value) == expected


def test_of_a_timeout() -> None:
    """A Timeout is itself."""
    timeout = Timeout(total=3)
    assert Timeout.of(timeout) is timeout


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-1, "-1"),
        (-0.001, "-0.001"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**400, "1000"),
        (True, "bool"),
        ("5", "str"),
        ((3, 10), "tuple"),
        ({"connect": 3}, "dict"),
    ],
)
@pytest.mark.parametrize("phase", [None, "connect", "read", "write", "pool", "total"])
def test_refused(value: object, shown: str, phase: str | None) -> None:
    """What is no limit in seconds is refused, by an error that names the phase and the remedy."""
    with pytest.raises(InvalidOptionError) as caught:
        Timeout(value) if phase is None else Timeout(**{phase: value})
    message = str(caught.value)
    assert message.startswith("timeout: " if phase is None else f"timeout.{phase}: ")
    assert shown in message
    assert "Timeout(connect=3, read=10, total=60)" in message


def test_a_text_is_not_shown() -> None:
    """A text in the place of a timeout may be a secret that slipped."""
    with pytest.raises(InvalidOptionError) as caught:
        Timeout.of("hunter2")  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


def test_value_semantics() -> None:
    """Timeouts compare and hash by value, pickle, show their phases, and do not change."""
    one = Timeout(5, total=60)
    assert one == Timeout(5.0, total=60.0)
    assert one != Timeout(5)
    assert hash(one) == hash(Timeout(5.0, total=60.0))
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == (
        "Timeout(connect=5.0, read=5.0, write=5.0, pool=5.0, total=60.0, expect=1.0)"
    )
    with pytest.raises(AttributeError):
        one.read = 3.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        object.__getattribute__(one, "__dict__")


def test_unset() -> None:
    """The sentinel is shown as <DEFAULT> in signatures, and a pickle of it is itself."""
    assert repr(UNSET) == str(UNSET) == "<DEFAULT>"
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert list(Unset) == [UNSET]
