"""Fuzz with atheris, which looks for inputs that reach new code.

    python -m tests.fuzz                              every target, 100,000 inputs each
    python -m tests.fuzz urls --seconds 600 --seed 7  one of them, for a time, other inputs

The same seed and number of inputs are the same inputs each time, however fast the machine is.
An input that breaks a target is written to crash-... in the working folder and shown.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# A run may not take more memory, nor an input more time, than this.
MEMORY_MIB = 1024
SECONDS_AN_INPUT = 10
MAX_LENGTH = 4096
# personality(2)
ADDR_NO_RANDOMIZE = 0x0040000


def settings(inputs: int, seconds: int, seed: int) -> list[str]:
    """Return what libFuzzer is told on its command line; no seconds are no limit of time."""
    return [
        f"-max_total_time={seconds}" if seconds else f"-runs={inputs}",
        f"-seed={seed}",
        f"-max_len={MAX_LENGTH}",
        f"-timeout={SECONDS_AN_INPUT}",
        f"-rss_limit_mb={MEMORY_MIB}",
        "-verbosity=0",
        "-print_final_stats=1",
    ]


def fuzz(name: str, inputs: int, seconds: int, seed: int) -> None:
    """Fuzz one target; does not return."""
    import atheris  # here, as the settings are tested where it is not installed

    with atheris.instrument_imports(include=["antiphon"]):
        from tests.fuzz.targets import SEEDS, TARGETS
    with TemporaryDirectory() as corpus:
        for number, content in enumerate(SEEDS[name]):
            Path(corpus, f"seed-{number}").write_bytes(content)
        atheris.Setup([sys.argv[0], *settings(inputs, seconds, seed), corpus], TARGETS[name])
        atheris.Fuzz()


def main() -> int:
    """Fuzz one target or all of them, each in a process of its own."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=0, help="in place of a number of inputs")
    parser.add_argument("--seed", type=int, default=1, help="the same seed tries the same inputs")
    options = parser.parse_args()
    fix_addresses()
    failed = []
    names = [options.target] if options.target else list(TARGETS)
    for name in names:
        print(f"--- {name}", flush=True)
        call = f"fuzz({name!r}, {options.inputs}, {options.seconds}, {options.seed})"
        command = [sys.executable, "-c", f"from tests.fuzz.__main__ import fuzz; {call}"]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        if subprocess.run(command, env=environment, check=False).returncode:
            failed.append(name)
    print(f"broken: {', '.join(failed)}" if failed else f"{len(names)} targets hold")
    return bool(failed)


def fix_addresses() -> None:
    """Have processes that are started from here get the same addresses each time, on Linux.

    What libFuzzer calls new depends on addresses of code, and so does what it tries next. Where it
    is not allowed, as in some containers, runs differ a little.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)


if __name__ == "__main__":
    sys.exit(main())
