"""The `Link` header (RFC 8288)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.models.link_header import Link, parse_links
from antiphon.models.url import URL

BASE = URL("https://api.example.com/items?page=1")

TABLE = [
    ([], {}),
    (['<https://x.example/2>; rel="next"'], {"next": ("https://x.example/2", {})}),
    (["<?page=2>; rel=next"], {"next": ("https://api.example.com/items?page=2", {})}),
    (["</a,b;c>; rel=next"], {"next": ("https://api.example.com/a,b;c", {})}),
    (
        ['<a>; rel="next last"; title="Two, \\"quoted\\""'],
        {
            "next": ("https://api.example.com/a", {"title": 'Two, "quoted"'}),
            "last": ("https://api.example.com/a", {"title": 'Two, "quoted"'}),
        },
    ),
    (
        ["<a>; rel=next, <b>;rel=prev", "<c> ; REL = FIRST"],
        {
            "next": ("https://api.example.com/a", {}),
            "prev": ("https://api.example.com/b", {}),
            "first": ("https://api.example.com/c", {}),
        },
    ),
    (["<a>; rel=next, <b>; rel=next"], {"next": ("https://api.example.com/a", {})}),
    (["<a>; rel=next; rel=last"], {"next": ("https://api.example.com/a", {})}),
    (["<a>; title=x, <b>; rel=next"], {"next": ("https://api.example.com/b", {})}),
    (["<ftp://x/>; rel=next, <b>; rel=last"], {"last": ("https://api.example.com/b", {})}),
    (["nonsense", "<unfinished; rel=next", ", ,"], {}),
    (["<a>; rel=next; flag"], {"next": ("https://api.example.com/a", {"flag": ""})}),
]


@pytest.mark.parametrize(("lines", "links"), TABLE)
def test_links(lines: list[str], links: dict[str, tuple[str, dict[str, str]]]) -> None:
    """Targets are resolved, types and parameter names are in lower case, the first one counts."""
    expected = {rel: Link(URL(url), rel, params) for rel, (url, params) in links.items()}

    assert expected == parse_links(lines, BASE)


@given(st.text(alphabet='<>;,="\\ relnxt/a', max_size=40))
@settings(max_examples=300)
def test_anything_can_be_parsed(line: str) -> None:
    """Whatever a server sends, parsing ends and raises nothing."""
    for rel, link in parse_links([line], BASE).items():
        assert rel == link.rel
