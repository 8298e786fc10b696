"""What names a file: given as text or as a path object, and not as anything else."""

from __future__ import annotations

import os

from antiphon.errors import InvalidOptionError


def file_path(value: object) -> str | None:
    """Return a path as text; None for what names no file.

    Numbers are no paths: `open` would take them for descriptors, and close those of others.
    """
    if not isinstance(value, (str, os.PathLike)):
        return None
    path = os.fspath(value)
    if not isinstance(path, str) or not path or "\0" in path:
        return None
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return None
    return path


def checked_path(option: str, value: object) -> str:
    """Return a path as text. Raises InvalidOptionError that names `option`."""
    path = file_path(value)
    if path is None:
        shown = repr(value)[:80] if isinstance(value, (str, bytes)) else type(value).__name__
        raise InvalidOptionError(f"{option}: {shown} names no file; give a path as str or Path")
    return path
