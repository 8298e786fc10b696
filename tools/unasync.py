"""Generate the sync voice from the async source: by position, line for line.

    python tools/unasync.py            write every generated file
    python tools/unasync.py --check    exit 1 and say what to do if anything is not as it should be

The rules are in unasync.toml. `async` and `await` go, names are renamed by an exact table, words
in strings and comments by the same table and a table of prose; every other character is copied. So
the output needs no formatter, does not depend on the Python that ran this, and has the same line
numbers: tracebacks, blame and coverage of the sync voice map one to one onto the source.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from itertools import zip_longest
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEAK = re.compile(r"\w*(?:async|await|anyio|coroutine)\w*|\btrio\b", re.IGNORECASE)
STRING_OPENING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
# An f-string is one STRING token up to Python 3.11 and a run START ... END from 3.12 on.
FSTRING_START = getattr(tokenize, "FSTRING_START", None)
FSTRING_END = getattr(tokenize, "FSTRING_END", None)


class SourceError(Exception):
    """A source file holds what cannot be translated; the message says where and what to do."""


class Rules:
    """The tables of unasync.toml, and which of their rules were never used."""

    def __init__(self, config: Path) -> None:
        table = tomllib.loads(config.read_text(encoding="utf-8"))
        self.trees: dict[str, str] = table["trees"]
        self.names: dict[str, str] = table.get("names", {})
        self.words: dict[str, str] = self.names | table.get("prose", {})
        self.allowed: list[str] = table.get("leaks", {}).get("allowed", [])
        self.unused = {*self.words, *self.allowed}
        longest_first = sorted(self.words, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole_word, longest_first)) or r"(?!)")

    def name(self, name: str) -> str:
        """Rename one identifier."""
        if name in self.names:
            self.unused.discard(name)
        return self.names.get(name, name)

    def prose(self, text: str) -> str:
        """Rename whole words and phrases in the text of a string or a comment."""

        def replace(match: re.Match[str]) -> str:
            self.unused.discard(match[0])
            return self.words[match[0]]

        return self._pattern.sub(replace, text)

    def leak(self, line: str) -> str | None:
        """Find a word of the async voice that is left in a line and not allowed there."""
        for phrase in self.allowed:
            if phrase in line:
                self.unused.discard(phrase)
                line = line.replace(phrase, "")
        found = LEAK.search(line)
        return found[0] if found else None


def _whole_word(text: str) -> str:
    # In a literal, the word of "\nAsyncClient" starts after the escape, not at its letter.
    before = r"(?:(?<!\w)|(?<=\\[nrt]))" if re.match(r"\w", text) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", text) else ""
    return before + re.escape(text) + after


def translate(source: str, rules: Rules) -> str:
    """Translate Python code that parses; raises SourceError for what cannot be translated."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    out: list[str] = []
    copied = at = 0
    while at < len(tokens):
        token = tokens[at]
        begin = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        new = None
        if token.type == tokenize.NAME and token.string in {"async", "await"}:
            follower = tokens[at + 1]
            if follower.start[0] != token.start[0] or follower.type in {
                tokenize.COMMENT,
                tokenize.NEWLINE,
                tokenize.NL,
            }:
                raise SourceError(
                    f"line {token.start[0]}: {token.string!r} ends the line; "
                    "move it to the line of what it belongs to"
                )
            new, end = "", starts[follower.start[0] - 1] + follower.start[1]
        elif token.type == tokenize.NAME:
            new = rules.name(token.string)
        elif token.type == tokenize.COMMENT:
            new = rules.prose(token.string)
        elif token.type == tokenize.STRING:
            new = _literal(token.string, rules)
        elif FSTRING_START is not None and token.type == FSTRING_START:
            depth = 1
            while depth:
                at += 1
                depth += (tokens[at].type == FSTRING_START) - (tokens[at].type == FSTRING_END)
            end = starts[tokens[at].end[0] - 1] + tokens[at].end[1]
            new = _literal(source[begin:end], rules)
        if new is not None:
            out += [source[copied:begin], new]
            copied = end
        at += 1
    return "".join(out) + source[copied:]


def _literal(literal: str, rules: Rules) -> str:
    opening = STRING_OPENING.match(literal)
    if opening is None or "f" not in opening[1].lower():
        return rules.prose(literal)
    body, closing = literal[opening.end() : -len(opening[2])], opening[2]
    translated, _ = _fstring_text(body, 0, rules, raw="r" in opening[1].lower(), nested=False)
    return opening[0] + translated + closing


def _fstring_text(body: str, at: int, rules: Rules, *, raw: bool, nested: bool) -> tuple[str, int]:
    """Translate the text of an f-string, or of a format spec (nested), and the fields within."""
    out: list[str] = []
    copied = at
    while at < len(body) and not (nested and body[at] == "}"):
        if not nested and body.startswith(("{{", "}}"), at):
            at += 2
        elif not raw and body.startswith("\\N{", at):
            at = body.index("}", at) + 1
        elif body[at] == "{":
            out.append(rules.prose(body[copied:at]))
            end = _expression_end(body, at + 1)
            # Parentheses let an expression span lines, as the braces did.
            out.append("{" + translate(f"({body[at + 1 : end]})", rules)[1:-1])
            spec, at = _fstring_text(body, end, rules, raw=raw, nested=True)
            out.append(spec + "}")
            at += 1
            copied = at
        else:
            at += 1
    return "".join(out) + rules.prose(body[copied:at]), at


def _expression_end(body: str, at: int) -> int:
    """Find where the expression of a replacement field ends: at its `}`, `:` or `!r`."""
    depth = 0
    while depth or body[at] not in "}:!" or body.startswith("!=", at):
        quoted = STRING_OPENING.match(body, at)
        if quoted:
            at = body.index(quoted[2], quoted.end()) + len(quoted[2])
            continue
        depth += (body[at] in "([{") - (body[at] in ")]}")
        at += 2 if body.startswith("!=", at) else 1
    return at


def generate(root: Path, rules: Rules, *, check: bool) -> list[str]:
    """Write (or check) every generated file under root; return what is wrong, a line each."""
    problems: list[str] = []
    refused = False
    for source_tree, target_tree in rules.trees.items():
        sources, targets = root / source_tree, root / target_tree
        wanted: set[Path] = set()
        for path in sorted(_python_files(sources)):
            target = targets / path.relative_to(sources)
            wanted.add(target)
            name = path.relative_to(root).as_posix()
            try:
                output = _output(path, sources, targets, rules)
            except SourceError as error:
                problems.append(f"{name}: {error}")
                refused = True
                continue
            problems += [f"{name}{problem}" for problem in _faults(path, output, rules)]
            current = target.read_text(encoding="utf-8") if target.exists() else None
            if current == output:
                continue
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(output, encoding="utf-8", newline="\n")
            elif current is None:
                problems.append(f"{name}: its {target_tree} file is missing; run: tox -e codegen")
            else:
                line = _first_difference(current, output)
                shown = target.relative_to(root).as_posix()
                problems.append(
                    f"{name}: {shown} differs at line {line}; edit {name}, then run: tox -e codegen"
                )
        for orphan in sorted(_python_files(targets) - wanted):
            name = orphan.relative_to(root).as_posix()
            source = (sources / orphan.relative_to(targets)).relative_to(root).as_posix()
            if not check and orphan.read_text(encoding="utf-8").startswith("# GENERATED from "):
                orphan.unlink()
            else:
                problems.append(f"{name}: an orphan, {source} does not exist; delete or move it")
    # A file that was refused may be the one that uses a rule.
    if check and not refused:
        problems += [
            f"unasync.toml: unused rule {rule!r}; delete it" for rule in sorted(rules.unused)
        ]
    return problems


def _python_files(tree: Path) -> set[Path]:
    return set(tree.rglob("*.py"))


def _output(path: Path, sources: Path, targets: Path, rules: Rules) -> str:
    inside = path.relative_to(sources).as_posix()
    source = path.read_text(encoding="utf-8")
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise SourceError(f"line {error.lineno}: the source does not parse: {error.msg}") from error
    header, _, rest = source.partition("\n")
    expected = f"# Source of {targets.name}/{inside}; after editing run: tox -e codegen"
    if header != expected:
        raise SourceError(f"line 1 must be {expected!r}")
    # The header is translated apart, but keeps its place so that reported lines are right.
    body = translate("\n" + rest, rules)
    return f"# GENERATED from {sources.name}/{inside} by tools/unasync.py. Do not edit.{body}"


def _faults(path: Path, output: str, rules: Rules) -> list[str]:
    faults: list[str] = []
    lines = output.split("\n")
    expected = path.read_text(encoding="utf-8").count("\n") + 1
    if len(lines) != expected:
        faults.append(f": {expected} lines became {len(lines)}; a rule must not add or drop lines")
    try:
        ast.parse(output)
    except SyntaxError as error:
        faults.append(f":{error.lineno}: the output does not parse: {error.msg}")
    for number, line in enumerate(lines[1:], start=2):
        leak = rules.leak(line)
        if leak:
            faults.append(
                f":{number}: {leak!r} would be left in the output: {line.strip()!r}; "
                "reword it, or add a rule to unasync.toml"
            )
    return faults


def _first_difference(current: str, output: str) -> int:
    pairs = zip_longest(current.split("\n"), output.split("\n"))
    return next(number for number, (old, new) in enumerate(pairs, start=1) if old != new)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Generate the sync voice from the async source.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    parser.add_argument("--root", type=Path, default=HERE.parent, help="folder the trees are in")
    parser.add_argument(
        "--rules", type=Path, default=HERE / "unasync.toml", help="the rename table"
    )
    options = parser.parse_args(arguments)
    problems = generate(options.root, Rules(options.rules), check=options.check)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
