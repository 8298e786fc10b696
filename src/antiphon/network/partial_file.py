"""A file that has its name only once it is complete."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

# Of the name; with what is added it must stay below the 255 bytes that file systems allow.
_CHARACTERS_KEPT = 50


@contextmanager
def partial_file(path: str) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` once the block ends well; raises `OSError`.

    Otherwise it is removed and what was there stays. The new file has the permissions of an old
    one. A link stays a link; a device or a pipe is written to, since it can only be lost.
    """
    try:
        old = os.stat(path).st_mode
    except FileNotFoundError:
        old = None
    if old is not None and not stat.S_ISREG(old):
        with open(path, "wb") as file:
            yield file
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    # No other download, and no file of the user, has this name.
    partial = os.path.join(folder, f"{name[:_CHARACTERS_KEPT]}.{os.urandom(4).hex()}.part")
    new = open(partial, "xb")  # noqa: SIM115 - the block below closes it
    try:
        with new as file:
            if old is not None:
                os.chmod(partial, old & 0o777)
            yield file
        os.replace(partial, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
