"""How the bytes of a body become text: charset of the header, then BOM, then UTF-8."""

from __future__ import annotations

import codecs
import re

# RFC 9110 section 8.3.1: parameter names are case-insensitive, values may be quoted.
_CHARSET = re.compile(r";\s*charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^;\s]+))", re.IGNORECASE)

# Longest mark first: the UTF-32 mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Python codecs that are no charsets: they raise on odd bytes or transform something else.
_NOT_CHARSETS = frozenset(
    {"base64", "bz2", "hex", "idna", "mbcs", "oem", "punycode", "quopri", "raw-unicode-escape"}
    | {"rot-13", "undefined", "unicode-escape", "uu", "zlib"}
)


def declared_charset(content_type: str | None) -> str | None:
    """Return the charset parameter of a Content-Type value as it is written, or None."""
    if content_type is None:
        return None
    match = _CHARSET.search(content_type)
    return None if match is None else match[1] or match[2] or match[3]


def encoding_for(content_type: str | None, start: bytes) -> str:
    """Return the codec that decodes a body which begins with `start` (four bytes suffice).

    A charset that Python does not know counts as none. A UTF-8 byte order mark is removed.
    """
    charset = declared_charset(content_type)
    if charset is not None:
        try:
            name = codecs.lookup(charset).name
        except (LookupError, ValueError):
            name = ""
        if name == "utf-8" and start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if name and name.replace("_", "-") not in _NOT_CHARSETS:
            return name
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    return "utf-8"
