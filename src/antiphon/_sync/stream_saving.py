# GENERATED from _async/stream_saving.py by tools/unasync.py. Do not edit.
"""Saving a streamed body to a file."""

from __future__ import annotations

import os
from io import TextIOBase
from typing import TYPE_CHECKING, BinaryIO

from antiphon.errors import InvalidOptionError
from antiphon.models.file_path import file_path
from antiphon.models.progress_bar import ProgressBar
from antiphon.network.partial_file import partial_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._sync.stream import ResponseStream


def save_stream(
    stream: ResponseStream,
    target: str | os.PathLike[str] | BinaryIO,
    progress: bool | Callable[[int, int | None], None],
) -> int:
    """Write the decoded body to `target`; a path only gets its name once it is complete."""
    if not isinstance(progress, bool) and not callable(progress):
        raise InvalidOptionError(
            f"progress={progress!r}: give True, False, "
            "or a function of the bytes so far and the total or None"
        )
    if not isinstance(target, (str, os.PathLike)):
        if isinstance(target, TextIOBase) or not callable(getattr(target, "write", None)):
            raise _refused(f"a {type(target).__name__}")
        return _copy(stream, target, progress)
    path = file_path(target)
    if path is None:
        raise _refused(repr(os.fspath(target)))
    with partial_file(path) as file:
        return _copy(stream, file, progress)


def _refused(shown: str) -> InvalidOptionError:
    return InvalidOptionError(
        f"target: cannot save to {shown}; give a path as str or Path, or a file opened with 'wb'"
    )


def _copy(
    stream: ResponseStream,
    file: BinaryIO,
    progress: bool | Callable[[int, int | None], None],
) -> int:
    """Write every piece to `file` and tell `progress`; return the number of bytes."""
    report = progress if callable(progress) else None
    bar = ProgressBar() if progress is True else None
    if bar is not None:
        report = bar
    # The declared length counts bytes as sent; of a coded body it says nothing about ours.
    total = None if "content-encoding" in stream.headers else stream.content_length
    written = 0
    for piece in stream.iter_bytes():
        file.write(piece)
        written += len(piece)
        if report is not None:
            report(written, total)
    if bar is not None:
        bar.finish()
    return written
