"""Limits of the pool: defaults, bounds, and what is refused."""

from __future__ import annotations

import pickle

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.limits import Limits


def test_defaults() -> None:
    """100 connections, no bound an origin, 20 idle kept for 30 s."""
    assert repr(Limits()) == (
        "Limits(max_connections=100, max_connections_per_origin=None, max_idle_connections=20, "
        "idle_timeout=30.0)"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"max_connections": 1},
        {"max_connections": None},
        {"max_connections_per_origin": 1},
        {"max_idle_connections": 0},
        {"max_idle_connections": None},
        {"idle_timeout": 0},
        {"idle_timeout": None},
        {"idle_timeout": 0.5},
    ],
)
def test_accepted(settings: dict[str, float | None]) -> None:
    """The smallest values and None are limits."""
    limits = Limits(**settings)  # type: ignore[arg-type]
    assert {name: getattr(limits, name) for name in settings} == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 0),
        ("max_connections", -1),
        ("max_connections", True),
        ("max_connections", 1.5),
        ("max_connections", "10"),
        ("max_connections_per_origin", 0),
        ("max_idle_connections", -1),
        ("idle_timeout", -0.1),
        ("idle_timeout", float("nan")),
        ("idle_timeout", float("inf")),
        ("idle_timeout", True),
        ("idle_timeout", "30"),
    ],
)
def test_refused(name: str, value: object) -> None:
    """Zero connections, fractions, flags and texts are refused by the name of the setting."""
    with pytest.raises(InvalidOptionError, match=rf"^limits\.{name}: expected .* got "):
        Limits(**{name: value})  # type: ignore[arg-type]


def test_value_semantics() -> None:
    """Limits compare and hash by value, pickle, and do not change."""
    limits = Limits(max_connections=7)
    assert limits == Limits(max_connections=7)
    assert limits != Limits()
    assert hash(limits) == hash(Limits(max_connections=7))
    assert pickle.loads(pickle.dumps(limits)) == limits
    with pytest.raises(AttributeError):
        limits.max_connections = 8  # type: ignore[misc]
