"""The generator: what it makes of every token shape, and every way in which --check fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.unasync import main

ROOT = Path(__file__).resolve().parents[2]
TORTURE = Path(__file__).with_name("torture")

RULES = """
[trees]
"_async" = "_sync"
[names]
AsyncClient = "Client"
"""
SOURCE = """\
# Source of _sync/client.py; after editing run: tox -e codegen
class AsyncClient:
    async def get(self): return await self.send()
"""
GENERATED = """\
# GENERATED from _async/client.py by tools/unasync.py. Do not edit.
class Client:
    def get(self): return self.send()
"""


class Project:
    """A folder with one source file, its rules and its generated file, all up to date."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rules = root / "rules.toml"
        self.source = root / "_async" / "client.py"
        self.target = root / "_sync" / "client.py"
        for path, text in ((self.rules, RULES), (self.source, SOURCE), (self.target, GENERATED)):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *options: str) -> int:
        return main([*options, "--root", str(self.root), "--rules", str(self.rules)])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def refusal(project: Project, capsys: pytest.CaptureFixture[str]) -> str:
    """Run --check, which must fail with one problem; return its message."""
    assert 1 == project.run("--check")
    (message,) = capsys.readouterr().err.splitlines()
    return message


def translated(project: Project, body: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Write the sync voice of a body and return it without its first line."""
    header = SOURCE.splitlines(keepends=True)[0]
    project.source.write_text(header + body, encoding="utf-8")
    code = project.run()
    assert (0, "") == (code, capsys.readouterr().err)
    return project.target.read_text(encoding="utf-8").partition("\n")[2]


def test_this_project_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """The committed sync voice is what the generator makes of the source."""
    code = main(["--check"])

    assert (0, "") == (code, capsys.readouterr().err)


def test_torture(capsys: pytest.CaptureFixture[str]) -> None:
    """Every token shape is translated as the committed, proofread file says, on every Python."""
    code = main(["--check", "--root", str(TORTURE), "--rules", str(TORTURE / "unasync.toml")])

    assert (0, "") == (code, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("async def f(): pass\n", "def f(): pass\n"),
        ("async  def f(): await  g()\n", "def f(): g()\n"),
        ("async def f(): return await(g)\n", "def f(): return (g)\n"),
        ("x = [i async for i in y]\n", "x = [i for i in y]\n"),
        ("x = 'AsyncClient'  # AsyncClient\n", "x = 'Client'  # Client\n"),
        ("x = 'line\\nAsyncClient', r'\\AsyncClient'\n", "x = 'line\\nClient', r'\\Client'\n"),
        ('x = f"AsyncClient {AsyncClient!r:AsyncClient}"\n', 'x = f"Client {Client!r:Client}"\n'),
        ("x = f\"{f('AsyncClient')}\"\n", "x = f\"{f('Client')}\"\n"),
        (
            'async def f(): f"{await x} {{{await x!r:{await y}}}}"\n',
            'def f(): f"{x} {{{x!r:{y}}}}"\n',
        ),
        (
            "async def f():\n    return 1 + \\\n        await g()\n",
            "def f():\n    return 1 + \\\n        g()\n",
        ),
        ("AsyncClient\f = 1\n", "Client\f = 1\n"),
    ],
)
def test_translation(
    project: Project, capsys: pytest.CaptureFixture[str], source: str, expected: str
) -> None:
    """async, await and renamed words go; every other character stays where it was."""
    assert expected == translated(project, source, capsys)


def test_prose(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A phrase of the prose table is renamed in strings and comments, longest first, as whole words."""
    project.rules.write_text(
        RULES + '[prose]\n"an async client" = "a client"\n"async client" = "client"\n',
        encoding="utf-8",
    )

    text = translated(project, "'an async client' # async client, an async client\n", capsys)

    assert "'a client' # client, a client\n" == text


def test_writing_creates_what_is_missing(project: Project) -> None:
    """Without --check, missing files and folders are written."""
    project.target.unlink()
    project.target.parent.rmdir()

    assert 0 == project.run()
    assert GENERATED == project.target.read_text(encoding="utf-8")


def test_writing_deletes_generated_orphans(project: Project) -> None:
    """Without --check, a generated file whose source is gone is deleted."""
    orphan = project.target.with_name("gone.py")
    orphan.write_text(GENERATED, encoding="utf-8")

    assert 0 == project.run()
    assert not orphan.exists()


def test_writing_keeps_files_made_by_hand(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hand-written file in the generated tree is reported and never deleted."""
    orphan = project.target.with_name("mine.py")
    orphan.write_text("x = 1\n", encoding="utf-8")

    assert 1 == project.run()
    assert orphan.exists()
    assert capsys.readouterr().err.startswith("_sync/mine.py: an orphan")


def test_check_passes(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A project that is up to date passes without a word."""
    assert 0 == project.run("--check")
    assert ("", "") == capsys.readouterr()


def test_check_writes_nothing(project: Project) -> None:
    """--check leaves an outdated file as it was."""
    project.target.write_text("", encoding="utf-8")

    assert 1 == project.run("--check")
    assert "" == project.target.read_text(encoding="utf-8")


def test_check_finds_a_difference(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """An edited generated file fails, naming its first different line and the source to edit."""
    project.target.write_text(GENERATED.replace("send", "sent"), encoding="utf-8")

    message = refusal(project, capsys)

    assert (
        "_async/client.py: _sync/client.py differs at line 3; "
        "edit _async/client.py, then run: tox -e codegen"
    ) == message


@pytest.mark.parametrize("text", [GENERATED[:-40], GENERATED + "x = 1\n", GENERATED + "\n", ""])
def test_check_compares_whole_texts(
    project: Project, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """A cut generated file fails, and so does one with more lines than it should have."""
    project.target.write_text(text, encoding="utf-8")

    assert " differs at line " in refusal(project, capsys)


def test_check_finds_a_missing_file(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A source without its generated file fails, naming the source."""
    project.target.unlink()

    assert "_async/client.py: its _sync file is missing; run: tox -e codegen" == refusal(
        project, capsys
    )


def test_check_finds_an_orphan(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A generated file without a source fails."""
    project.target.with_name("gone.py").write_text(GENERATED, encoding="utf-8")

    message = refusal(project, capsys)

    assert "_sync/gone.py: an orphan, _async/gone.py does not exist; delete or move it" == message


@pytest.mark.parametrize(
    "rule",
    [
        'AsyncPool = "Pool"',
        '[prose]\n"an async pool" = "a pool"',
        '[leaks]\nallowed = ["async pool"]',
    ],
)
def test_check_finds_an_unused_rule(
    project: Project, capsys: pytest.CaptureFixture[str], rule: str
) -> None:
    """A rule of any table that no source uses fails."""
    project.rules.write_text(RULES + rule, encoding="utf-8")

    message = refusal(project, capsys)

    assert message.startswith("unasync.toml: unused rule ")
    assert message.endswith("; delete it")


def test_check_finds_a_changed_line_count(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that adds a line fails, although the generated file is what the rules make."""
    project.rules.write_text(RULES.replace('"Client"', '"(\\nClient)"'), encoding="utf-8")
    project.source.write_text(
        SOURCE.replace("class AsyncClient:", "class X(AsyncClient):"), encoding="utf-8"
    )
    project.run()
    capsys.readouterr()

    message = refusal(project, capsys)

    assert "_async/client.py: 4 lines became 5; a rule must not add or drop lines" == message


def test_check_finds_output_that_does_not_parse(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that makes the output unparsable fails, naming the line."""
    project.rules.write_text(RULES.replace('"Client"', '"Client+"'), encoding="utf-8")
    project.run()
    capsys.readouterr()

    assert refusal(project, capsys).startswith("_async/client.py:2: the output does not parse: ")


@pytest.mark.parametrize(
    "line",
    [
        "class AsyncPool: pass",
        "import asyncio",
        "x = 'awaited'",
        "# an async client",
        "import anyio",
        "import trio",
        "x = f'{coroutine}'",
    ],
)
def test_check_finds_a_leak(
    project: Project, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """A word of the async voice left in the output fails, naming the line of the source."""
    project.source.write_text(f"{SOURCE}{line}\n", encoding="utf-8")
    project.run()
    capsys.readouterr()

    message = refusal(project, capsys)

    assert message.startswith("_async/client.py:4: ")
    assert message.endswith(f" in the output: {line!r}; reword it, or add a rule to unasync.toml")


def test_an_allowed_phrase_is_no_leak(project: Project) -> None:
    """A phrase listed under [leaks] may stay, and only that phrase."""
    project.rules.write_text(RULES + '[leaks]\nallowed = ["async body"]', encoding="utf-8")
    project.source.write_text(SOURCE + "# async body\n", encoding="utf-8")
    project.run()
    assert 0 == project.run("--check")

    project.source.write_text(SOURCE + "# async body, async head\n", encoding="utf-8")
    project.run()
    assert 1 == project.run("--check")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("async \\\ndef f(): pass", "async"),
        ("async def f(): return (await\n  g())", "await"),
        ("async def f(): return (await # why\n  g())", "await"),
    ],
)
def test_a_word_at_the_end_of_a_line_is_refused(
    project: Project, capsys: pytest.CaptureFixture[str], line: str, word: str
) -> None:
    """async or await at a line's end cannot go without leaving a hole: refused, naming the line."""
    project.source.write_text(f"{SOURCE}{line}\n", encoding="utf-8")

    message = refusal(project, capsys)

    assert (
        f"_async/client.py: line 4: {word!r} ends the line; move it to the line of what it belongs to"
    ) == message


def test_a_source_that_does_not_parse_is_refused(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken source is reported and nothing is written for it."""
    project.source.write_text(SOURCE + "x = (\n", encoding="utf-8")

    assert 1 == project.run()
    assert "_async/client.py: line 4: the source does not parse" in capsys.readouterr().err
    assert GENERATED == project.target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "header", ["", "# Source of _sync/other.py; after editing run: tox -e codegen\n"]
)
def test_a_wrong_first_line_is_refused(
    project: Project, capsys: pytest.CaptureFixture[str], header: str
) -> None:
    """Line 1 of a source says where its sync voice is; a missing or wrong one is refused."""
    project.source.write_text(
        SOURCE.replace(SOURCE.splitlines(keepends=True)[0], header), encoding="utf-8"
    )

    assert refusal(project, capsys).startswith(
        "_async/client.py: line 1 must be '# Source of _sync/client.py;"
    )
