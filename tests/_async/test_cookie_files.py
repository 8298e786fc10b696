# Source of _sync/test_cookie_files.py; after editing run: tox -e codegen
"""Cookies can be kept in a file from one run of a program to the next."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from antiphon import AsyncClient
from antiphon.errors import InvalidOptionError
from tests.loopback import LoopbackServer
from tests.servers import Scripted

if TYPE_CHECKING:
    from pathlib import Path

SETS = b"HTTP/1.1 204 No Content\r\nSet-Cookie: id=7; Max-Age=100\r\n\r\n"
PLAIN = b"HTTP/1.1 204 No Content\r\n\r\n"


async def test_saved_and_loaded(tmp_path: Path) -> None:
    """What one client saved, another one sends; only the owner can read the file."""
    path = tmp_path / "cookies.json"
    script = Scripted([SETS], [PLAIN])
    with LoopbackServer(script) as server:
        async with AsyncClient() as client:
            await client.get(server.url)
            client.save_cookies(path)
        async with AsyncClient(cookies={"own": "1"}) as client:
            client.load_cookies(str(path))
            await client.get(server.url)
    assert b"id=7" in script.requests[1][1]
    assert b"own=1" in script.requests[1][1]
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["cookies.json"] == os.listdir(tmp_path)


async def test_saving_keeps_what_was_there_if_it_fails(tmp_path: Path) -> None:
    """A file that cannot be replaced stays as it was, and nothing is left beside it."""
    (tmp_path / "folder").mkdir()
    async with AsyncClient(cookies={"a": "1"}) as client:
        with pytest.raises(OSError, match="folder"):
            client.save_cookies(tmp_path / "folder")
    assert ["folder"] == os.listdir(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
async def test_saving_makes_a_public_file_private(tmp_path: Path) -> None:
    """Whatever the permissions were: afterwards only the owner can read the file."""
    path = tmp_path / "cookies.json"
    path.write_text("public")
    path.chmod(0o644)
    async with AsyncClient(cookies={"a": "1"}) as client:
        client.save_cookies(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


async def test_something_else_is_refused(tmp_path: Path) -> None:
    """A file that holds no saved cookies is refused, and one that is not there is an OSError."""
    path = tmp_path / "other.json"
    path.write_text("{}")
    async with AsyncClient() as client:
        with pytest.raises(InvalidOptionError, match="not a saved cookie jar"):
            client.load_cookies(path)
        with pytest.raises(FileNotFoundError):
            client.load_cookies(tmp_path / "nowhere.json")
