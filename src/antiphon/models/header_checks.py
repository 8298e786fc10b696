"""What may stand in a header line: the checks of names and values (RFC 9110 section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from antiphon.models.redaction import is_secret_header

if TYPE_CHECKING:
    from antiphon.errors import InvalidHeaderError

# RFC 9110 section 5.6.2: tchar, of which a token is made.
_TCHAR = r"!#$%&'*+\-.^_`|~0-9A-Za-z"
_is_token = re.compile(f"[{_TCHAR}]+").fullmatch
_find_no_token = re.compile(f"[^{_TCHAR}]").search
# RFC 9110 section 5.5: VCHAR, obs-text, space and tab; all else may not stand in a field value.
_find_forbidden = re.compile(r"[^\t\x20-\x7e\x80-\xff]").search
_SHOWN_CHARACTERS = 60


def raw_pairs(source: object) -> Iterable[tuple[object, object]]:
    """Return the `(name, value)` items of a mapping or an iterable of pairs, unchecked."""
    if isinstance(source, Mapping):
        return source.items()
    if isinstance(source, (str, bytes, bytearray)) or not isinstance(source, Iterable):
        raise _error(
            f"headers is a {type(source).__name__}; "
            "pass a mapping of names to values or an iterable of (name, value) pairs"
        )
    pairs: list[tuple[object, object]] = []
    for item in source:
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise _error(
                f"headers has an item of type {type(item).__name__} that is not a pair; "
                "pass (name, value) pairs"
            )
        pairs.append((item[0], item[1]))
    return pairs


def checked_name(name: object) -> str:
    """Return `name` if it is a token; raises `InvalidHeaderError` otherwise."""
    if not isinstance(name, str):
        raise _error(f"header name {_shown(name)} is a {type(name).__name__}; pass a str")
    if not _is_token(name):
        # A whole line given as a name may hold a secret: nothing after the fault is shown.
        fault = _find_no_token(name)
        shown = _shown(name[: fault.end()] + "..." if fault and fault.end() < len(name) else name)
        raise _error(
            f"header name {shown} is not a token: only letters, digits and "
            "!#$%&'*+-.^_`|~ may stand in it (RFC 9110 section 5.6.2)"
        )
    return name


def checked_lines(name: str, value: object) -> list[tuple[str, str]]:
    """Return one line for a string, one for each item of a list or tuple."""
    if isinstance(value, str):
        return [(name, _checked_value(name, value))]
    if isinstance(value, (list, tuple)):
        return [(name, _checked_value(name, item)) for item in value]
    raise refused_value(name, value)


def _checked_value(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise refused_value(name, value)
    value = value.strip(" \t")
    forbidden = _find_forbidden(value)
    if forbidden is not None:
        code = ord(forbidden.group())
        if code > 0xFF:
            reason = "which latin-1 cannot encode; encode it as the field's definition says"
        else:
            reason = (
                "and control characters may not stand in a header (RFC 9110 section 5.5); remove it"
            )
        shown = "" if is_secret_header(name) else f" {_shown(value)}"
        raise _error(
            f"header {name!r} has a value{shown} with U+{code:04X} "
            f"at position {forbidden.start()}, {reason}"
        )
    return value


def refused_value(name: str, value: object) -> InvalidHeaderError:
    """Return the error for a value that is neither a string nor a list of strings."""
    shown = "" if value is None or is_secret_header(name) else f" {_shown(value)}"
    if value is None:
        right = "pass a str, or leave the name out"
    elif isinstance(value, (bytes, bytearray)):
        right = "decode it to a str"
    else:
        right = "pass a str, or a list of them"
    return _error(f"header {name!r} has a value{shown} of type {type(value).__name__}; {right}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _error(message: str) -> InvalidHeaderError:
    from antiphon.errors import InvalidHeaderError

    return InvalidHeaderError(message)
