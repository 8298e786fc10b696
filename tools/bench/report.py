"""Turns a run into text for the terminal and into a table for the documentation."""

from __future__ import annotations

from tools.bench.cases import TARGETS
from tools.bench.results import CaseResult, Run, reached, target_ratio

BEGIN = "<!-- bench: begin, written by python -m tools.bench --markdown -->"
END = "<!-- bench: end -->"


def _number(value: float | None, digits: int = 2) -> str:
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.{digits}f}"


def _what(case: CaseResult) -> str:
    return "KiB a stream" if case.unit == "KiB" else f"CPU {case.unit}"


def _rows(case: CaseResult) -> list[list[str]]:
    """Return a row a peer, the cheapest first: name, cost, spread, ratios, throughput."""
    rows = []
    # The floor's memory is next to none: a multiple of it says nothing.
    vague = case.unit == "KiB"
    for name in sorted(case.peers, key=lambda one: case.peers[one].cost):
        peer = case.peers[name]
        rows.append(
            [
                name,
                _number(peer.cost),
                f"±{peer.spread:.0%}",
                _number(None if vague else case.cost_ratio(name, "floor")),
                _number(None if vague and name == "floor" else case.cost_ratio("antiphon", name)),
                _number(peer.rate) if case.rate_unit else "",
            ]
        )
    return rows


def _heads(case: CaseResult) -> list[str]:
    return ["peer", _what(case), "spread", "of floor", "antiphon/it", case.rate_unit]


def case_text(case: CaseResult) -> str:
    """Return the table of one case for a terminal."""
    rows = [_heads(case), *_rows(case)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"{case.name}: {case.title}"]
    for row in rows:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(cells)).rstrip())
    lines += [f"  {name}: not measured: {reason}" for name, reason in case.failed.items()]
    return "\n".join(lines) + "\n"


def _target_rows(run: Run) -> list[list[str]]:
    rows = []
    for target in TARGETS:
        ratio = target_ratio(run, target)
        if ratio is None:
            continue
        bound = f"at {'most' if target.of == 'cost' else 'least'} {target.bound:.2f}"
        what = "CPU" if target.of == "cost" else "throughput"
        verdict = "reached" if reached(target, ratio) else "missed"
        rows.append([target.case, f"{what} of {target.peer}", bound, f"{ratio:.2f}", verdict])
    return rows


def targets_text(run: Run) -> str:
    """Return one line a target that the run says something about."""
    return "".join(
        f"target {case}: {bound} of the {what}; measured {ratio}, {verdict}\n"
        for case, what, bound, ratio, verdict in _target_rows(run)
    )


def _table(heads: list[str], rows: list[list[str]]) -> str:
    marks = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, marks, *rows]) + "\n"


def markdown(run: Run) -> str:
    """Return the whole run for the documentation."""
    machine, settings = run.machine, run.settings
    where = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']} "
        f"{machine['architecture']}; {machine['python']}; {machine['tls']}; server "
        f"{settings['server']}; {settings['repeats']} repeats; load before the run "
        f"{_number(_as_float(machine.get('load_before')))}.\n"
    )
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    parts = [f"Made by `{run.command}`.\n", where, f"Versions: {versions}.\n"]
    if rows := _target_rows(run):
        parts.append(_table(["case", "antiphon's", "target", "measured", ""], rows))
    for case in run.cases:
        parts.append(f"### {case.title[0].upper()}{case.title[1:]}\n")
        parts.append(_table(_heads(case), _rows(case)))
        parts += [f"{name}: not measured ({reason}).\n" for name, reason in case.failed.items()]
    return "\n".join(parts)


def _as_float(value: object) -> float | None:
    return value if isinstance(value, float) else None


def with_table(page: str, run: Run) -> str:
    """Return `page` with what stands between its two marks replaced by the run.

    Raises ValueError when a mark is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"the page has no marks {BEGIN!r} and {END!r} to write between"
        raise ValueError(msg)
    return f"{before}{BEGIN}\n\n{markdown(run)}\n{END}{after}"
