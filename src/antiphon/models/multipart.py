"""A body multipart/form-data (RFC 7578), streamed part by part: no file is loaded whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.body import Body, BytesBody, refused_body, second_use, utf8
from antiphon.models.body_builder import content_body
from antiphon.models.form import form_fields, named_values
from antiphon.models.headers import EMPTY_HEADERS, Headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from antiphon.models.body import BinaryFile, BytesLike
    from antiphon.models.form import FormInput
    from antiphon.models.headers import HeadersInput

FileContent: TypeAlias = "BytesLike | str | BinaryFile | Sequence[bytes] | Iterator[bytes]"
"""What one part of a multipart body is made from."""
_Pair: TypeAlias = "tuple[str | None, FileContent]"
_Triple: TypeAlias = "tuple[str | None, FileContent, str | None]"
_Quadruple: TypeAlias = "tuple[str | None, FileContent, str | None, HeadersInput]"
FileInput: TypeAlias = "FileContent | _Pair | _Triple | _Quadruple"
"""Content, or a tuple `(file name, content[, content type[, part headers]])`."""
_Files: TypeAlias = "FileInput | Sequence[FileInput]"
_NamedFiles: TypeAlias = "tuple[str, _Files]"
FilesInput: TypeAlias = "Mapping[str, _Files] | Sequence[_NamedFiles] | Iterator[_NamedFiles]"
"""What `files=` takes."""

_BLOCK = 65_536


class Part:
    """One part: its head, ready for the wire, and its body."""

    __slots__ = ("body", "head")

    def __init__(self, head: bytes, body: Body) -> None:
        self.head = head
        self.body = body

    @classmethod
    def of(
        cls,
        name: str | bytes,
        body: Body,
        filename: str | None = None,
        headers: Headers = EMPTY_HEADERS,
    ) -> Part:
        """Make a part and the Content-Disposition of its head (RFC 7578 section 4.2)."""
        field = _escaped(_with_crlf(name), "a field")
        disposition = b'Content-Disposition: form-data; name="' + field + b'"'
        if filename is not None:
            disposition += b'; filename="' + _escaped(filename, "a file") + b'"'
        return cls(disposition + b"\r\n" + headers.wire + b"\r\n", body)


class MultipartBody(Body):
    """Parts with a boundary between them.

    Its length is known if every part knows its own, and it can be sent again if every part can.
    """

    __slots__ = ("_boundary", "_parts", "_used")

    def __init__(self, parts: Sequence[Part], boundary: str | None = None) -> None:
        if boundary is None:
            # 128 random bits: no content has them by accident, and nobody who makes it can guess.
            boundary = os.urandom(16).hex()
        self._boundary = boundary
        self._parts = tuple(parts)
        self._used = False
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.replayable = all(part.body.replayable for part in self._parts)
        self.length = self._known_length()
        # A small form goes out in one write, with the head of the request.
        self.content = None
        if (
            self.length is not None
            and self.length <= _BLOCK
            and all(part.body.content is not None for part in self._parts)
        ):
            self.content = b"".join(self._pieces())

    def _known_length(self) -> int | None:
        # Each part has "--" before its boundary, CR LF after it and CR LF after its body.
        total = len(self._boundary) + 6
        for part in self._parts:
            if part.body.length is None:
                return None
            total += len(self._boundary) + 6 + len(part.head) + part.body.length
        return total

    def chunks(self) -> Iterator[bytes]:
        """Return an iterator over the encoded parts, small pieces joined to blocks of 64 KiB."""
        if not self.replayable:
            if self._used:
                raise second_use()
            self._used = True
        return self._blocks()

    def _blocks(self) -> Iterator[bytes]:
        waiting: list[bytes] = []
        size = 0
        for piece in self._pieces():
            if size + len(piece) > _BLOCK and waiting:
                yield b"".join(waiting)
                waiting.clear()
                size = 0
            if len(piece) >= _BLOCK:
                yield piece
            else:
                waiting.append(piece)
                size += len(piece)
        yield b"".join(waiting)

    def _pieces(self) -> Iterator[bytes]:
        opening = f"--{self._boundary}\r\n".encode("ascii")
        for part in self._parts:
            yield opening + part.head
            yield from part.body.chunks()
            yield b"\r\n"
        yield f"--{self._boundary}--\r\n".encode("ascii")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (tuple([(part.head, part.body) for part in self._parts]), self._boundary))


def _rebuilt(parts: tuple[tuple[bytes, Body], ...], boundary: str) -> MultipartBody:
    return MultipartBody([Part(head, body) for head, body in parts], boundary)


def multipart_body(data: FormInput | None, files: FilesInput) -> MultipartBody:
    """Make the body of form fields and files, the fields first.

    Raises `InvalidBodyError` naming the field for a wrong type, `InvalidHeaderError` for a content
    type or part header that cannot be sent.
    """
    parts: list[Part] = []
    if data is not None:
        parts += [Part.of(name, BytesBody(value)) for name, value in form_fields(data)]
    for name, value in checked_files(files):
        parts += [
            _file_part(name, item) for item in (value if isinstance(value, list) else [value])
        ]
    return MultipartBody(parts)


def checked_files(files: object) -> list[tuple[str, object]]:
    """Return the named items of `files=`; raises `InvalidBodyError` if it is not made of them."""
    return named_values(files, "files", "content=")


def _file_part(name: str, value: object) -> Part:
    argument = f"files[{name!r}]"
    filename: object = None
    content_type: object = None
    headers = EMPTY_HEADERS
    if isinstance(value, tuple):
        if not 2 <= len(value) <= 4:
            raise refused_body(
                f"{argument} is a tuple of {len(value)}; "
                "pass (file name, content, content type, headers), the last two if needed"
            )
        filename, content = value[0], value[1]
        content_type = value[2] if len(value) > 2 else None
        headers = Headers(value[3]) if len(value) > 3 else headers
        named = filename is not None
    else:
        content = value
        named = True
        filename = _name_of(content)
    if not (filename is None or isinstance(filename, str)):
        raise refused_body(
            f"{argument} has a file name of type {type(filename).__name__}; pass str or None"
        )
    if not (content_type is None or isinstance(content_type, str)):
        raise refused_body(
            f"{argument} has a content type of type {type(content_type).__name__}; pass str or None"
        )
    if "content-disposition" in headers:
        raise refused_body(
            f"{argument} has a header Content-Disposition, which is made from its names"
        )
    body = content_body(content, argument)
    if body.is_async:
        raise refused_body(
            f"{argument} is an async iterable; pass bytes, a binary file or an iterable"
        )
    if content_type is None and named and "content-type" not in headers:
        content_type = _guessed_type(filename)
    if content_type is not None:
        headers = headers.with_("Content-Type", content_type)
    return Part.of(name, body, filename, headers)


def _name_of(content: object) -> str:
    """Return the file name to announce: without one, servers take a part for a field."""
    name = getattr(content, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    # A name such as "<stdin>" names no file, and a descriptor's name is its number.
    if isinstance(name, str) and not name.startswith("<"):
        return os.path.basename(name) or "upload"
    return "upload"


def _guessed_type(filename: str | None) -> str:
    # Imported here: it reads the system's tables, and few requests have files.
    import mimetypes

    return mimetypes.guess_type(filename or "")[0] or "application/octet-stream"


def _with_crlf(name: str | bytes) -> str | bytes:
    """Write each line end in the name of a field as CR LF, as browsers do; not in file names."""
    if isinstance(name, str):
        return name.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return name.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _escaped(name: str | bytes, what: str) -> bytes:
    """Escape a name as browsers do (HTML, multipart/form-data encoding algorithm)."""
    encoded = utf8(name, f"the name of {what}") if isinstance(name, str) else name
    return encoded.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b'"', b"%22")
