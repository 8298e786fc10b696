"""Cache-Control, read as RFC 9111 section 5.2 has it; and what a targeted field says instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from antiphon.models.headers import Headers

# RFC 9111 section 1.2.2: what is larger than can be represented counts as 2**31 seconds.
LONGEST: Final = 2**31

# One member of the list: what is between commas that are not quoted. A quote that is not closed
# runs to the end of the line.
_MEMBER = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^",])+', re.DOTALL)
_DIRECTIVE = re.compile(
    r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)(?P<rest>.*)",
    re.DOTALL,
)
_VALUE = re.compile(
    r"""=(?:(?P<token>[!#$%&'*+.^_`|~0-9A-Za-z-]+)|"(?P<quoted>(?:[^"\\]|\\.)*)")""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECONDS = re.compile(r"[0-9]+", re.ASCII)


def delta_seconds(text: str) -> int | None:
    """Return a number of seconds, at most 2**31 (section 1.2.2); None for what is none."""
    if not _SECONDS.fullmatch(text):
        return None
    digits = text.lstrip("0")
    # int() refuses texts of thousands of digits.
    return LONGEST if len(digits) > 10 else min(int(digits or "0"), LONGEST)


class CacheControl:
    """The directives of a message: of a name that is given twice, the first (section 4.2.1).

    A directive whose value is malformed is present and invalid: what restricts the cache still
    does, and what would allow it something does not.
    """

    __slots__ = ("_invalid", "_values")

    def __init__(
        self, values: Mapping[str, str | None], invalid: frozenset[str] = frozenset()
    ) -> None:
        self._values = values
        self._invalid = invalid

    def __contains__(self, name: str) -> bool:
        """Whether the directive is there, whatever its value."""
        return name in self._values

    def seconds(self, name: str) -> int | None:
        """Return the value in seconds; None if the directive is absent or has no such value."""
        value = self._values.get(name)
        return None if value is None or name in self._invalid else delta_seconds(value)

    def has_value(self, name: str) -> bool:
        """Whether the directive is there with a value, be it good or bad."""
        return self._values.get(name) is not None or name in self._invalid

    def fields(self, name: str) -> frozenset[str]:
        """Return the lower-case field names that the directive lists; empty: it is for all."""
        value = self._values.get(name)
        if value is None or name in self._invalid:
            return frozenset()
        names = [part.strip(" \t").lower() for part in value.split(",")]
        return frozenset(filter(None, names))

    def __repr__(self) -> str:
        return f"CacheControl({dict(self._values)!r})"


NO_DIRECTIVES: Final = CacheControl({})


def parse_cache_control(lines: Iterable[str]) -> CacheControl:
    """Return the directives of all lines of Cache-Control of one message."""
    return _parsed(tuple(lines))


@lru_cache(maxsize=256)
def _parsed(lines: tuple[str, ...]) -> CacheControl:
    values: dict[str, str | None] = {}
    invalid: set[str] = set()
    for line in lines:
        for member in _MEMBER.findall(line):
            match = _DIRECTIVE.fullmatch(member.strip(" \t"))
            if match is None:
                continue
            name = match["name"].lower()
            if name in values:
                continue
            values[name] = None
            if not match["rest"]:
                continue
            value = _VALUE.fullmatch(match["rest"])
            if value is None:
                invalid.add(name)
            elif value["token"] is not None:
                values[name] = value["token"]
            else:
                values[name] = _ESCAPE.sub(r"\1", value["quoted"])
    return CacheControl(values, frozenset(invalid)) if values else NO_DIRECTIVES


def response_directives(headers: Headers, targets: Sequence[str]) -> tuple[CacheControl, bool]:
    """Return the directives that hold for us, and whether a field that is meant for us has them.

    Of `targets` the first that is there, not empty and well-formed counts; then Cache-Control and
    Expires do not (RFC 9213 section 2.2).
    """
    for target in targets:
        lines = headers.get_list(target)
        if lines:
            from antiphon.policies.targeted_cache_control import parse_targeted

            found = parse_targeted(lines)
            if found is not None:
                return found, True
    lines = headers.get_list("cache-control")
    return (parse_cache_control(lines) if lines else NO_DIRECTIVES), False
