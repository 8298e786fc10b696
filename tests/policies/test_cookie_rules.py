"""Where a cookie may come from and where it goes (RFC 6265bis sections 5.1.3, 5.1.4, 5.7, 5.8)."""

from __future__ import annotations

import pytest

from antiphon.models.url import URL
from antiphon.policies.cookie import (
    Cookie,
    default_path,
    domain_matches,
    is_ip_address,
    path_matches,
    received_cookie,
)
from antiphon.policies.cookie_parsing import parse_set_cookie

NOW = 1_700_000_000.0


def received(line: str, url: str = "https://www.site.example/a/b") -> Cookie | None:
    parsed = parse_set_cookie(line)
    assert parsed is not None
    return received_cookie(parsed, URL(url), NOW)


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("a.example", "a.example", True),
        ("b.a.example", "a.example", True),
        ("c.b.a.example", "a.example", True),
        ("a.example", "b.a.example", False),
        ("ba.example", "a.example", False),
        ("a.example", "", False),
        ("a.example", ".a.example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", False),
        ("1.127.0.0.1", "127.0.0.1", False),
        ("::1", "::1", True),
    ],
)
def test_domain_match(host: str, domain: str, expected: bool) -> None:
    """A host matches itself and what it is below of; an address matches itself only."""
    assert domain_matches(host, domain) is expected


@pytest.mark.parametrize(
    ("request_path", "cookie_path", "expected"),
    [
        ("/", "/", True),
        ("/a", "/", True),
        ("/a", "/a", True),
        ("/a/", "/a", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/a", "/a/", False),
        ("/ab", "/a", False),
        ("/", "/a", False),
        ("/A", "/a", False),
        ("/b/a", "/a", False),
    ],
)
def test_path_match(request_path: str, cookie_path: str, expected: bool) -> None:
    """A path matches itself and what lies below it, whole segments only."""
    assert path_matches(request_path, cookie_path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a", "/"),
        ("/a/", "/a"),
        ("/a/b", "/a"),
        ("/a/b/", "/a/b"),
        ("*", "/"),
    ],
)
def test_default_path(path: str, expected: str) -> None:
    """The default path is that of the directory, without the slash at its end."""
    assert default_path(path) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("1.2.3.4.", True),
        ("site.example", False),
        ("1.2.3.example", False),
        ("4chan.example", False),
        ("localhost", False),
    ],
)
def test_addresses_are_told_from_names(host: str, expected: bool) -> None:
    """A host whose last label is a number, or that has a colon, is an address."""
    assert is_ip_address(host) is expected


@pytest.mark.parametrize(
    ("line", "domain", "host_only"),
    [
        ("a=b", "www.site.example", True),
        ("a=b; Domain=", "www.site.example", True),
        ("a=b; Domain=.", "www.site.example", True),
        ("a=b; Domain=www.site.example", "www.site.example", False),
        ("a=b; Domain=site.example", "site.example", False),
        ("a=b; Domain=.SITE.example", "site.example", False),
    ],
)
def test_domain_of_a_received_cookie(line: str, domain: str, host_only: bool) -> None:
    """Without a Domain a cookie is for its host alone, else for the domain and all below it."""
    cookie = received(line)

    assert cookie is not None
    assert (cookie.domain, cookie.host_only) == (domain, host_only)


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("a=b; Domain=other.example", "https://www.site.example/"),
        ("a=b; Domain=api.www.site.example", "https://www.site.example/"),
        ("a=b; Domain=ite.example", "https://www.site.example/"),
        ("a=b; Domain=example", "https://www.site.example/"),
        ("a=b; Domain=com", "https://www.site.com/"),
        ("a=b; Domain=0.0.1", "https://127.0.0.1/"),
        ("a=b; Domain=127.0.0.2", "https://127.0.0.1/"),
        ("a=b; Domain=s\xefte.example", "https://www.site.example/"),
        ("a=b; Secure", "http://www.site.example/"),
        ("a=b; Secure", "http://localhost/"),
        ("a=b; Secure", "http://127.0.0.1/"),
    ],
)
def test_cookies_that_are_refused(line: str, url: str) -> None:
    """A foreign domain, a public suffix, part of an address, and Secure without TLS are refused."""
    assert received(line, url) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_host_without_subdomains_of_its_own_may_name_itself(host: str) -> None:
    """For an address or a single label, Domain with the host itself gives a host-only cookie."""
    cookie = received(f"a=b; Domain={host.strip('[]')}", f"http://{host}/")

    assert cookie is not None
    assert cookie.host_only is True


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("a=b", "/a"),
        ("a=b; Path=", "/a"),
        ("a=b; Path=x", "/a"),
        ("a=b; Path=/", "/"),
        ("a=b; Path=/other", "/other"),
    ],
)
def test_path_of_a_received_cookie(line: str, path: str) -> None:
    """Without a usable Path a cookie is for the directory of the URL; any other Path is allowed."""
    cookie = received(line)

    assert cookie is not None
    assert cookie.path == path


@pytest.mark.parametrize(
    ("line", "expires"),
    [
        ("a=b", None),
        ("a=b; Max-Age=10", NOW + 10),
        ("a=b; Max-Age=1", NOW + 1),
        ("a=b; Max-Age=0", 0.0),
        ("a=b; Max-Age=-5", 0.0),
        ("a=b; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:10 GMT", NOW + 10),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:10 GMT; Max-Age=10", NOW + 10),
        ("a=b; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:10 GMT", 10.0),
        ("a=b; Max-Age=99999999999", NOW + 34_560_000),
        ("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", NOW + 34_560_000),
    ],
)
def test_end_of_a_received_cookie(line: str, expires: float | None) -> None:
    """Max-Age beats Expires, no life is longer than 400 days, none asked for is without end."""
    cookie = received(line)

    assert cookie is not None
    assert cookie.expires == expires


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("__Secure-a=b; Secure", True),
        ("__Secure-a=b; Secure; Domain=site.example; Path=/x", True),
        ("__Secure-a=b", False),
        ("__secure-a=b", False),
        ("__SECURE-a=b; Secure", True),
        ("__Host-a=b; Secure; Path=/", True),
        ("__HOST-a=b; Secure; Path=/; Domain=", True),
        ("__Host-a=b; Path=/", False),
        ("__Host-a=b; Secure", False),
        ("__Host-a=b; Secure; Path=/a", False),
        ("__Host-a=b; Secure; Path=/; Domain=www.site.example", False),
        ("__hOsT-a=b; Path=/", False),
        ("=__Host-a=b; Secure; Path=/", False),
        ("__Secure-a; Secure", False),
        ("__Hosta=b", True),
        ("x__Host-a=b", True),
    ],
)
def test_prefixes_of_names(line: str, accepted: bool) -> None:
    """__Secure- and __Host-, in any case, keep their promises; no nameless cookie imitates them."""
    assert (received(line) is not None) is accepted


def test_host_prefix_needs_a_path_attribute() -> None:
    """A __Host- cookie says Path itself: a default path of "/" is not enough."""
    assert received("__Host-a=b; Secure", "https://site.example/") is None
    assert received("__Host-a=b; Secure; Path=/", "https://site.example/") is not None


def test_other_fields_of_a_received_cookie() -> None:
    """HttpOnly, Secure, SameSite and the time of creation are kept."""
    assert received("a=b; Secure; HttpOnly; SameSite=Lax; Path=/") == Cookie(
        name="a",
        value="b",
        domain="www.site.example",
        path="/",
        host_only=True,
        secure=True,
        http_only=True,
        same_site="Lax",
        expires=None,
        created=NOW,
    )


def test_defaults_of_a_cookie() -> None:
    """Only a name and a value are needed: a cookie is then for every host, all paths, for ever."""
    assert Cookie(name="a", value="b") == Cookie(
        name="a",
        value="b",
        domain="",
        path="/",
        host_only=True,
        secure=False,
        http_only=False,
        same_site=None,
        expires=None,
        created=0.0,
    )


def test_a_cookie_ends_at_its_moment() -> None:
    """A cookie with Max-Age=5 is there for five seconds and gone at the fifth."""
    cookie = Cookie(name="a", value="b", expires=NOW + 5)

    assert [cookie.expired(NOW + 4.9), cookie.expired(NOW + 5)] == [False, True]


def test_repr_hides_the_value() -> None:
    """The value of a cookie is a secret: its repr shows the rest."""
    shown = repr(Cookie(name="sid", value="hunter2", domain="site.example"))

    assert "hunter2" not in shown
    assert "site.example" in shown
