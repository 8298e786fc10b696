# Source of _sync/stream_saving.py; after editing run: tox -e codegen
"""Saving a streamed body to a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from antiphon.models.progress_bar import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._async.stream import AsyncResponseStream

# Appended to the path while the body is incomplete.
PARTIAL_SUFFIX = ".part"


async def save_stream(
    stream: AsyncResponseStream,
    target: str | os.PathLike[str] | BinaryIO,
    progress: bool | Callable[[int, int | None], None],
) -> int:
    """Write the decoded body to `target`; a path only gets its name once it is complete."""
    if not isinstance(target, (str, os.PathLike)):
        return await _copy(stream, target, progress)
    path = os.fspath(target)
    partial = path + PARTIAL_SUFFIX
    try:
        with open(partial, "wb") as file:
            written = await _copy(stream, file, progress)
        os.replace(partial, path)
    except BaseException:
        try:
            os.unlink(partial)
        except OSError:
            pass
        raise
    return written


async def _copy(
    stream: AsyncResponseStream,
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
    async for piece in stream.iter_bytes():
        file.write(piece)
        written += len(piece)
        if report is not None:
            report(written, total)
    if bar is not None:
        bar.finish()
    return written
