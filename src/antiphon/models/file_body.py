"""A body that is read from a file object, block by block."""

from __future__ import annotations

from io import BufferedRandom, BufferedReader, FileIO, TextIOBase
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.body import Body, checked_piece, refused_body, second_use
from antiphon.models.file_span import FileSpan, cut_short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from antiphon.models.body import BinaryFile

_Seek: TypeAlias = "Callable[..., object]"

_BLOCK = 65_536
_PLAIN_FILES = (BufferedReader, FileIO, BufferedRandom)
# The flag of `async def` in `__code__.co_flags`; `inspect` names it too, and is slow to import.
_CO_COROUTINE = 0x80


class FileBody(Body):
    """The bytes of a binary file from its present position to its end.

    A seekable file has a length, and is rewound to where it stood whenever it is sent again. What
    a file gains after the body was made is not sent, since the length is already promised; if it
    gets shorter, reading raises `LocalProtocolError`. The file is never closed. Copies of a request
    may be sent at the same time: each goes on where it was.

    Raises `InvalidBodyError` for a file that is closed, in text mode or not open for reading.
    """

    __slots__ = ("_argument", "_file", "_lock", "_reader", "_seek", "_start", "_used")

    def __init__(
        self, file: BinaryFile, content_type: str | None = None, *, argument: str = "content"
    ) -> None:
        _check_file(file, argument)
        self.content = None
        self.content_type = content_type
        self._file = file
        self._argument = argument
        self._used = False
        # The copies of a hedged request, in threads of their own, share the position of the file.
        self._lock = Lock()
        # Whose position it is.
        self._reader: object = None
        self._seek, self._start, self.length = _extent(file)
        self.replayable = self._seek is not None

    def chunks(self) -> Iterator[bytes]:
        """Rewind the file if it can be, and return an iterator over its blocks of up to 64 KiB."""
        if not self.replayable:
            if self._used:
                raise second_use()
            self._used = True
        _check_file(self._file, self._argument)  # it may have been closed meanwhile
        return self._blocks()

    def file_span(self) -> FileSpan | None:
        """Return the part of a file that this body is, where the system can send it by itself.

        None for what only looks like a file: a `GzipFile` has a descriptor too, of other bytes.
        """
        if type(self._file) not in _PLAIN_FILES or self._seek is None or self.length is None:
            return None
        _check_file(self._file, self._argument)
        # What was written to the file and is still in its buffer goes out by that, too.
        with self._lock:
            self._seek(self._start)
            self._reader = None
        descriptor: int = self._file.fileno()  # type: ignore[attr-defined]
        return FileSpan(descriptor, self._start, self.length, self._argument)

    def _blocks(self) -> Iterator[bytes]:
        me = object()
        place = self._start
        left = self.length
        while left is None or left:
            data = self._read(me, place, _BLOCK if left is None else min(_BLOCK, left))
            place += len(data)
            if left is None:
                if not data:
                    return
            elif not data:
                assert self.length is not None
                raise cut_short(self._argument, self.length - left, self.length)
            else:
                data = data[:left]  # some give more than they were asked for
                left -= len(data)
            yield data

    def _read(self, reader: object, place: int, size: int) -> bytes:
        """Read on at `place`, where the file stands unless another reader was here meanwhile."""
        with self._lock:
            if self._reader is not reader:
                if self._seek is not None:
                    self._seek(place)
                self._reader = reader
            return checked_piece(self._file.read(size), f"what {self._argument}.read() returned")

    def __reduce__(self) -> tuple[object, ...]:
        from antiphon.models.iterable_body import consumed_body

        return (consumed_body, (self.length, self.content_type))


def _check_file(file: object, argument: str) -> None:
    reason = ""
    if getattr(file, "closed", False) is True:
        reason = "is closed; open it again"
    elif isinstance(file, TextIOBase) or isinstance(getattr(file, "encoding", None), str):
        reason = "is in text mode; open it with mode 'rb'"
    elif _read_flags(file) & _CO_COROUTINE:
        reason = "has an async read(); pass an async iterable of its bytes"
    else:
        readable = getattr(file, "readable", None)
        if callable(readable) and not readable():
            reason = "is not open for reading; open it with mode 'rb'"
    if reason:
        raise refused_body(f"the file in {argument} {reason}")


def _read_flags(file: object) -> int:
    code = getattr(getattr(file, "read", None), "__code__", None)
    return getattr(code, "co_flags", 0)


def _extent(file: BinaryFile) -> tuple[_Seek | None, int, int | None]:
    """Return what rewinds a seekable file, where it stands, and how many bytes are left in it."""
    tell: Callable[[], int] | None = getattr(file, "tell", None)
    seek: _Seek | None = getattr(file, "seek", None)
    if tell is None or seek is None:
        return None, 0, None
    try:
        start = tell()
        seek(0, 2)
        end = tell()
        seek(start)
        if end <= start and file.read(1):
            # Devices and some virtual files say that they are empty and are not.
            seek(start)
            return seek, start, None
    except (OSError, TypeError, ValueError):
        return None, 0, None
    return seek, start, max(0, end - start)
