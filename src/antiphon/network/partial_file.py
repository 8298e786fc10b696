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
def partial_file(path: str, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` once the block ends well; raises `OSError`.

    Otherwise it is removed and what was there stays. A `private` file can be read by its owner
    alone; any other has the permissions of the old one. A link stays a link; a device or a pipe is
    written to, since it can only be lost.
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
    try:
        # O_EXCL, so that in a folder that others write to nobody has laid a file or a link there.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(partial, flags, 0o600 if private else 0o666)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    try:
        with open(descriptor, "wb") as file:
            if old is not None and not private:
                os.chmod(partial, old & 0o777)
            yield file
        os.replace(partial, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
