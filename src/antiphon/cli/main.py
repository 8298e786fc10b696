"""The entry point: runs the command, and turns every failure into one line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from antiphon.cli import exit_codes
from antiphon.errors import AntiphonError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        # Here, where a failure can still be told; at exit Python would print a traceback.
        sys.stdout.flush()
        return code
    except AntiphonError as error:
        return _fail(str(error), exit_codes.of_error(error))
    except KeyboardInterrupt:
        return _fail("interrupted", exit_codes.INTERRUPTED)
    except OSError as error:
        _drop_output_that_cannot_be_written()
        if isinstance(error, BrokenPipeError):
            # The reader of our output has gone, `head` for one: nobody is left to be told.
            return exit_codes.FAILED
        where = "" if error.filename is None else f": {error.filename}"
        return _fail(f"{error.strerror or error}{where}", exit_codes.FAILED)


def _run(arguments: list[str]) -> int:
    if arguments == ["demo"]:
        from antiphon.cli.demo import demo

        return demo()
    from antiphon.cli.arguments import parse
    from antiphon.cli.fetch import fetch

    return fetch(parse(arguments))


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())  # one line, whatever a message quotes
    print(f"antiphon: {line}", file=sys.stderr)
    return code


def _drop_output_that_cannot_be_written() -> None:
    """Lead it away: Python would try again at exit, and print a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
