"""Where the time of a call went, drawn in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.timings import Timings

WIDTH = 40


def waterfall(timings: Timings) -> str:
    """One line a phase, each bar beginning where the one before it ended."""
    body = None
    phases = [
        ("pool wait", timings.pool_wait),
        ("dns", timings.dns),
        ("connect", timings.connect),
        ("tls", timings.tls),
        ("request sent", timings.request_sent),
        ("first byte", timings.first_byte),
    ]
    spent = sum(seconds for _, seconds in phases if seconds is not None)
    total = spent if timings.total is None else timings.total
    if timings.total is not None:
        body = max(0.0, timings.total - spent)
    lines = []
    passed = 0.0
    for name, seconds in [*phases, ("body", body)]:
        if seconds is None:
            continue
        start = _column(passed, total)
        end = max(_column(passed + seconds, total), start + 1)
        bar = (" " * start + "#" * (end - start)).ljust(WIDTH + 1)
        lines.append(f"{name:>12} |{bar}| {_milliseconds(seconds)}")
        passed += seconds
    lines.append(f"{'total':>12}  {' ' * (WIDTH + 1)}  {_milliseconds(total)}")
    return "\n".join(lines)


def _column(moment: float, total: float) -> int:
    return min(WIDTH, round(WIDTH * moment / total)) if total else 0


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:8.2f} ms"
