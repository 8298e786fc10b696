"""Write the fault matrix of tests/fault_table.py into docs/reliability.md, or check it.

python tools/fault_matrix.py            writes
python tools/fault_matrix.py --check    fails if the page and the table differ
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN = "<!-- fault matrix: begin, written by python tools/fault_matrix.py -->\n"
END = "<!-- fault matrix: end -->\n"

sys.path.insert(0, str(ROOT))

from tests.fault_table import CASES, Case, Outcome, once, retried  # noqa: E402

_SEEN = {0: "not seen", 1: "seen once", 2: "seen twice"}


def matrix() -> str:
    """Return the table in Markdown, with a sentence on how many cases it makes."""
    calls = len(once()) + len(retried())
    count = (
        f"{len(CASES)} faults by method and scheme are {len(once())} calls without and "
        f"{len(retried())} with retries: {calls} cases in each voice and loop. The normal run has "
        f"sync, asyncio and trio, {3 * calls:,} in all; `tox -e full` adds uvloop, which makes "
        f"{4 * calls:,}."
    )
    lines = [
        count,
        "",
        "| phase | the server | GET | POST | with `Retry` |",
        "|---|---|---|---|---|",
    ]
    for case in CASES:
        scheme = case.schemes[0]
        get, post = case.outcome("GET", scheme), case.outcome("POST", scheme)
        cells = [
            case.phase,
            case.does + (" (TLS)" if "http" not in case.schemes else ""),
            _cell(get),
            "the same" if get == post else _cell(post),
            _with_retries(case, get, post),
        ]
        if len(case.schemes) > 1 and case.tls is not None:
            cells[2] += f"; over TLS {_errors(case.tls)}"
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _errors(outcome: Outcome) -> str:
    return " or ".join(f"`{name}`" for name in outcome.errors)


def _cell(outcome: Outcome) -> str:
    seen = " or ".join(_SEEN[count] for count in outcome.seen)
    if not outcome.errors:
        return f"answered, {seen}"
    sent = " or ".join(f'"{word}"' for word in outcome.sent if word)
    return f"{_errors(outcome)}, {f'sent {sent}, ' if sent else ''}{seen}"


def _with_retries(case: Case, get: Outcome, post: Outcome) -> str:
    if case.fault == "REFUSED":
        return "tried again, both"
    if get.errors and not case.recovers:
        return "neither sent again"
    again = []
    if get.errors:
        again.append("GET answered")
    if post.errors:
        if post.sent == ("no",):
            again.append("POST answered")
        elif "no" in post.sent:
            again.append('POST answered if sent is "no"')
        else:
            again.append("POST never sent again")
    return ", ".join(again)


def page_with(table: str) -> str:
    """Return the page with `table` between its markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main() -> int:
    """Write or check."""
    wanted = page_with(matrix())
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if wanted == PAGE.read_text(encoding="utf-8"):
        return 0
    print(f"{PAGE.relative_to(ROOT)} is out of date: run python tools/fault_matrix.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
