"""The command line as a process of its own, as a shell would start it."""

from __future__ import annotations

import subprocess
import sys

# Warnings are errors there too: one in the output would show up as a line too many.
ANTIPHON = [sys.executable, "-W", "error", "-m", "antiphon"]
# A test run that was started in the background ignores Ctrl-C, and so would its children.
_START = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from antiphon.cli.main import main
sys.exit(main())
"""
INTERRUPTIBLE = [sys.executable, "-W", "error", "-c", _START]


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end, `data` on its standard input."""
    return subprocess.run(
        [*ANTIPHON, *arguments], input=data, capture_output=True, timeout=30, check=False
    )
