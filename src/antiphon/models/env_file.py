"""The text of a .env file: KEY=VALUE lines, read into a mapping."""

from __future__ import annotations

import re

from antiphon.errors import InvalidOptionError

_KEY = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
# Quoted values may go over several lines: private keys are kept so.
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'([^']*)'")
# A comment needs white space before it: "#" may be part of a bare password.
_BARE = re.compile(r"(?:[^\s#]|[ \t]+(?=[^#\s])|(?<=\S)#)*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\n": ""}


def parse_env_file(text: str) -> dict[str, str]:
    r"""Return the variables that the text of a .env file sets; the last of a name counts.

    Lines are `KEY=value`, `KEY="value"` (with the escapes \n, \r, \t, \" and \\) or `KEY='value'`
    (as it stands), with or without `export`; `#` begins a comment. There is no interpolation.
    Raises InvalidOptionError with the number of a bad line, and never what stands in it.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    variables: dict[str, str] = {}
    position = 0
    while position < len(text):
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
            continue
        key = _KEY.match(text, position)
        if key is None:
            raise _bad_line(text, position, "expected KEY=value")
        variables[key[1]], end = _value(text, key)
        rest = _BLANK.match(text, end)
        if rest is None:
            raise _bad_line(text, position, f"text after the value of {key[1]}; quote the value")
        position = rest.end()
    return variables


def _value(text: str, key: re.Match[str]) -> tuple[str, int]:
    """Return the value that begins where `key` ends, and where it ends."""
    start = key.end()
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        bare = _BARE.match(text, start)
        assert bare is not None, "the pattern matches the empty string too"
        return bare[0], bare.end()
    quoted = (_DOUBLE_QUOTED if quote == '"' else _SINGLE_QUOTED).match(text, start)
    if quoted is None:
        raise _bad_line(text, start, f"the quote that begins the value of {key[1]} never ends")
    if quote == "'":
        return quoted[1], quoted.end()
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), quoted[1]), quoted.end()


def _bad_line(text: str, position: int, what: str) -> InvalidOptionError:
    return InvalidOptionError(f"env file, line {text.count(chr(10), 0, position) + 1}: {what}")
