"""Fuzz with atheris, which looks for inputs that reach new code.

    python -m tests.fuzz                              every target, 20 seconds each
    python -m tests.fuzz urls --seconds 600 --seed 7  one of them, longer, other inputs

An input that breaks a target is written to crash-... in the working folder and shown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# A run may not take more memory, nor an input more time, than this.
MEMORY_MIB = 1024
SECONDS_AN_INPUT = 10
MAX_LENGTH = 4096


def settings(seconds: int, seed: int) -> list[str]:
    """Return what libFuzzer is told on its command line."""
    return [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={MAX_LENGTH}",
        f"-timeout={SECONDS_AN_INPUT}",
        f"-rss_limit_mb={MEMORY_MIB}",
        "-verbosity=0",
        "-print_final_stats=1",
    ]


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Fuzz one target; does not return."""
    import atheris  # here, as the settings are tested where it is not installed

    with atheris.instrument_imports(include=["antiphon"]):
        from tests.fuzz.targets import SEEDS, TARGETS
    with TemporaryDirectory() as corpus:
        for number, content in enumerate(SEEDS[name]):
            Path(corpus, f"seed-{number}").write_bytes(content)
        atheris.Setup([sys.argv[0], *settings(seconds, seed), corpus], TARGETS[name])
        atheris.Fuzz()


def main() -> int:
    """Fuzz one target here, or each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", nargs="?")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="the same seed tries the same inputs")
    options = parser.parse_args()
    if options.target:
        fuzz(options.target, options.seconds, options.seed)
        return 0
    from tests.fuzz.targets import TARGETS

    failed = []
    for name in TARGETS:
        print(f"--- {name}", flush=True)
        arguments = ["--seconds", str(options.seconds), "--seed", str(options.seed)]
        command = [sys.executable, "-m", "tests.fuzz", name, *arguments]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(f"broken: {', '.join(failed)}" if failed else f"{len(TARGETS)} targets hold")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
