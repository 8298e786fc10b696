"""What every test may use: the event loops and the folder of test data that others published."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Examples are checked by hand-set counts; how long one takes says nothing on a busy machine.
settings.register_profile("antiphon", deadline=None)
settings.load_profile("antiphon")

# The servers of the tests are on this machine: a proxy that the machine uses leads away from them.
for name in list(os.environ):
    if name.lower() in {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}:
        del os.environ[name]

# `tox -e full` runs the suite on uvloop too: ANTIPHON_LOOPS=uvloop.
LOOPS = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}


def _loops() -> list[str]:
    chosen = os.environ.get("ANTIPHON_LOOPS", "asyncio,trio").split(",")
    unknown = [name for name in chosen if name not in LOOPS]
    if unknown:
        raise pytest.UsageError(f"ANTIPHON_LOOPS names {unknown}; known are {sorted(LOOPS)}")
    return chosen


@pytest.fixture(params=_loops())
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Run every async test once on each event loop."""
    return LOOPS[request.param]


@pytest.fixture(scope="session")
def ANTIPHON_CORPORA() -> Path:  # noqa: N802
    """Return the folder of published test data; tests that ask for it are skipped without one."""
    folder = os.environ.get("ANTIPHON_CORPORA", "")
    if not os.path.isdir(folder):
        pytest.skip(f"no published test data: ANTIPHON_CORPORA is {folder!r}, which is no folder")
    return Path(folder)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a parameter whose repr holds its address by its own name or its type's.

    An address differs from process to process, and pytest-xdist wants the same ids in all of them.
    """
    if " at 0x" not in repr(val):
        return None
    return str(getattr(val, "__name__", type(val).__name__))
