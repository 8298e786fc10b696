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
        if arguments == ["demo"]:
            from antiphon.cli.demo import demo

            return demo()
        from antiphon.cli.arguments import parse
        from antiphon.cli.fetch import fetch

        return fetch(parse(arguments))
    except AntiphonError as error:
        print(f"antiphon: {error}", file=sys.stderr)
        return exit_codes.of_error(error)
    except KeyboardInterrupt:
        print("antiphon: interrupted", file=sys.stderr)
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, `head` for one. Python would complain once more when
        # it flushes at exit, so the output is led away.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.FAILED
    except OSError as error:
        print(f"antiphon: {error.strerror or error}: {error.filename}", file=sys.stderr)
        return exit_codes.FAILED
