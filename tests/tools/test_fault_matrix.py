"""docs/reliability.md shows the table that the tests of the faults are driven by."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from antiphon.testing import faults
from tests.fault_table import CASES, METHODS, once, retried

ROOT = Path(__file__).resolve().parents[2]


def test_page_and_table_agree() -> None:
    """The fault matrix of the page is the one that the tests run, counted."""
    done = subprocess.run(
        [sys.executable, "tools/fault_matrix.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("", 0) == (done.stdout + done.stderr, done.returncode)


def test_every_fault_is_in_the_table() -> None:
    """Each script of `antiphon.testing.faults` is a row of the matrix, once."""
    scripts = {name for name in vars(faults) if name.isupper() and name[0] != "_"} - {"GOOD"}
    assert [*sorted(scripts)] == sorted({case.fault for case in CASES} - {"REFUSED"})
    assert len(CASES) == len({case.fault for case in CASES})


def test_the_matrix_is_complete() -> None:
    """Every fault meets both methods over every scheme it has."""
    assert len(METHODS) * sum(len(case.schemes) for case in CASES) == len(once())
    assert len(METHODS) * len(CASES) >= len(retried())


def test_files_that_the_page_names_are_there() -> None:
    """Every test and tool that the page refers to exists."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|tools)/[^`*]+)`", text))
    assert 8 < len(named)
    assert [] == [name for name in sorted(named) if not (ROOT / name).exists()]
