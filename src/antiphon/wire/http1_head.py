"""Response heads of HTTP/1.1: the status line and the field lines (RFC 9112 sections 2, 4 and 5).

One compiled pattern validates and splits all field lines in one pass. Only what it refuses is
looked at line by line, to say what was wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from antiphon.errors import RemoteProtocolError
from antiphon.wire.excerpt import excerpt
from antiphon.wire.line_ends import foreign_start

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

Pairs: TypeAlias = "tuple[tuple[str, str], ...]"
Index: TypeAlias = "dict[str, str | list[str]]"

# RFC 9110 section 5.6.2: token.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"  # noqa: S105
# RFC 9110 section 5.5: field-vchar, SP and HTAB. Every control character is refused, DEL too.
_TEXT = r"[\t -~\x80-\xff]"

# `^` is the start of a line and neither class has CR or LF, so a match is exactly one whole line:
# as many matches as line ends means that every line is well formed. The first pattern leaves out
# lines with whitespace at their end, which are rare, because stripping each value costs more.
_find_trimmed = re.compile(rf"^({_TOKEN}++):[ \t]*+({_TEXT}*+)(?<![ \t])\r\n", re.MULTILINE).findall
_find_fields = re.compile(rf"^({_TOKEN}++):[ \t]*+({_TEXT}*+)\r\n", re.MULTILINE).findall
# RFC 9112 section 4. The space after the code is required there; peers that leave it out with an
# empty reason are many and harmless.
_match_status_line = re.compile(rf"HTTP/1\.([01]) ([0-9]{{3}})(?: ({_TEXT}*+))?").fullmatch
_not_token = re.compile(rf"(?!{_TOKEN}).", re.DOTALL).search
_not_text = re.compile(rf"(?!{_TEXT}).", re.DOTALL).search

# Servers repeat themselves; what is cached must stay small.
_LONGEST_CACHED_LINE = 64


class ResponseHead:
    """The status line and headers of one response, interim (1xx) or final.

    `version` is "HTTP/1.1" or "HTTP/1.0", `status` is 100 to 999, `reason` may be empty.
    """

    __slots__ = ("headers", "reason", "status", "version")

    def __init__(self, version: str, status: int, reason: str, headers: Headers) -> None:
        self.version = version
        self.status = status
        self.reason = reason
        self.headers = headers

    def __repr__(self) -> str:
        return f"<ResponseHead {self.version} {self.status} {self.headers!r}>"


def parse_status_line(line: str) -> tuple[str, int, str]:
    """Return version, status and reason of a status line without its line end (RFC 9112 4).

    Versions other than HTTP/1.1 and HTTP/1.0 and codes below 100 raise `RemoteProtocolError`.
    """
    if len(line) <= _LONGEST_CACHED_LINE:
        return _cached_status_line(line)
    return _parse_status_line(line)


def _parse_status_line(line: str) -> tuple[str, int, str]:
    match = _match_status_line(line)
    if match is None:
        raise RemoteProtocolError(f"malformed status line: {_status_line_fault(line)}")
    minor, code, reason = match.groups("")
    status = int(code)
    if status < 100:
        raise RemoteProtocolError(f"malformed status line: status code below 100: {excerpt(line)}")
    return ("HTTP/1.1" if minor == "1" else "HTTP/1.0"), status, reason.strip(" \t")


_cached_status_line = lru_cache(maxsize=128)(_parse_status_line)


def _status_line_fault(line: str) -> str:
    foreign = foreign_start(line.encode("latin-1"))
    if foreign:
        return foreign
    bad = _not_text(line)
    if bad is not None:
        return f"{_character(bad.group())} in {excerpt(line)}"
    if line.partition(" ")[0] not in {"HTTP/1.1", "HTTP/1.0"}:
        return f"version is not HTTP/1.1 or HTTP/1.0: {excerpt(line)}"
    return f"no status code of three digits: {excerpt(line)}"


def parse_fields(text: str, start: int, max_count: int) -> tuple[Pairs, Index]:
    r"""Return the field lines of `text` from `start` as pairs, and their values by lower-case name.

    Each line ends with CRLF; the empty line after them is not part of `text`. Spaces and tabs
    around a value are dropped (RFC 9112 section 5). Raises `RemoteProtocolError` for a line that
    is no field line, for line folding and for more than `max_count` lines.
    """
    fields: list[tuple[str, str]] = _find_trimmed(text, start)
    line_count = text.count("\n", start)
    if line_count > max_count:
        raise RemoteProtocolError(f"more than {max_count} header lines: {line_count}")
    if len(fields) != line_count:
        fields = [(name, value.rstrip(" \t")) for name, value in _find_fields(text, start)]
        if len(fields) != line_count:
            raise RemoteProtocolError(f"malformed header line: {_first_fault(text[start:])}")
    index: Index = {name.lower(): value for name, value in fields}
    if len(index) != len(fields):
        index = _grouped(fields)
    return tuple(fields), index


def _grouped(fields: list[tuple[str, str]]) -> Index:
    index: Index = {}
    for name, value in fields:
        key = name.lower()
        present = index.get(key)
        if present is None:
            index[key] = value
        elif isinstance(present, str):
            index[key] = [present, value]
        else:
            present.append(value)
    return index


def _first_fault(block: str) -> str:
    """Say what is wrong with the first bad line. Values are not shown: they may be secrets."""
    previous = ""
    for line in block.removesuffix("\r\n").split("\r\n"):
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"}:
            after = excerpt(previous) if previous else "the status line"
            return f"folded line (obs-fold) after {after}"
        if not colon:
            return f"no colon in {excerpt(line)}"
        if not name:
            return "empty name before the colon"
        if name[-1] in " \t":
            return f"whitespace between the name {excerpt(name.rstrip())} and its colon"
        bad = _not_token(name)
        if bad is not None:
            return f"{_character(bad.group())} in the name {excerpt(name)}"
        bad = _not_text(value)
        if bad is not None:
            return f"{_character(bad.group())} in the value of {excerpt(name)}"
        previous = name
    return "unreadable"  # pragma: no cover - one of the lines is at fault


def _character(character: str) -> str:
    if character == "\r":
        return "bare CR"
    if character == "\n":
        return "bare LF"
    return f"invalid character {excerpt(character)}"
