# GENERATED from _async/test_stream_saving.py by tools/unasync.py. Do not edit.
"""Where `save` puts a body: files, links, pipes, and what it refuses before it reads."""

from __future__ import annotations

import io
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from antiphon import Client, InvalidOptionError
from tests.app import App, answer
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from pathlib import Path

APP = App({"/": answer(200, "hello")})


@pytest.mark.parametrize(
    "target",
    ["", "nul\0", b"out", 5, None, io.StringIO()],
    ids=["", "nul", "bytes", "5", "None", "text"],
)
def test_targets_that_cannot_be_written(target: object) -> None:
    """What is neither a path nor a binary file is refused before the body is read."""
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            with pytest.raises(InvalidOptionError, match="target"):
                stream.save(target)  # type: ignore[arg-type]

            assert b"hello" == stream.read()


def test_progress_that_cannot_be_told() -> None:
    """`progress` is a flag or a function; anything else is refused, not ignored."""
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            with pytest.raises(InvalidOptionError, match="progress='yes'"):
                stream.save(io.BytesIO(), progress="yes")  # type: ignore[arg-type]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The error names the path that was asked for, not the one written to meanwhile."""
    path = tmp_path / "nowhere" / "out"
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            with pytest.raises(FileNotFoundError) as caught:
                stream.save(path)

    assert str(path) == caught.value.filename


def test_a_directory(tmp_path: Path) -> None:
    """A directory is refused by the system before the body is read, and nothing is left in it."""
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            with pytest.raises(OSError, match="director"):
                stream.save(tmp_path)

            assert b"hello" == stream.read()
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_devices_stay(tmp_path: Path) -> None:
    """A pipe or a device (/dev/null) is written to; it is never replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            assert 5 == stream.save(pipe)
    if not stat.S_ISFIFO(pipe.stat().st_mode):
        pytest.fail("the pipe was replaced by a file")
    reader.join(10)

    assert [b"hello"] == read


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_links_and_permissions_stay(tmp_path: Path) -> None:
    """A link still leads to the file afterwards, and a private file stays private."""
    path = tmp_path / "private"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to("private")
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            stream.save(link)

    assert link.is_symlink()
    assert (b"hello", 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert {"link", "private"} == {entry.name for entry in tmp_path.iterdir()}


def test_long_names_and_the_files_of_others(tmp_path: Path) -> None:
    """Any name that the system takes will do, and a file that ends in .part is not ours."""
    path = tmp_path / ("é" * 127)
    theirs = tmp_path / (path.name[:100] + ".part")
    theirs.write_bytes(b"theirs")
    with LoopbackServer(APP) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            stream.save(path)

    assert (b"hello", b"theirs") == (path.read_bytes(), theirs.read_bytes())


def test_two_at_once_for_one_name(tmp_path: Path) -> None:
    """Two downloads to one path do not mix; the one that ends last stays."""
    path = tmp_path / "out"
    other = App({"/": answer(200, "other")})
    with LoopbackServer(APP) as server, LoopbackServer(other) as second:
        with (
            Client() as client,
            client.stream("GET", server.url) as stream,
            client.stream("GET", second.url) as late,
        ):
            names: list[set[str]] = []
            seen: list[int] = []

            def progress(done: int, _total: int | None) -> None:
                names.append({entry.name for entry in tmp_path.iterdir()})
                seen.append(done)

            stream.save(path, progress=progress)
            late.save(path, progress=progress)

    assert [5, 5] == seen
    assert b"other" == path.read_bytes()
    first, again = (names[0], names[1] - {"out"})
    assert not first & again
