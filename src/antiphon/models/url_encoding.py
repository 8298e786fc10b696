"""Percent-encoding of URL components (RFC 3986, sections 2 and 6.2.2).

A component is normalised once: what may stand there stays, a valid escape stays with its digits in
upper case, everything else is written as UTF-8 escapes, a `%` that starts no escape too. Doing it
again changes nothing, so nothing is ever encoded twice. Escapes are not decoded, not even those of
unreserved characters: they may be part of what somebody signed.
"""

from __future__ import annotations

import re

_UNRESERVED = r"A-Za-z0-9\-._~"  # RFC 3986, section 2.3
_SUB_DELIMS = r"!$&'()*+,;="  # RFC 3986, section 2.2
_ESCAPE = "%[0-9A-Fa-f]{2}"

# Each finds the escapes, and the characters that the component must not hold as they are.
_IN_PATH = re.compile(f"{_ESCAPE}|[^{_UNRESERVED}{_SUB_DELIMS}:@/]")  # section 3.3
_IN_QUERY = re.compile(f"{_ESCAPE}|[^{_UNRESERVED}{_SUB_DELIMS}:@/?]")  # sections 3.4 and 3.5
_IN_USERINFO = re.compile(f"{_ESCAPE}|[^{_UNRESERVED}{_SUB_DELIMS}]")  # section 3.2.1
_IN_VALUE = re.compile(f"[^{_UNRESERVED}]")


def _normal(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 3:
        return found.upper()
    return "".join([f"%{octet:02X}" for octet in found.encode("utf-8")])


def encode_path(text: str) -> str:
    """Normalise a path; `?` and `#` are escaped, `/` is a separator."""
    return _IN_PATH.sub(_normal, text)


def encode_query(text: str) -> str:
    """Normalise a query or a fragment; `#` is escaped."""
    return _IN_QUERY.sub(_normal, text)


def encode_userinfo(text: str) -> str:
    """Normalise a user name or a password; `:` and `@` are escaped."""
    return _IN_USERINFO.sub(_normal, text)


def encode_value(text: str) -> str:
    """Escape all but unreserved characters, `%` too: for values that are not URL text yet."""
    if text.isalnum() and text.isascii():
        return text
    return _IN_VALUE.sub(_normal, text)


def remove_dot_segments(path: str) -> str:
    """Resolve `.` and `..` in an absolute path (RFC 3986, section 5.2.4); the root stops `..`."""
    kept: list[str] = []
    segments = path.split("/")
    dots = ""
    for segment in segments:
        # An escaped dot is a dot (section 6.2.2.2): some servers would climb by it.
        dots = segment.replace("%2E", ".") if "." in segment or "%2E" in segment else ""
        if dots == "..":
            # The first entry is the empty text before the leading slash.
            if len(kept) > 1:
                kept.pop()
        elif dots != ".":
            kept.append(segment)
    if dots in (".", ".."):
        kept.append("")
    return "/".join(kept)
