"""Percentiles of the last latencies, against sorting them anew."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.policies.latency_window import WINDOW, LatencyWindow

seconds = st.floats(0, 100)


@given(st.lists(seconds, min_size=1, max_size=600), st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.999]))
def test_it_agrees_with_sorting(latencies: list[float], share: float) -> None:
    """The percentile is that of the last ones, by nearest rank."""
    window = LatencyWindow()
    for latency in latencies:
        window.add(latency)
    kept = sorted(latencies[-WINDOW:])
    assert len(kept) == len(window)
    assert kept[max(0, ceil(round(share * len(kept), 6)) - 1)] == window.percentile(share)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.951, 96.0), (0.99, 99.0), (0.999, 100.0)]
)
def test_ranks(share: float, expected: float) -> None:
    """Of a hundred latencies the 95th percentile is the 95th."""
    window = LatencyWindow()
    for latency in range(100, 0, -1):
        window.add(float(latency))
    assert expected == window.percentile(share)


def test_nothing_known() -> None:
    """No percentile is made up where nothing was seen."""
    with pytest.raises(IndexError):
        LatencyWindow().percentile(0.5)
