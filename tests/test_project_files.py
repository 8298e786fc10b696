"""Files that must agree with each other: README and CI, bounds and pins, links and pages."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_ci_runs_the_command_of_the_readme() -> None:
    """CI runs, letter for letter, the test command that the README and the docs give."""
    (command,) = re.findall(r"^.*/tox$", read("README.md"), re.MULTILINE)

    assert command in read(".ci/run").splitlines()
    assert command in read("docs/development.md").splitlines()


def test_lowest_pins_the_lower_bounds() -> None:
    """`tox -e lowest` installs exactly the oldest versions that pyproject.toml allows."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    pins = sorted(tox["testenv:lowest"]["deps"].split())

    assert pins == sorted(bound.replace(">=", "==") for bound in PROJECT["project"]["dependencies"])


def test_the_core_dependencies_are_four() -> None:
    """Nothing but urllib3, anyio, attrs and cattrs is installed with antiphon."""
    names = {re.split(r"[>=]", bound)[0] for bound in PROJECT["project"]["dependencies"]}

    assert names == {"anyio", "attrs", "cattrs", "urllib3"}


def test_all_has_every_extra() -> None:
    """The extra `all` asks for every other extra."""
    extras = dict(PROJECT["project"]["optional-dependencies"])
    (everything,) = extras.pop("all")

    assert everything == f"antiphon[{','.join(sorted(extras))}]"


def test_generated_trees_are_marked() -> None:
    """.gitattributes and the generator's table name the same generated folders."""
    trees = tomllib.loads(read("tools/unasync.toml"))["trees"]
    marked = re.findall(
        r"^(\S+)/\*\* linguist-generated=true$", read(".gitattributes"), re.MULTILINE
    )

    assert sorted(marked) == sorted(trees.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    """A relative link in a page names a file that is there."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s#]+)", text)

    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert dead == []


def test_news_fragments_are_named_right() -> None:
    """Towncrier would pass over a fragment of another name in silence."""
    types = "|".join(kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"])
    pattern = re.compile(rf"(\d+|\+[\w-]+)\.({types})(\.\d+)?\.md|README\.md")
    names = [path.name for path in (ROOT / "changelog.d").iterdir()]

    assert [name for name in names if not pattern.fullmatch(name)] == []
