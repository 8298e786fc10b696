"""A file that only its owner can read, and that is never seen half written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from antiphon.network.partial_file import partial_file

if TYPE_CHECKING:
    from typing import TypeAlias

    Path: TypeAlias = str | os.PathLike[str]


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path`, in UTF-8 and readable by its owner alone; raises `OSError`.

    What was there stays until the new file is complete.
    """
    with partial_file(os.fspath(path), private=True) as file:
        file.write(text.encode())
