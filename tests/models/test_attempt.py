"""The record of one try is a value, whichever way it is made."""

from __future__ import annotations

import attrs
import pytest

from antiphon.models.attempt import Attempt, attempt_of
from antiphon.models.url import URL

URL_ = URL("https://site.example/")


def test_the_quick_way_makes_the_same() -> None:
    """An attempt that the pipeline made is in nothing different from one that was called for."""
    error = OSError("cut")
    quick = attempt_of(2, "GET", URL_, None, error, 0.5, 1.5, 3.0, True, 2, 1)

    assert type(quick) is Attempt
    assert quick == Attempt(2, "GET", URL_, None, error, 0.5, 1.5, 3.0, True, copies=2, winner=1)
    assert attrs.evolve(quick, number=3).number == 3
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        quick.number = 3  # type: ignore[misc]


def test_it_has_every_field() -> None:
    """A field that is added to the class is one that the quick way has to fill in."""
    quick = attempt_of(1, "GET", URL_, 200, None, 0.0, 0.1, None, False, 0, 0)

    assert attrs.asdict(quick, recurse=False) == attrs.asdict(
        Attempt(1, "GET", URL_, 200, elapsed=0.1), recurse=False
    )
