"""Every Python example of the README and of docs/ runs.

`https://api.example.com` is a loopback server here, and `redis://redis.example.com:6379` a Redis of
the page's own; without one installed the page is skipped. The examples of a page run from top to
bottom and share their names. What an example prints is compared with its lines that begin with
`#>`. One that cannot run here is marked: ```python no-run.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import types
from pathlib import Path

import anyio
import pytest

from tests.docs.example_server import ExampleServer
from tests.loopback import LoopbackServer
from tests.redis_server import BINARY, RedisServer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOST = "https://api.example.com"
REDIS = "redis://redis.example.com:6379"
EXAMPLE = re.compile(r"^```python(?P<mark>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"^ *#> ?(.*)$", re.MULTILINE)


def examples(page: Path) -> list[tuple[int, str, str]]:
    """Return line, mark and code of each example."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start()) + 1, found["mark"].strip(), found["code"])
        for found in EXAMPLE.finditer(text)
    ]


def placed(code: str, places: dict[str, str]) -> str:
    """Put the addresses of the servers that run here in place of those that examples name."""
    for named, real in places.items():
        code = code.replace(named, real)
    return code


def execute(code: str, name: str, line: int, names: dict[str, object]) -> None:
    """Run one example; one that awaits at its top level runs in an event loop of its own."""
    padded = "\n" * line + code  # so that a traceback names the line of the page
    compiled = compile(
        padded, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    if compiled.co_flags & inspect.CO_COROUTINE:
        anyio.run(types.FunctionType(compiled, names))
    else:
        types.FunctionType(compiled, names)()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if examples(page)],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of a page run, and print what the page says they print."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7 example")
    names: dict[str, object] = {"__name__": "example"}
    places: dict[str, str] = {}
    with contextlib.ExitStack() as servers:
        server = servers.enter_context(LoopbackServer(ExampleServer()))
        if REDIS in page.read_text(encoding="utf-8"):
            if BINARY is None:
                pytest.skip("neither redis-server nor valkey-server is installed")
            redis = servers.enter_context(RedisServer(tmp_path))
            places[REDIS] = redis.url.removesuffix("/0")
        places[HOST] = server.url
        for line, mark, code in examples(page):
            if mark == "no-run":
                continue
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                execute(placed(code, places), page.name, line, names)
            expected = PRINTED.findall(code)
            if expected:
                shown = printed.getvalue().replace(server.url, HOST).splitlines()
                assert expected == shown, f"{page.name}, the example at line {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_marks_are_known(page: Path) -> None:
    """A mark with a slip in it would switch an example off, or on, in silence."""
    assert {mark for _, mark, _ in examples(page)} <= {"", "no-run"}


def test_few_examples_are_not_run() -> None:
    """What is not run is not known to be true; the limit is there to be asked about."""
    marks = [mark for page in PAGES for _, mark, _ in examples(page)]

    assert marks.count("no-run") <= len(marks) // 10
