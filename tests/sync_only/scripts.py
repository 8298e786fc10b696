"""Runs a script in a fresh process, against a server of this one."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_script(script: str, *arguments: str, timeout: float = 30.0) -> str:
    """Return what the script printed; it must end well, and print nothing to standard error."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(script), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    # Not an `==` of both: the traceback of the script is to be seen whole.
    assert not done.stderr, done.stderr
    assert 0 == done.returncode
    return done.stdout
