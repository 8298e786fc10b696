"""Targeted Cache-Control fields: dictionaries of structured fields (RFC 9213, RFC 9651)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.policies.cache_control import CacheControl

if TYPE_CHECKING:
    from collections.abc import Sequence

# RFC 9651 section 3: the items that can stand as values. Only their form matters here, and which
# of them are numbers or texts.
_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])", re.ASCII)
_STRING = re.compile(r'"(?P<text>(?:[ !#-\[\]-~]|\\["\\])*)"', re.ASCII)
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*", re.ASCII)
_OTHER = re.compile(
    r"-?[0-9]{1,12}\.[0-9]{1,3}(?![0-9])"  # a decimal
    r"|:[A-Za-z0-9+/]*={0,2}:"  # bytes
    r"|\?[01]"  # a boolean
    r"|@-?[0-9]{1,15}(?![0-9.])",  # a date
    re.ASCII,
)
_SPACES = re.compile(r" *")
_COMMA = re.compile(r"[ \t]*,[ \t]*")


class _MalformedError(ValueError):
    """It does not follow the grammar: the whole field is to be ignored."""


def parse_targeted(lines: Sequence[str]) -> CacheControl | None:
    """Return the directives of a targeted field; None if it is empty or malformed, and so ignored.

    A directive whose value is of another type than RFC 9111 gives it counts as invalid: a max-age
    in quotes is no max-age (RFC 9213 section 2.1).
    """
    try:
        values, invalid = _dictionary(", ".join(lines).strip(" "))
    except _MalformedError:
        return None
    return CacheControl(values, frozenset(invalid)) if values else None


def _dictionary(text: str) -> tuple[dict[str, str | None], set[str]]:
    values: dict[str, str | None] = {}
    invalid: set[str] = set()
    at = 0
    while at < len(text):
        key, at = _expect(_KEY, text, at)
        # The last one of a name counts, unlike in Cache-Control (RFC 9651 section 3.2).
        values.pop(key, None)
        invalid.discard(key)
        values[key] = None
        if text.startswith("=", at):
            value, kind, at = _item_or_list(text, at + 1)
            if kind == "false":
                del values[key]
            elif kind == "integer":
                values[key] = value
            elif kind == "text":
                values[key] = value
                if _INTEGER.fullmatch(value):
                    invalid.add(key)
            elif kind == "other":
                invalid.add(key)
        at = _parameters(text, at)
        if at == len(text):
            break
        _, at = _expect(_COMMA, text, at)
        if at == len(text):
            raise _MalformedError("a comma at the end")
    return values, invalid


def _item_or_list(text: str, at: int) -> tuple[str, str, int]:
    """Return the value, its kind and where it ends."""
    if not text.startswith("(", at):
        return _item(text, at)
    at += 1
    while True:
        at = _expect(_SPACES, text, at)[1]
        if text.startswith(")", at):
            return "", "other", at + 1
        _, _, at = _item(text, at)
        at = _parameters(text, at)
        if not text.startswith((" ", ")"), at):
            raise _MalformedError("an inner list that goes on without a space")


def _item(text: str, at: int) -> tuple[str, str, int]:
    match = _INTEGER.match(text, at)
    if match is not None:
        return match[0], "integer", match.end()
    match = _STRING.match(text, at)
    if match is not None:
        return match["text"].replace('\\"', '"').replace("\\\\", "\\"), "text", match.end()
    match = _TOKEN.match(text, at)
    if match is not None:
        return match[0], "text", match.end()
    match = _OTHER.match(text, at)
    if match is None:
        raise _MalformedError("no item")
    kinds = {"?1": "true", "?0": "false"}
    return match[0], kinds.get(match[0], "other"), match.end()


def _parameters(text: str, at: int) -> int:
    """Pass over the parameters of an item, which have no meaning here."""
    while text.startswith(";", at):
        at = _expect(_SPACES, text, at + 1)[1]
        _, at = _expect(_KEY, text, at)
        if text.startswith("=", at):
            _, _, at = _item(text, at + 1)
    return at


def _expect(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    match = pattern.match(text, at)
    if match is None:
        raise _MalformedError(f"at {at}")
    return match[0], match.end()
