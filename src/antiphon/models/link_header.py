"""The `Link` header (RFC 8288): links between resources, pagination above all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from antiphon.models.url import URL

# RFC 8288 section 3: `<target>`, then `; name=value` or `; name="quoted"`; commas between links.
_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')
_ESCAPED = re.compile(r"\\(.)")


@attrs.frozen(slots=True)
class Link:
    """One link: where it leads, its relation type and its other parameters."""

    url: URL
    rel: str
    params: Mapping[str, str] = attrs.field(factory=dict, hash=False)


def parse_links(lines: Iterable[str], base: URL) -> dict[str, Link]:
    """Return the links by relation type, targets resolved against `base`; the first of a type wins.

    A link of several types is listed under each, one without a type nowhere. What cannot be parsed
    is passed over, as RFC 8288 appendix B.2 has it.
    """
    links: dict[str, Link] = {}
    for line in lines:
        for target, params in _links_of(line):
            rels = params.pop("rel", "").lower().split()
            try:
                url = base.join(target) if rels else base
            except ValueError:
                continue
            for rel in rels:
                links.setdefault(rel, Link(url, rel, params))
    return links


def _links_of(line: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield target and parameters of each link in one field line; the first of a name counts."""
    position = 0
    while match := _TARGET.match(line, position):
        target, position = match[1], match.end()
        params: dict[str, str] = {}
        while match := _PARAMETER.match(line, position):
            value = match[2] or ""
            if value.startswith('"'):
                value = _ESCAPED.sub(r"\1", value[1:-1])
            params.setdefault(match[1].lower(), value)
            position = match.end()
        yield target.strip(), params
        position = line.find(",", position)
        if position < 0:
            return
