"""The rules of the house: who may import what, what the source of both voices may hold, sizes."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.loopback import HELLO, LoopbackServer, answering

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "antiphon"

# Imports run one way: a room may import itself and the rooms in rows above its own.
ROWS = (
    {"errors", "models"},
    {"policies", "wire", "llm"},
    {"network"},
    {"_async", "_sync"},
    {"transports", "integrations", "stores", "testing"},
    {"__init__"},
    # The command line uses the library as its users do: by its public names.
    {"cli"},
    {"__main__"},
)
# Rooms of one row that may import each other.
NEIGHBOURS = {"errors": {"models"}, "models": {"errors"}, "stores": {"integrations"}}

LOOP_PACKAGES = {"asyncio", "anyio", "trio", "sniffio", "uvloop"}

# The halves of network/, by the prefix of a file's name; a file with neither is flavour-free.
ASYNC_HALF = ("anyio_",)
SYNC_HALF = ("urllib3_", "thread_")

# Files of more than 400 lines, each with the reason why it is not split; 600 has no waiver.
LONG_FILES: dict[str, str] = {
    "src/antiphon/__init__.py": "every public name in three lists, for people, imports and checkers",
}


def source_files(folder: Path = PACKAGE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(path: Path, *, at_run_time: bool = False) -> Iterator[tuple[str, int]]:
    """Yield the absolute name of every module that a file imports, anywhere in it, with the line."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree_of(path)):
        if at_run_time and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped.update(inner for child in node.body for inner in ast.walk(child))
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{label(path)}:{node.lineno}: a relative import"
            # `from antiphon.models import url` imports antiphon.models.url.
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def rooms_imported(path: Path, *, at_run_time: bool = False) -> Iterator[tuple[str, int]]:
    for module, line in imported_modules(path, at_run_time=at_run_time):
        parts = module.split(".")
        if parts[0] == "antiphon" and parts[1:] != ["__version__"]:
            # `from antiphon import Client` and `import antiphon` ask for the top module.
            known = len(parts) > 1 and any(parts[1] in row for row in ROWS)
            yield (parts[1] if known else "__init__"), line


def row_of(room: str) -> int:
    return next(index for index, row in enumerate(ROWS) if room in row)


@pytest.mark.parametrize("path", source_files(), ids=label)
def test_imports_run_one_way(path: Path) -> None:
    """A file imports its own room and rooms below it, for types too; the voices never meet."""
    room = room_of(path)
    allowed = {room, *NEIGHBOURS.get(room, ())}.union(*ROWS[: row_of(room)])

    wrong = [
        f"{label(path)}:{line}: {room} imports {other}"
        for other, line in rooms_imported(path)
        if other not in allowed
    ]

    assert [] == wrong


@pytest.mark.parametrize("path", [p for p in source_files() if room_of(p) == "errors"], ids=label)
def test_errors_import_nothing_of_ours_at_run_time(path: Path) -> None:
    """An error is importable from everywhere, so its module asks nobody else to be there."""
    wrong = {room for room, _ in rooms_imported(path, at_run_time=True)} - {"errors"}

    assert set() == wrong


@pytest.mark.parametrize("path", source_files(), ids=label)
def test_event_loops_stay_in_their_half_of_network(path: Path) -> None:
    """asyncio, anyio and trio are imported by network/anyio_*.py alone, and by the demo's runner."""
    if room_of(path) == "cli" or (room_of(path) == "network" and path.name.startswith(ASYNC_HALF)):
        return

    wrong = [
        f"{label(path)}:{line}: imports {module}"
        for module, line in imported_modules(path)
        if module.split(".")[0] in LOOP_PACKAGES
    ]

    assert [] == wrong


@pytest.mark.parametrize("path", source_files(), ids=label)
def test_urllib3_stays_in_its_half_of_network(path: Path) -> None:
    """urllib3 is imported by network/urllib3_*.py alone: it costs 85 ms and knows no async."""
    if room_of(path) == "network" and path.name.startswith("urllib3_"):
        return

    wrong = [
        f"{label(path)}:{line}: imports {module}"
        for module, line in imported_modules(path)
        if module.split(".")[0] == "urllib3"
    ]

    assert [] == wrong


@pytest.mark.parametrize("path", source_files(PACKAGE / "network"), ids=label)
def test_network_files_are_one_half_or_flavour_free(path: Path) -> None:
    """A half of network imports nothing of the other half; a flavour-free file imports neither."""
    if path.name.startswith(ASYNC_HALF):
        foreign = SYNC_HALF
    elif path.name.startswith(SYNC_HALF):
        foreign = ASYNC_HALF
    else:
        foreign = (*ASYNC_HALF, *SYNC_HALF)

    wrong = [
        f"{label(path)}:{line}: imports {module}"
        for module, line in imported_modules(path)
        if module.startswith("antiphon.network.") and module.split(".")[2].startswith(foreign)
    ]

    assert [] == wrong


def offered_by(path: Path) -> set[str]:
    """Collect what a module offers at its top: the names that it defines, imports or assigns."""
    names: set[str] = set()
    for node in tree_of(path).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.ImportFrom():
                names.update(alias.asname or alias.name for alias in node.names)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def test_both_doors_offer_the_same_names() -> None:
    """What `_async/` asks of anyio_network is, renamed, what `_sync/` finds in urllib3_network."""
    rules = tomllib.loads((ROOT / "tools" / "unasync.toml").read_text(encoding="utf-8"))["names"]
    asked = {
        alias.name
        for path in source_files(PACKAGE / "_async")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module == "antiphon.network.anyio_network"
        for alias in node.names
    }
    offered = offered_by(PACKAGE / "network" / "urllib3_network.py")

    assert asked
    assert set() == {rules.get(name, name) for name in asked} - offered


# --- the source of both voices -------------------------------------------------------------------

TESTS_OF_FLAVOUR = re.compile(r"(?i)(is|if|in)_?a?sync|a?sync_?mode|flavou?r|voice|^a?sync$")
SNIFFERS = {
    "current_async_library",
    "get_running_loop",
    "isasyncgen",
    "isasyncgenfunction",
    "isawaitable",
    "iscoroutine",
    "iscoroutinefunction",
}
# A name for each would be needed in the other voice; async generators are closed late, by the loop.
BANNED_TYPES = {"AsyncGenerator", "AsyncGeneratorType", "Awaitable", "Coroutine", "CoroutineType"}


def words_of(node: ast.AST) -> Iterator[str]:
    """Yield every identifier and every string constant below a node."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
                yield word
            case ast.Constant(value=str(word)):
                yield word


def without_docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node


SOURCES = source_files(PACKAGE / "_async")


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_branch_on_the_flavour(path: Path) -> None:
    """Nothing in `_async/` asks which voice it is; what differs lives in network/."""
    wrong = []
    for node in without_docstrings(tree_of(path)):
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            asked: ast.AST | None = node.test
        elif isinstance(node, ast.Match):
            asked = node.subject
        else:
            asked = None
        if asked is not None:
            wrong += [
                f"{label(path)}:{node.lineno}: asks {word!r}"
                for word in words_of(asked)
                if TESTS_OF_FLAVOUR.search(word)
            ]
        if isinstance(node, (ast.Name, ast.Attribute, ast.alias)):
            wrong += [
                f"{label(path)}: sniffs {word}" for word in words_of(node) if word in SNIFFERS
            ]

    assert [] == wrong


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_types_of_one_voice_only(path: Path) -> None:
    """`_async/` names neither Awaitable nor Coroutine nor AsyncGenerator: callables come in pairs."""
    wrong = [
        f"{label(path)}: uses {word}"
        for node in without_docstrings(tree_of(path))
        for word in words_of(node)
        if word.rpartition(".")[2] in BANNED_TYPES
    ]

    assert [] == wrong


def own_nodes(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Walk a function without the functions defined inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_async_generators(path: Path) -> None:
    """Iterators are classes: a `break` out of an async generator closes it late, in the wrong place."""
    wrong = [
        f"{label(path)}:{function.lineno}: {function.name} is an async generator"
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.AsyncFunctionDef)
        for node in own_nodes(function)
        if isinstance(node, (ast.Yield, ast.YieldFrom))
    ]

    assert [] == wrong


# --- sizes and laziness --------------------------------------------------------------------------


def test_files_stay_small() -> None:
    """Over 400 lines a file needs a reason in LONG_FILES; over 600 it is a defect."""
    folders = (PACKAGE, ROOT / "tests", ROOT / "tools")
    lengths = {
        label(path): path.read_text(encoding="utf-8").count("\n")
        for folder in folders
        for path in source_files(folder)
        if "_sync" not in path.relative_to(ROOT).parts
    }

    assert {} == {name: length for name, length in lengths.items() if length > 600}
    assert set(LONG_FILES) == {name for name, length in lengths.items() if length > 400}


@pytest.mark.parametrize(
    "path", [path for path in source_files() if path.name == "__init__.py"], ids=label
)
def test_packages_are_lazy(path: Path) -> None:
    """A package's `__init__` imports nothing of ours when it is imported (PEP 562)."""
    top = [
        node
        for node in tree_of(path).body
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "antiphon" in ast.unparse(node)
    ]

    assert [] == [f"{label(path)}:{node.lineno}: {ast.unparse(node)}" for node in top]


def modules_after(code: str, *arguments: str) -> set[str]:
    """Run code in a fresh process; return the top-level packages that it has imported."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    # A coverage run measures its child processes, and would be among what they import.
    environment = {key: value for key, value in os.environ.items() if "COV" not in key}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ("", 0) == (done.stderr, done.returncode)
    return set(done.stdout.split())


def test_import_antiphon_is_light() -> None:
    """`import antiphon` imports neither attrs nor urllib3 nor ssl nor an event loop."""
    heavy = {"attr", "attrs", "cattrs", "urllib3", "ssl", "socket", "sqlite3", "typing"}
    heavy |= LOOP_PACKAGES

    assert set() == modules_after("import antiphon") & heavy


def test_a_sync_call_imports_no_event_loop() -> None:
    """A whole sync call over plain HTTP imports no event loop, no optional package, no TLS."""
    heavy = {"h2", "rich", "httpx", "cattrs", "urllib3", "ssl"} | LOOP_PACKAGES
    code = (
        "import antiphon\n"
        "with antiphon.Client() as client:\n"
        "    assert client.get(sys.argv[1]).text == 'hello'"
    )
    with LoopbackServer(answering(HELLO)) as server:
        imported = modules_after(code, server.url)

    assert set() == imported & heavy


@pytest.mark.parametrize(("loop", "other_loops"), [("asyncio", {"trio"}), ("trio", {"uvloop"})])
def test_an_async_call_imports_no_urllib3(loop: str, other_loops: set[str]) -> None:
    """A whole async call imports no urllib3, no optional package and no other event loop."""
    code = (
        "import anyio, antiphon\n"
        "async def main():\n"
        "    async with antiphon.AsyncClient() as client:\n"
        "        assert (await client.get(sys.argv[1])).text == 'hello'\n"
        f"anyio.run(main, backend={loop!r})"
    )
    heavy = {"urllib3", "h2", "rich", "httpx", "cattrs"} | other_loops
    with LoopbackServer(answering(HELLO)) as server:
        imported = modules_after(code, server.url)

    assert set() == imported & heavy
