"""The plot of a chaos run as SVG, made of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tools.chaos.run import Result

WIDTH, LEFT, RIGHT = 900, 60, 20
FONT = 'font-family="sans-serif" font-size="12"'
BUCKETS = 120
REQUESTS = (
    ("first", "#4e79a7"),
    ("resent", "#76b7b2"),
    ("copies", "#f28e2b"),
    ("retries", "#e15759"),
)
ANSWERS = (("answered", "#59a14f"), ("failed", "#e15759"), ("refused", "#bab0ac"))
STATES = {"closed": "#59a14f", "half_open": "#edc948", "open": "#e15759"}


def plot(result: Result) -> str:
    """Return the drawing: requests at the server, what callers got, and the breaker, over time."""
    end = result.seconds
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 500" {FONT}>',
        f'<rect width="{WIDTH}" height="500" fill="#fff"/>',
        *_phases(result.phases, end),
        *_panel("requests at the server, per second", result.arrivals, REQUESTS, end, 60, 200),
        *_panel("calls by their end, per second", result.answers, ANSWERS, end, 250, 390),
        *_strip(result.states, end),
        *_axis(end),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _x(when: float, end: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * min(when, end) / end, 1)


def _phases(phases: Sequence[tuple[float, str]], end: float) -> list[str]:
    lines = []
    for number, (began, name) in enumerate(phases):
        left = _x(began, end)
        right = _x(phases[number + 1][0] if number + 1 < len(phases) else end, end)
        shade = "#f4f4f4" if number % 2 else "#fbfbfb"
        lines += [
            f'<rect x="{left}" y="24" width="{right - left:.1f}" height="440" fill="{shade}"/>',
            f'<text x="{(left + right) / 2:.1f}" y="18" text-anchor="middle">{escape(name)}</text>',
        ]
    return lines


def _panel(
    title: str,
    events: Sequence[tuple[float, str]],
    kinds: Sequence[tuple[str, str]],
    end: float,
    top: int,
    bottom: int,
) -> list[str]:
    """Return one panel: the rates of each kind, stacked."""
    width = end / BUCKETS
    rates = {kind: [0.0] * BUCKETS for kind, _ in kinds}
    for when, kind in events:
        rates[kind][min(BUCKETS - 1, int(when / width))] += 1 / width
    highest = max(1.0, *(sum(rates[kind][n] for kind, _ in kinds) for n in range(BUCKETS)))
    scale = (bottom - top) / highest
    lines = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{escape(title)}</text>']
    under = [float(bottom)] * BUCKETS
    key = WIDTH - RIGHT
    for kind, colour in kinds:
        over = [low - rate * scale for low, rate in zip(under, rates[kind], strict=True)]
        forth = [f"{_x((n + 0.5) * width, end)},{y:.1f}" for n, y in enumerate(over)]
        back = [f"{_x((n + 0.5) * width, end)},{y:.1f}" for n, y in enumerate(under)]
        lines.append(f'<polygon points="{" ".join([*forth, *reversed(back)])}" fill="{colour}"/>')
        under = over
    for kind, colour in reversed(kinds):
        key -= 12 + 7 * len(kind)
        lines += [
            f'<rect x="{key - 14}" y="{top - 18}" width="10" height="10" fill="{colour}"/>',
            f'<text x="{key}" y="{top - 8}">{kind}</text>',
        ]
        key -= 14
    lines += [
        f'<text x="{LEFT - 6}" y="{top + 4}" text-anchor="end">{highest:.0f}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
        f'<path d="M{LEFT} {top}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="#555"/>',
    ]
    return lines


def _strip(states: Sequence[tuple[float, str]], end: float) -> list[str]:
    """Return the states of the breaker as a strip of colours."""
    lines = [f'<text x="{LEFT}" y="422" font-weight="bold">circuit breaker</text>']
    for number, (since, state) in enumerate(states):
        left = _x(since, end)
        right = _x(states[number + 1][0] if number + 1 < len(states) else end, end)
        if right > left:
            lines.append(
                f'<rect x="{left}" y="430" width="{right - left:.1f}" height="18" '
                f'fill="{STATES[state]}"/>'
            )
    key = WIDTH - RIGHT
    for state, colour in reversed(STATES.items()):
        name = state.replace("_", " ")
        key -= 12 + 7 * len(name)
        lines += [
            f'<rect x="{key - 14}" y="412" width="10" height="10" fill="{colour}"/>',
            f'<text x="{key}" y="422">{name}</text>',
        ]
        key -= 14
    return lines


def _axis(end: float) -> list[str]:
    step = next(size for size in (0.25, 0.5, 1, 5, 10, 60, 600) if end / size <= 10)
    count = int(end / step + 1e-9)
    return [
        f'<text x="{_x(n * step, end)}" y="482" text-anchor="middle">{n * step:g} s</text>'
        for n in range(count + 1)
    ]
