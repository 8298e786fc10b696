"""The command line's arguments, parsed and checked into one value."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import TYPE_CHECKING, NoReturn

import attrs

from antiphon import __version__
from antiphon.cli.exit_codes import MEANINGS, WRONG_USE

if TYPE_CHECKING:
    from collections.abc import Sequence

DESCRIPTION = """\
Fetch URL and print status, headers and body. A URL without a scheme is taken for https://.
`antiphon demo` shows what the library does, without a network."""

# RFC 3986 section 3.1. "://" may also stand in the query of a URL that was written without one.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@attrs.frozen
class Arguments:
    """What to fetch, and how."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: bytes | None
    content_type: str | None
    output: str | None
    timings: bool
    timeout: float | None
    ca_file: str | None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One clear line, as for every other error."""
        self.exit(WRONG_USE, f"{self.prog}: {message}; see {self.prog} --help\n")


def parse(argv: Sequence[str]) -> Arguments:
    """The arguments as a value; exits with code 2 and one line where they make no sense."""
    codes = "\n".join(f"  {code:3d}  {meaning}" for code, meaning in MEANINGS.items())
    parser = _Parser(
        prog="antiphon",
        usage="%(prog)s [options] URL\n       %(prog)s demo",
        description=DESCRIPTION,
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument("-X", "--request", metavar="METHOD", help="GET, or POST where data is sent")
    parser.add_argument(
        "-H",
        "--header",
        metavar="NAME:VALUE",
        action="append",
        default=[],
        help="a header; repeat it for more",
    )
    parser.add_argument(
        "-d", "--data", help="send this as a form; @FILE reads a file, @- standard input"
    )
    parser.add_argument("--json", help="send this JSON text; @FILE and @- as for --data")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the body to FILE; - writes nothing but the body",
    )
    parser.add_argument(
        "--timings", action="store_true", help="draw where the time went, on standard error"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="for everything together (default: none, but 5 s to connect and 30 s a wait)",
    )
    parser.add_argument("--ca-file", metavar="FILE", help="trust the authorities in this PEM file")
    parser.add_argument("--version", action="version", version=f"antiphon {__version__}")
    given = parser.parse_args(argv)
    content, content_type = _body(parser, given.data, given.json)
    return Arguments(
        method=given.request or ("GET" if content is None else "POST"),
        url=given.url if _SCHEME.match(given.url) else f"https://{given.url}",
        headers=tuple(_header(parser, line) for line in given.header),
        content=content,
        content_type=content_type,
        output=given.output,
        timings=given.timings,
        timeout=given.timeout,
        ca_file=given.ca_file,
    )


def _header(parser: _Parser, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        # Not the line itself: it may well be a token whose name was forgotten.
        parser.error("argument -H: a header is written NAME:VALUE")
    return name.strip(), value.strip()


def _body(
    parser: _Parser, data: str | None, json_text: str | None
) -> tuple[bytes | None, str | None]:
    if data is not None and json_text is not None:
        parser.error("give either --data or --json")
    if data is not None:
        return _read(parser, "--data", data), "application/x-www-form-urlencoded"
    if json_text is not None:
        content = _read(parser, "--json", json_text)
        try:
            json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            parser.error(f"argument --json: that is not JSON: {error}")
        return content, "application/json"
    return None, None


def _read(parser: _Parser, option: str, value: str) -> bytes:
    if not value.startswith("@"):
        return value.encode("utf-8", "surrogateescape")
    if value == "@-":
        return sys.stdin.buffer.read()
    try:
        with open(value[1:], "rb") as file:
            return file.read()
    except OSError as error:
        parser.error(f"argument {option}: cannot read {value[1:]!r}: {error.strerror}")


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and the infinities; RFC 8259 does not have them.
    raise ValueError(f"{name} is no JSON value")
