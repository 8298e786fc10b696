"""One `Set-Cookie` line, taken apart as RFC 6265bis section 5.6 says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from antiphon.policies.cookie_dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator

SameSite: TypeAlias = Literal["Strict", "Lax", "None"]

MAX_NAME_AND_VALUE = 4096
"""Octets that a name and its value may have together (RFC 6265bis section 5.6, step 5)."""
MAX_ATTRIBUTE_VALUE = 1024
"""Octets of an attribute's value; a longer attribute is ignored (section 5.6, step 6)."""

# Section 5.6 step 1, tab excepted; and what cannot be one octet of a header at all.
UNUSABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")

_WHITESPACE = " \t"
_MAX_AGE = re.compile(r"-?[0-9]+\Z")
_SAME_SITE: dict[str, SameSite] = {"strict": "Strict", "lax": "Lax", "none": "None"}


@attrs.frozen(kw_only=True)
class SetCookie:
    """What one `Set-Cookie` line says, before it is known where it came from.

    `domain` is None without the attribute and "" with an empty one; it has no leading dot and is
    lower case. `path` is None without the attribute and "" where it asks for the default path.
    `max_age` is in seconds, `expires` in seconds since the epoch; each None if absent or invalid.
    """

    name: str
    value: str = attrs.field(repr=False)
    domain: str | None = None
    path: str | None = None
    max_age: int | None = None
    expires: float | None = None
    secure: bool = False
    http_only: bool = False
    same_site: SameSite | None = None


def parse_set_cookie(line: str) -> SetCookie | None:
    """Take a `Set-Cookie` value apart (RFC 6265bis section 5.6); None if it is to be ignored.

    `line` is one header value, decoded as latin-1. It is ignored if it has a control character
    other than tab, if name and value are both empty or together longer than 4,096 octets. No text
    makes this raise.
    """
    if UNUSABLE.search(line):
        return None
    pair, _, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        # A pair without "=" is the value of a cookie that has no name.
        name, value = "", pair
    name = name.strip(_WHITESPACE)
    value = value.strip(_WHITESPACE)
    if not (name or value) or len(name) + len(value) > MAX_NAME_AND_VALUE:
        return None
    domain: str | None = None
    path: str | None = None
    max_age: int | None = None
    expires: float | None = None
    secure = http_only = False
    same_site: SameSite | None = None
    for attribute, setting in _attributes(attributes):
        # Of an attribute that is there twice, the last one counts; an invalid one does not.
        match attribute:
            case "domain":
                domain = setting.removeprefix(".").lower()
            case "path":
                path = setting if setting.startswith("/") else ""
            case "max-age":
                if _MAX_AGE.match(setting):
                    max_age = _whole_number(setting)
            case "expires":
                date = parse_date(setting)
                expires = expires if date is None else date
            case "secure":
                secure = True
            case "httponly":
                http_only = True
            case "samesite":
                same_site = _SAME_SITE.get(setting.lower())
            case _:
                pass
    return SetCookie(
        name=name,
        value=value,
        domain=domain,
        path=path,
        max_age=max_age,
        expires=expires,
        secure=secure,
        http_only=http_only,
        same_site=same_site,
    )


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for piece in text.split(";"):
        name, _, value = piece.partition("=")
        value = value.strip(_WHITESPACE)
        if len(value) <= MAX_ATTRIBUTE_VALUE:
            yield name.strip(_WHITESPACE).lower(), value


def _whole_number(text: str) -> int:
    # 15 digits are more seconds than any lifetime; `int` refuses text that is much longer.
    digits = text.removeprefix("-").lstrip("0")[:15]
    return -int(digits or "0") if text.startswith("-") else int(digits or "0")
