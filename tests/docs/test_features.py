"""docs/features.md names a test for each feature in each voice, and leaves no suite out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "features.md"
ROW = re.compile(r"^\| (?P<feature>.+?) \|(?P<sync>[^|]*)\|(?P<async>[^|]*)\|$", re.MULTILINE)
CELL = re.compile(r" \[`(?P<path>tests/\S+\.py)::(?P<name>\w+)`\]\(\.\./(?P<link>\S+)\) ")
FOLDERS = {"sync": ("_sync", "sync_only"), "async": ("_async", "async_only")}

# Behaviour suites that show no feature of their own, with the reason.
EXCEPTIONS: dict[str, str] = {}


def rows() -> list[dict[str, str]]:
    """Return the rows of the table that are features: all but its head and its themes."""
    found = [match.groupdict() for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))]
    return [
        row
        for row in found
        if not row["feature"].startswith("**") and row["feature"] not in {"feature", "---"}
    ]


ROWS = rows()


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
    )


def test_every_line_of_the_table_is_read() -> None:
    """A line that the tests below cannot read would be a feature that nobody checks."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    themes = [line for line in lines if line.startswith("| **")]

    assert len(lines) == len(ROWS) + len(themes) + len(["head", "rule"])
    assert len({row["feature"] for row in ROWS if row["feature"][:3] != "..."}) == len(
        [row for row in ROWS if row["feature"][:3] != "..."]
    )


@pytest.mark.parametrize("voice", ["sync", "async"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["feature"])
def test_each_cell_names_a_test(row: dict[str, str], voice: str) -> None:
    """Each feature has a test that is there, in each voice, and links to its file."""
    cell = CELL.fullmatch(row[voice])
    assert cell is not None, f"{row['feature']}: {row[voice]!r} is no cell"

    assert cell["path"].split("/")[1] in FOLDERS[voice]
    assert cell["path"] == cell["link"]
    assert cell["name"] in names_in(cell["path"])


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "tests" / "_async").glob("test_*.py")),
    ids=lambda path: path.name,
)
def test_each_suite_is_in_the_table(path: Path) -> None:
    """What is tested in both voices is a feature: a new suite wants its row."""
    named = {match["path"] for match in CELL.finditer(PAGE.read_text(encoding="utf-8"))}
    listed = f"tests/_async/{path.name}" in named

    assert listed != (path.name in EXCEPTIONS)
