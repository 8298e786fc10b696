"""From the arguments of a call to the body of its request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from antiphon.models.body import Body, BytesBody, refused_body, utf8
from antiphon.models.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from antiphon.errors import InvalidBodyError
    from antiphon.models.body import BinaryFile, ContentInput
    from antiphon.models.form import FormInput
    from antiphon.models.json_body import JSONDumper
    from antiphon.models.multipart import FilesInput
    from antiphon.models.unset import Unset


def build_body(
    *,
    content: ContentInput | None = None,
    json: object | Unset = UNSET,
    data: FormInput | None = None,
    files: FilesInput | None = None,
    dump_json: JSONDumper | None = None,
) -> Body | None:
    """Make the body that these arguments of a call describe; None if none of them is given.

    `content` is bytes, text (UTF-8), a binary file, or an iterable or async iterable of bytes.
    `json` is any value, None included. `data` are the fields of a form: a mapping or pairs, where
    lists repeat a field and None leaves it out; with `files` they are sent as multipart/form-data
    (RFC 7578), alone as application/x-www-form-urlencoded. `dump_json` replaces the JSON encoder.

    Raises `InvalidBodyError` for a wrong type and for arguments that exclude each other.
    """
    if content is not None:
        if json is not UNSET or data is not None or files is not None:
            raise _contradiction(content, json, data, files)
        return content_body(content)
    if json is not UNSET:
        if data is not None or files is not None:
            raise _contradiction(None, json, data, files)
        from antiphon.models.json_body import json_body

        return json_body(json, dump_json)
    if files:
        from antiphon.models.multipart import multipart_body

        return multipart_body(data, files)
    if data is not None:
        from antiphon.models.form import form_body

        return form_body(data)
    if files is not None:
        from antiphon.models.multipart import checked_files

        checked_files(files)
    return None


def content_body(content: object, argument: str = "content") -> Body:
    """Make the body of raw content; raises `InvalidBodyError` that names `argument`."""
    if isinstance(content, bytes):
        return BytesBody(content)
    if isinstance(content, str):
        return BytesBody(utf8(content, argument), "text/plain; charset=utf-8")
    if isinstance(content, (bytearray, memoryview)):
        return BytesBody(bytes(content))
    if isinstance(content, Body):
        return content
    if isinstance(content, Mapping):
        raise refused_body(
            f"{argument} is a mapping; pass json= to send JSON, or data= to send a form"
        )
    if hasattr(content, "__aiter__") and not hasattr(content, "__iter__"):
        from antiphon.models.iterable_body import AsyncIterableBody

        return AsyncIterableBody(cast("AsyncIterable[bytes]", content))
    if hasattr(content, "read"):
        from antiphon.models.file_body import FileBody

        return FileBody(cast("BinaryFile", content), argument=argument)
    if isinstance(content, Iterable):
        from antiphon.models.iterable_body import IterableBody

        return IterableBody(content)
    hint = ""
    if hasattr(content, "__fspath__"):
        hint = ": open the file with open(path, 'rb') and pass it"
    raise refused_body(
        f"{argument} is of type {type(content).__name__}; pass bytes, str, a binary file, "
        f"or an iterable of bytes{hint}"
    )


def _contradiction(content: object, json: object, data: object, files: object) -> InvalidBodyError:
    given = [
        name
        for name, value in (("content", content), ("data", data), ("files", files))
        if value is not None
    ]
    if json is not UNSET:
        given.append("json")
    names = " and ".join(f"{name}=" for name in given)
    return refused_body(
        f"{names} are given together; a request has one body (only data= and files= combine)"
    )
