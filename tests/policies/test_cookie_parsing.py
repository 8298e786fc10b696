"""`Set-Cookie` lines, by the algorithm of RFC 6265bis section 5.6."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.policies.cookie_parsing import SetCookie, parse_set_cookie


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("a=b", "a", "b"),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("b", "", "b"),
        ("a=b=c", "a", "b=c"),
        ("==b", "", "=b"),
        (" \ta \t=\t b \t", "a", "b"),
        ('a="b c"', "a", '"b c"'),
        ("a=b; c=d", "a", "b"),
        ("a=b;", "a", "b"),
        ("a=b;;;Secure", "a", "b"),
        ("a=b,c", "a", "b,c"),
        ("a=b\tc", "a", "b\tc"),
        ("a=\xe9", "a", "\xe9"),
        ("A=b", "A", "b"),
        ("a b=c d", "a b", "c d"),
        ("Secure", "", "Secure"),
    ],
)
def test_name_and_value(line: str, name: str, value: str) -> None:
    """Name and value end at the first semicolon, part at the first equals sign, and are trimmed."""
    parsed = parse_set_cookie(line)

    assert parsed is not None
    assert (parsed.name, parsed.value) == (name, value)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "=",
        " \t",
        "; Secure",
        " = ; Path=/",
        "a=b\x00",
        "a=b\x01c",
        "a\x0a=b",
        "a=b\r\nSet-Cookie: c=d",
        "a=b\x7f",
        "a=b; Path=/\x1f",
        "a=\u0100",
        "a=" + "b" * 4096,
        "a" * 4097,
    ],
)
def test_lines_that_are_ignored(line: str) -> None:
    """Nothing to store, a control character anywhere, or more than 4,096 octets: no cookie."""
    assert parse_set_cookie(line) is None


def test_the_largest_cookie() -> None:
    """Name and value may have 4,096 octets together, attributes not counted."""
    parsed = parse_set_cookie("a" * 96 + "=" + "b" * 4000 + "; x=" + "c" * 5000)

    assert parsed is not None
    assert len(parsed.name) + len(parsed.value) == 4096


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", {}),
        ("Secure", {"secure": True}),
        ("SECURE=no", {"secure": True}),
        ("httponly", {"http_only": True}),
        (" secure ; HttpOnly ", {"secure": True, "http_only": True}),
        ("Domain=Example.COM", {"domain": "example.com"}),
        ("Domain=.example.com", {"domain": "example.com"}),
        ("Domain=..example.com", {"domain": ".example.com"}),
        ("Domain", {"domain": ""}),
        ("Domain=", {"domain": ""}),
        ("Domain=a.example; Domain=b.example", {"domain": "b.example"}),
        ("Domain=a.example; Domain=", {"domain": ""}),
        ("Domain=a.example; Domain=" + "b" * 1025, {"domain": "a.example"}),
        ("Domain=" + "b" * 1024, {"domain": "b" * 1024}),
        ("Path=/a", {"path": "/a"}),
        ("Path= /a/b ", {"path": "/a/b"}),
        ("Path=a", {"path": ""}),
        ("Path", {"path": ""}),
        ("Path=/a; Path=b", {"path": ""}),
        ("Path=/a; Path=/b", {"path": "/b"}),
        ("Path=/" + "b" * 1024, {}),
        ("Max-Age=10", {"max_age": 10}),
        ("max-age=0", {"max_age": 0}),
        ("Max-Age=-1", {"max_age": -1}),
        ("Max-Age=0010", {"max_age": 10}),
        ("Max-Age=10; Max-Age=20", {"max_age": 20}),
        ("Max-Age=10; Max-Age=x", {"max_age": 10}),
        ("Max-Age=+10", {}),
        ("Max-Age=1.5", {}),
        ("Max-Age=1e3", {}),
        ("Max-Age=--1", {}),
        ("Max-Age=-", {}),
        ("Max-Age=", {}),
        ("Max-Age", {}),
        ("Max-Age=\xb2", {}),
        ("Max-Age=" + "9" * 1000, {"max_age": 999_999_999_999_999}),
        ("Max-Age=-" + "9" * 1000, {"max_age": -999_999_999_999_999}),
        ("Max-Age=" + "0" * 1000 + "7", {"max_age": 7}),
        ("Expires=Thu, 01 Jan 1970 00:00:10 GMT", {"expires": 10.0}),
        ("Expires=Thu, 01 Jan 1970 00:00:10 GMT; Expires=never", {"expires": 10.0}),
        ("Expires=never", {}),
        ("SameSite=strict", {"same_site": "Strict"}),
        ("SameSite=LAX", {"same_site": "Lax"}),
        ("SameSite=None", {"same_site": "None"}),
        ("SameSite=Strict; SameSite=whatever", {}),
        ("SameSite", {}),
        ("Priority=High; Partitioned; x", {}),
        ("Sec ure; =Secure", {}),
    ],
)
def test_attributes(attributes: str, expected: dict[str, object]) -> None:
    """The last valid attribute of a name counts; unknown, overlong and invalid ones do nothing."""
    assert parse_set_cookie(f"a=b; {attributes}") == SetCookie(name="a", value="b", **expected)


def test_a_parsed_cookie_does_not_show_its_value() -> None:
    """The value of a cookie is a secret, in reprs too."""
    assert "hunter2" not in repr(parse_set_cookie("sid=hunter2"))


@given(st.text() | st.text("a=; \t,ExpirsMax-AgePthDom09:\x00\xff"))
@settings(max_examples=500)
def test_no_text_makes_it_raise(line: str) -> None:
    """Any text is a cookie within the limits or None."""
    parsed = parse_set_cookie(line)

    if parsed is not None:
        assert parsed.name or parsed.value
        assert ";" not in parsed.name + parsed.value
        assert len(parsed.name) + len(parsed.value) <= 4096


@given(st.text("abcxyz019_-!", min_size=1), st.text('abcxyz019_-!=" ').map(str.strip))
def test_what_was_written_is_read(name: str, value: str) -> None:
    """A name without "=" and a value without ";" come out as they went in."""
    parsed = parse_set_cookie(f"{name}={value}")

    assert parsed is not None
    assert (parsed.name, parsed.value) == (name, value)
