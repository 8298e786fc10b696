"""What a 401 asks for: the challenges of its `WWW-Authenticate` (RFC 9110 section 11.6.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 section 5.6.2
_BETWEEN = re.compile(r"[ \t,]*")
# RFC 9110 section 11.2: spaces around "=" are bad, but have to be understood.
_PARAMETER = re.compile(
    rf'({_WORD})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))(?=[ \t]*(?:,|$))'
)
_SCHEME = re.compile(rf"({_WORD})(?:[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$)))?(?=[ \t,]|$)")


class Challenge(NamedTuple):
    """One way to say who is asking. Names are in lower case; values are as sent, without quotes."""

    scheme: str
    parameters: Mapping[str, str]


def challenges_of(lines: Iterable[str]) -> list[Challenge]:
    """Return all challenges of the lines in their order, each line up to what makes no sense."""
    found: list[Challenge] = []
    for line in lines:
        found += _read(line)
    return found


def parameters_of(text: str) -> dict[str, str]:
    """Return a list of parameters, as `Authentication-Info` has them."""
    read = _read(f"x {text}")
    return dict(read[0].parameters) if read else {}


def _read(line: str) -> list[Challenge]:
    found: list[tuple[str, dict[str, str]]] = []
    position = _end(_BETWEEN.match(line), 0)
    while position < len(line):
        parameter = _PARAMETER.match(line, position)
        if parameter is not None and found:
            name, quoted, token = parameter.groups()
            found[-1][1].setdefault(name.lower(), token if quoted is None else quoted)
            position = parameter.end()
        else:
            scheme = _SCHEME.match(line, position)
            if scheme is None:
                break
            found.append((scheme[1].lower(), {}))
            position = scheme.end()
        position = _end(_BETWEEN.match(line, position), position)
    return [Challenge(scheme, parameters) for scheme, parameters in found]


def _end(match: re.Match[str] | None, default: int) -> int:
    return default if match is None else match.end()
