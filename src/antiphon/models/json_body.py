"""A JSON body (RFC 8259)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.body import BytesBody, refused_body, utf8

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.errors import InvalidBodyError

JSONDumper: TypeAlias = "Callable[[object], str | bytes]"
"""A JSON codec: makes the text, or its UTF-8 bytes, of a value."""

_encode: JSONDumper | None = None
_MAX_DEPTH = 100


def json_body(value: object, dump: JSONDumper | None = None) -> BytesBody:
    """Encode `value` with `dump`, or compactly as UTF-8 by the standard library.

    Raises `InvalidBodyError` for a value that has no JSON form, NaN and infinities included; the
    message says where in the value it stands.
    """
    try:
        text = (dump or _encode or _standard_encoder())(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise _explained(value, error, dump) from error
    if isinstance(text, str):
        text = utf8(text, "json")
    elif not isinstance(text, bytes):
        raise refused_body(
            f"the JSON encoder returned {type(text).__name__}; it has to return str or bytes"
        )
    return BytesBody(text, "application/json")


def _standard_encoder() -> JSONDumper:
    global _encode  # made at first use: only who sends JSON imports it
    from json import JSONEncoder

    _encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    return _encode


def _explained(value: object, error: Exception, dump: JSONDumper | None) -> InvalidBodyError:
    """Return the error that says which part of it cannot be encoded."""
    from antiphon.models.json_codec import STANDARD_JSON

    # What another encoder takes is not known, so its own words have to do.
    if dump is None or dump == STANDARD_JSON.dumps:
        found = _find_fault(value, "json", 0)
        if found is not None:
            return refused_body(" ".join(found))
    return refused_body(f"json cannot be encoded: {type(error).__name__}: {str(error)[:200]}")


def _find_fault(value: object, path: str, depth: int) -> tuple[str, str] | None:
    """Return the path of the first part that the encoder refuses, and why."""
    if value is None or isinstance(value, (str, int)):
        return None
    if isinstance(value, float):
        if isfinite(value):
            return None
        return path, f"is {value}, which JSON cannot express; send null or a str"
    if depth > _MAX_DEPTH:
        return path, "is nested too deeply, or contains itself"
    if isinstance(value, dict):
        for key, item in value.items():
            if not (key is None or isinstance(key, (str, int, float))):
                return path, f"has a key of type {type(key).__name__}; keys are str"
            # Keys may be secrets as much as values are; they are needed to find the place.
            found = _find_fault(item, f"{path}[{_bounded(key)}]", depth + 1)
            if found is not None:
                return found
        return None
    if isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            found = _find_fault(item, f"{path}[{position}]", depth + 1)
            if found is not None:
                return found
        return None
    kind = type(value).__name__
    if isinstance(value, Mapping):
        return path, f"is of type {kind}, which JSON cannot express; pass dict({path})"
    if isinstance(value, (set, frozenset)):
        return path, f"is a {kind}, which JSON cannot express; pass a list"
    return (
        path,
        f"is of type {kind}, which JSON cannot express; turn it into str, int, dict or list",
    )


def _bounded(key: object) -> str:
    text = repr(key)
    return text if len(text) <= 40 else f"{text[:40]}..."
