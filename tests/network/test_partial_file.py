"""Files that have their name only once they are complete."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from antiphon.network.partial_file import partial_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_others_laid_there_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever guesses the name of the part cannot have it written through a link of theirs."""
    theirs = tmp_path / "theirs"
    monkeypatch.setattr(os, "urandom", bytes)
    (tmp_path / "out.00000000.part").symlink_to(theirs)
    with (
        pytest.raises(FileExistsError, match="out'$"),
        partial_file(str(tmp_path / "out"), private=True),
    ):
        pytest.fail("the link was followed")

    assert not theirs.exists()


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """An error while the last bytes are written removes the part, too."""
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="descriptor"), partial_file(str(path)) as file:
        file.write(b"new")
        os.close(file.fileno())

    assert [("out", b"old")] == [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()]
