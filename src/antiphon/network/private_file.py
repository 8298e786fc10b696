"""A file that only its owner can read, and that is never seen half written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    Path: TypeAlias = str | os.PathLike[str]


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path`, in UTF-8 and readable by its owner alone; raises `OSError`.

    What was there stays until the new file is complete.
    """
    target = os.fspath(path)
    partial = f"{target}.{os.getpid()}.part"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(partial, target)
    except BaseException:
        os.unlink(partial)
        raise
