"""The virtual environments that the peers run in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.bench.roster import BASE_REQUIREMENTS, Peer

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "bench" / sys.implementation.cache_tag

# Settings of the caller's shell that change what a client does: proxies, trusted certificates, and
# Python's own switches.
_SHED = ("PYTHON", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "ANTIPHON_", "VIRTUAL_ENV")


def interpreter(peer: Peer, *, here: bool) -> str:
    """Return the Python that `peer` runs in: its environment's, or ours where there is none."""
    return sys.executable if here else environment_python(peer.environment)


def environment_python(environment: str) -> str:
    """Return the Python of `environment`, or ours where `--setup` has not made it."""
    python = HOME / environment / "bin" / "python"
    return str(python) if python.exists() else sys.executable


def child_environ() -> dict[str, str]:
    """Return the environment variables of a measured process: ours, minus what changes clients."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_SHED) and not name.lower().endswith("_proxy")
    }
    kept["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    return kept


_VERSIONS = """
import json, sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        try:
            found[name] = getattr(import_module(name), "__version__", "of this checkout")
        except ImportError:
            pass
print(json.dumps(found))
"""


def versions(peers: tuple[Peer, ...], *, here: bool) -> dict[str, str]:
    """Return the version of every library that is installed for its peer."""
    found: dict[str, str] = {}
    for python in dict.fromkeys(interpreter(peer, here=here) for peer in peers):
        names = [peer.name for peer in peers if interpreter(peer, here=here) == python]
        done = subprocess.run(
            [python, "-c", _VERSIONS, *(name for name in names if name != "floor")],
            cwd=ROOT,
            env=child_environ(),
            capture_output=True,
            text=True,
            check=True,
        )
        found |= json.loads(done.stdout)
    return found


def setup(peers: tuple[Peer, ...]) -> dict[str, str]:
    """Make the environments of `peers` and return, by name, those that did not install and why."""
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n")
    failed: dict[str, str] = {}
    for environment in dict.fromkeys(("main", *(peer.environment for peer in peers))):
        place = HOME / environment
        if not (place / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        members = [peer for peer in peers if peer.environment == environment and peer.requirement]
        base = BASE_REQUIREMENTS if environment == "main" else ()
        if _install(place, (*base, *(peer.requirement for peer in members))) is None:
            continue
        # Something in the list does not install: one by one, to find out what.
        if base and (problem := _install(place, base)) is not None:
            failed["antiphon"] = problem
        for peer in members:
            if (problem := _install(place, (peer.requirement,))) is not None:
                failed[peer.name] = problem
    return failed


def _install(place: Path, requirements: tuple[str, ...]) -> str | None:
    """Install or bring up to date; return the last line of what went wrong, None if nothing."""
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    done = subprocess.run(
        [*pip, "install", "--upgrade", *requirements], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"pip ended with {done.returncode}"
