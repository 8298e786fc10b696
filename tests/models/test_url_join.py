"""`URL.join` resolves references as RFC 3986, section 5 says."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL

BASE = URL("http://a/b/c/d;p?q")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        # Section 5.4.1, normal examples.
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        ("g?y#s", "http://a/b/c/g?y#s"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"),
        # Section 5.4.2, abnormal examples.
        ("../../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/./x", "http://a/b/c/g#s/./x"),
        ("g#s/../x", "http://a/b/c/g#s/../x"),
    ],
)
def test_the_examples_of_the_rfc(reference, expected):
    """Every example of section 5.4 whose result is an http URL comes out as printed there."""
    assert expected == BASE.join(reference).text


@pytest.mark.parametrize("reference", ["g:h", "http:g", "http:", "ftp://a/"])
def test_a_reference_with_a_scheme_is_never_relative(reference):
    """The strict reading: `http:g` is no http URL, and other schemes are not requested."""
    with pytest.raises(InvalidURLError, match=r"no // follows|is not http or https"):
        BASE.join(reference)


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("http://a", "g", "http://a/g"),
        ("http://a?q", "g", "http://a/g"),
        ("http://a/b?q#f", "", "http://a/b?q"),
        ("http://a/b?q#f", "?", "http://a/b?"),
        ("http://a/b?", "#f", "http://a/b?#f"),
        ("http://a/b?q#f", "#", "http://a/b?q"),
        ("http://u:p@a:8080/b", "c d", "http://u:p@a:8080/c%20d"),
        ("http://u:p@a:8080/b", "//a/c", "http://a/c"),
        ("https://u:p@a/b", "//c:443", "https://c/"),
        ("https://a:444/b", "http://a:80/c", "http://a/c"),
        ("http://a/b", "%2e%2e/./c", "http://a/c"),
        ("http://a/b/", "1:2", "http://a/b/1:2"),
        ("http://a/b/", " é ", "http://a/b/%C3%A9"),
        ("http://[::1%25lo]:81/b", "c", "http://[::1%25lo]:81/c"),
    ],
)
def test_what_a_reference_inherits(base, reference, expected):
    """Scheme, authority, path and query are taken from the base down to the first part given."""
    assert expected == URL(base).join(reference).text


def test_a_url_is_joined_as_it_is():
    """A reference that is a URL already needs no base."""
    other = URL("https://h/x")

    assert other is BASE.join(other)


@pytest.mark.parametrize("reference", ["\\\\evil/", "/\\evil", "a\nb", "//", "///x", "//u@/"])
def test_references_that_are_refused(reference):
    """What is read differently by browsers, and an authority without a host, is refused."""
    with pytest.raises(InvalidURLError, match=r"backslash|cannot stand in a URL|host is empty"):
        BASE.join(reference)
