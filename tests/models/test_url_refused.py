"""What `URL` refuses, and that its errors name the reason and show nothing secret."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid URL '': the scheme is missing; write https://host/path"),
        ("example.com/x", "invalid URL 'example.com/x': the scheme is missing; write https://"),
        ("/users/1", "invalid URL '/users/1': the scheme is missing"),
        ("//h/x", "invalid URL '//h/x': the scheme is missing"),
        ("localhost:8080/x", "the scheme 'localhost' is not http or https"),
        ("ftp://h/", "invalid URL 'ftp://h/': the scheme 'ftp' is not http or https"),
        ("mailto:a@b", "invalid URL 'mailto:***@b': the scheme is not http or https"),
        ("http:h", "invalid URL 'http:h': no // follows the scheme; write http://host/path"),
        ("http:/h", "no // follows the scheme"),
        ("https:", "no // follows the scheme; write https://host/path"),
        ("http://", "the host is empty"),
        ("http:///x", "the host is empty"),
        ("http://?x", "the host is empty"),
        ("http://:80/", "the host is empty"),
        ("http://u@/", "invalid URL 'http://***@/': the host is empty"),
        ("http://h:0/", "invalid URL 'http://h:0/': the port is not a number from 1 to 65535"),
        ("http://h:65536/", "the port is not a number from 1 to 65535"),
        ("http://h:-1/", "the port is not a number"),
        ("http://h:+1/", "the port is not a number"),
        ("http://h: 1/", "the port is not a number"),
        ("http://h:1_0/", "the port is not a number"),
        ("http://h:٣/", "the port is not a number"),
        ("http://h:80:80/", "the port is not a number"),
        ("http://h:" + "9" * 5000, "the port is not a number"),
        ("http://h/\x00", r"the character '\x00' at index 9 cannot stand in a URL"),
        ("http://h/\x7f", r"the character '\x7f' at index 9"),
        ("http://h/a\r\nHost: x", r"the character '\r' at index 10"),
        ("http://h/\n", r"the character '\n' at index 9"),
        ("http://h\t/", r"the character '\t' at index 8"),
        ("http://h/\ud800", r"the character '\ud800' at index 9"),
        ("http://h/a\\b", "a backslash stands in it"),
        ("http://h\\@evil/", "a backslash stands in it"),
        ("http://evil:\\p@h/", "a backslash stands in it"),
        ("http:\\\\h/", "a backslash stands in it"),
        ("http://u:%ff@h/", "the user name or password is not UTF-8"),
    ],
)
def test_refused_with_the_reason(text, message):
    """A URL that cannot be requested is refused, and the error says what is wrong with it."""
    with pytest.raises(InvalidURLError) as caught:
        URL(text)

    assert message in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"http://h/", ["http://h/"], object])
def test_only_text_is_a_url(value):
    """A value of another type is refused by the name of its type."""
    with pytest.raises(
        InvalidURLError, match=f"expected a str or a URL, got {type(value).__name__}"
    ):
        URL(value)
    with pytest.raises(InvalidURLError, match="expected a str or a URL"):
        URL("http://h/").join(value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://ada:geheim@h:x/path", "'http://***@h:x/path'"),
        ("http://ada:ge/heim@h:x/", "'http://***@h:x/'"),
        ("http://ada:ge?heim@h:x/", "'http://***'"),
        ("http://ada:ge#heim@h:x/", "'http://***'"),
        ("http://ada:ge@heim@h:x/", "'http://***@h:x/'"),
        ("http:ada:geheim@h/", "'http:***@h/'"),
        ("//ada:geheim@h/", "'//***@h/'"),
        ("ada:geheim@h/", "'ada:***@h/'"),
        ("http:\\\\ada:geheim@h/", r"'http:\\\\***@h/'"),
        ("http://ada:geheim\n@h/", "'http://***@h/'"),
        ("http://h:x/?token=geheim", "'http://h:x/?***'"),
        ("http://h:x/#geheim", "'http://h:x/#***'"),
        ("http://h:x/?mail=a@geheim", "'http://***'"),
    ],
)
def test_errors_hide_userinfo_query_and_fragment(text, shown):
    """What may be a secret is not in the error, even where nobody can tell the parts apart."""
    with pytest.raises(InvalidURLError) as caught:
        URL(text)

    assert shown in str(caught.value)
    assert "heim" not in str(caught.value)
    assert "heim" not in repr(caught.value)


def test_the_shown_text_is_bounded():
    """A megabyte of bad URL makes a short message."""
    with pytest.raises(InvalidURLError) as caught:
        URL("http://h:x/" + "a" * 1_000_000)

    assert len(str(caught.value)) < 300


def test_an_invalid_url_is_a_value_error():
    """Callers may catch the builtin."""
    with pytest.raises(ValueError, match="the scheme is missing"):
        URL("x")
