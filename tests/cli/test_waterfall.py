"""The waterfall: one bar a phase, each beginning where the one before it ended."""

from __future__ import annotations

from antiphon import Timings
from antiphon.cli.waterfall import WIDTH, waterfall


def bars(text: str) -> dict[str, tuple[int, int]]:
    """Return the columns from which and to which each phase is drawn."""
    found = {}
    for line in text.splitlines()[:-1]:
        name, bar, _ = line.split("|")
        found[name.strip()] = (bar.index("#"), bar.rindex("#") + 1)
    return found


def test_the_phases_follow_each_other() -> None:
    """A bar is as long as its part of the whole, and what is left over is the body."""
    timings = Timings(pool_wait=1, dns=1, connect=2, tls=2, request_sent=1, first_byte=1, total=10)

    assert {
        "pool wait": (0, 4),
        "dns": (4, 8),
        "connect": (8, 16),
        "tls": (16, 24),
        "request sent": (24, 28),
        "first byte": (28, 32),
        "body": (32, WIDTH),
    } == bars(waterfall(timings))


def test_what_did_not_happen_is_left_out() -> None:
    """A reused connection has no dns, connect and tls; an unfinished body has no bar."""
    text = waterfall(Timings(pool_wait=0.001, request_sent=0.001, first_byte=0.002))

    assert ["pool wait", "request sent", "first byte"] == list(bars(text))
    assert text.endswith("4.00 ms")


def test_no_time_at_all() -> None:
    """A transport that tells nothing gives a total of nothing, and no division by zero."""
    assert waterfall(Timings()).split() == ["total", "0.00", "ms"]
    assert bars(waterfall(Timings(first_byte=0.0, total=0.0)))
