"""`resolve_base`: the base URL of a client is a prefix that a path cannot leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidURLError
from antiphon.models.base_url import resolve_base
from antiphon.models.url import URL


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("https://api/v1", "", "https://api/v1"),
        ("https://api/v1", "/", "https://api/v1/"),
        ("https://api/v1", "users/1", "https://api/v1/users/1"),
        ("https://api/v1", "/users/1", "https://api/v1/users/1"),
        ("https://api/v1/", "", "https://api/v1/"),
        ("https://api/v1/", "users/1/", "https://api/v1/users/1/"),
        ("https://api/v1/", "/users/1/", "https://api/v1/users/1/"),
        ("https://api", "", "https://api/"),
        ("https://api", "users", "https://api/users"),
        ("https://api/", "/users", "https://api/users"),
        ("https://api/v1", "?a=b", "https://api/v1?a=b"),
        ("https://api/v1", "#f", "https://api/v1#f"),
        ("https://api/v1", " /a b ", "https://api/v1/a%20b"),
        ("https://api/v1", "models:list", "https://api/v1/models:list"),
        ("https://api/v1", "a:80/b", "https://api/v1/a:80/b"),
        ("https://api/v1", "a/../b", "https://api/v1/b"),
        ("https://api/v1", "./b", "https://api/v1/b"),
        ("https://api/v1", "../v1/b", "https://api/v1/b"),
        ("https://api", "../b", "https://api/b"),
        ("https://u:p@api:8443/v1", "b", "https://u:p@api:8443/v1/b"),
        ("https://api/v1?key=1#f", "users?page=2#g", "https://api/v1/users?key=1&page=2#g"),
        ("https://api/v1?key=1", "", "https://api/v1?key=1"),
        ("https://api/v1?key=1", "?page=2", "https://api/v1?key=1&page=2"),
        ("https://api/v1#f", "users", "https://api/v1/users"),
        ("https://api/v1", "http://other:81/x", "http://other:81/x"),
        ("https://api/v1", "HTTPS://other", "https://other/"),
        ("https://api/v1", " https://other", "https://other/"),
    ],
)
def test_the_base_is_a_prefix(base, text, expected):
    """A path is appended whether or not it starts with a slash, and a whole URL stands."""
    assert expected == resolve_base(URL(base), text).text


def test_a_url_stands_as_it_is():
    """A `URL` object is never resolved."""
    url = URL("https://other/")

    assert url is resolve_base(URL("https://api/v1"), url)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("//evil/x", "it names a host, but base_url has one"),
        (" //evil", "it names a host"),
        ("\\\\evil", "backslash"),
        ("..", "climb out of base_url"),
        ("../v2", "climb out of base_url"),
        ("/../v12/x", "climb out of base_url"),
        ("a/../../b", "climb out of base_url"),
        ("%2e%2E/v2", "climb out of base_url"),
        ("../v1/../v2", "climb out of base_url"),
        ("http:x", "no // follows the scheme"),
        ("ftp://h/x", "the scheme 'ftp' is not http or https"),
        ("a\nb", "cannot stand in a URL"),
    ],
)
def test_a_path_cannot_leave_the_base(text, reason):
    """What would go to another host, or above the prefix, is refused."""
    with pytest.raises(InvalidURLError, match=reason):
        resolve_base(URL("https://api/v1"), text)


def test_other_types_are_refused():
    """A value that is no text is refused as by `URL`."""
    with pytest.raises(InvalidURLError, match="expected a str or a URL, got NoneType"):
        resolve_base(URL("https://api/v1"), None)


@given(st.text(st.sampled_from("./\\ab%2eE:@?#"), max_size=12))
def test_whatever_the_path_the_host_and_the_prefix_stay(text):
    """No text without a scheme of its own leads away from the base."""
    try:
        url = resolve_base(URL("https://api/v1"), text)
    except InvalidURLError:
        return

    assert "https://api" == str(url.origin)
    assert "" == url.username
    assert url.path == "/v1" or url.path.startswith("/v1/")
