"""`CookieJar`: what is stored, sent, replaced, deleted and evicted (RFC 6265bis 5.7, 5.8)."""

from __future__ import annotations

import pytest

from antiphon.models.url import URL
from antiphon.policies.cookies import CookieJar

NOW = 1_700_000_000.0
SITE = URL("https://www.site.example/a/b")


def filled(*lines: str, url: URL = SITE) -> CookieJar:
    jar = CookieJar()
    jar.store(url, lines, NOW)
    return jar


@pytest.mark.parametrize(
    ("line", "url", "expected"),
    [
        ("a=b", "https://www.site.example/a/b", "a=b"),
        ("a=b", "https://www.site.example/a", "a=b"),
        ("a=b", "https://www.site.example/a?q", "a=b"),
        ("a=b", "https://www.site.example/", None),
        ("a=b", "http://www.site.example:8080/a/", "a=b"),
        ("a=b", "https://site.example/a", None),
        ("a=b", "https://x.www.site.example/a", None),
        ("a=b; Domain=site.example", "https://site.example/a", "a=b"),
        ("a=b; Domain=site.example", "https://x.y.site.example/a", "a=b"),
        ("a=b; Domain=site.example", "https://notsite.example/a", None),
        ("a=b; Path=/", "https://www.site.example", "a=b"),
        ("a=b; Secure", "https://www.site.example/a", "a=b"),
        ("a=b; Secure", "http://www.site.example/a", None),
        ("a=b; HttpOnly; SameSite=Strict", "https://www.site.example/a", "a=b"),
        ("a=", "https://www.site.example/a", "a="),
        ("b", "https://www.site.example/a", "b"),
    ],
)
def test_a_cookie_goes_where_it_belongs(line: str, url: str, expected: str | None) -> None:
    """Domain, path and Secure decide where a cookie goes; port, HttpOnly and SameSite do not."""
    assert filled(line).header_for(URL(url), NOW) == expected


def test_order_of_sending() -> None:
    """Longer paths come first, among equals older cookies, whatever their domain."""
    jar = filled(
        "old=1; Path=/; Domain=site.example",
        "short=2; Path=/",
        "long=3; Path=/a/b",
        "mid=4; Path=/a",
    )
    jar.store(SITE, ["young=5; Path=/; Domain=site.example"], NOW - 100)

    assert jar.header_for(SITE, NOW) == "long=3; mid=4; old=1; short=2; young=5"


def test_a_replaced_cookie_keeps_its_age() -> None:
    """A cookie of the same name, domain, path and host-only flag takes the place of the older."""
    jar = filled("a=1; Path=/", "b=2; Path=/")
    jar.store(SITE, ["a=3; Path=/; HttpOnly"], NOW + 10)

    assert jar.header_for(SITE, NOW) == "a=3; b=2"
    assert [(c.value, c.created, c.http_only) for c in jar.cookies] == [
        ("3", NOW, True),
        ("2", NOW, False),
    ]


def test_what_makes_cookies_different() -> None:
    """Cookies that differ in path, domain or host-only flag are kept side by side."""
    jar = filled("a=1", "a=2; Path=/", "a=3; Domain=site.example", "a=4; Domain=www.site.example")

    assert len(jar) == 4
    assert jar.header_for(SITE, NOW) == "a=1; a=3; a=4; a=2"


def test_cookies_end() -> None:
    """What has ended is neither sent nor kept."""
    jar = filled("a=1; Max-Age=5", "b=2; Max-Age=50", "c=3")

    assert jar.header_for(SITE, NOW + 4) == "a=1; b=2; c=3"
    assert jar.header_for(SITE, NOW + 5) == "b=2; c=3"
    assert list(jar) == ["b", "c"]
    assert jar.header_for(SITE, NOW + 50) == "c=3"


@pytest.mark.parametrize("line", ["a=; Max-Age=0", "a=x; Expires=Thu, 01 Jan 1970 00:00:10 GMT"])
def test_a_server_deletes_a_cookie(line: str) -> None:
    """A cookie that has ended when it comes removes the one that it replaces, and no other."""
    jar = filled("a=1", "a=2; Path=/", "b=3")
    jar.store(SITE, [line], NOW)

    assert jar.header_for(SITE, NOW) == "b=3; a=2"


def test_the_last_deleted_cookie_leaves_an_empty_jar() -> None:
    """A jar that was emptied is as empty as a new one."""
    jar = filled("a=1")
    jar.store(SITE, ["a=1; Max-Age=0"], NOW)

    assert len(jar) == 0
    assert jar.header_for(SITE, NOW) is None
    assert jar._store.domains == {}


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("/login", "a=evil; Path=/login", "a=good"),
        ("/login", "a=evil; Path=/login/en", "a=good"),
        ("/login", "a=evil; Domain=site.example; Path=/login", "a=good"),
        ("/login", "a=evil; Path=/", "a=good; a=evil"),
        ("/login", "b=fine; Path=/login", "a=good; b=fine"),
    ],
)
def test_an_insecure_origin_leaves_secure_cookies_alone(
    path: str, line: str, expected: str
) -> None:
    """Over http nothing is set that would be sent in the place of a secure cookie of its name."""
    jar = CookieJar()
    jar.store(URL("https://www.site.example/"), [f"a=good; Secure; Path={path}"], NOW)
    jar.store(URL("http://www.site.example/"), [line], NOW)

    assert jar.header_for(URL("https://www.site.example/login"), NOW) == expected


def test_an_insecure_origin_does_not_delete_a_secure_cookie() -> None:
    """Deleting over http is setting, and as little allowed."""
    jar = filled("a=1; Secure; Path=/")
    jar.store(URL("http://www.site.example/"), ["a=; Path=/; Max-Age=0"], NOW)

    assert jar.header_for(SITE, NOW) == "a=1"


def test_an_address_has_no_domain_above_it() -> None:
    """Cookies of an address go to that address only."""
    jar = filled("a=1; Path=/", url=URL("http://127.0.0.1:8000/"))

    assert jar.header_for(URL("http://127.0.0.1/"), NOW) == "a=1"
    assert jar.header_for(URL("http://9.127.0.0.1.example/"), NOW) is None
    assert jar.header_for(URL("http://0.0.1.example/"), NOW) is None


# --- limits -------------------------------------------------------------------------------------


def test_a_domain_keeps_180_cookies() -> None:
    """The cookie of a full domain that was unused for longest makes room, insecure ones first."""
    jar = filled("secure=1; Secure; Path=/s", *(f"c{i}=1; Path=/{i}" for i in range(179)))
    jar.header_for(URL("https://www.site.example/0"), NOW)

    jar.store(SITE, ["new=1"], NOW)

    assert len(jar) == 180
    assert "c1" not in jar
    assert {"secure", "c0", "c2", "new"} <= set(jar)


def test_expired_cookies_make_room_first() -> None:
    """A full domain loses what has ended before it loses anything else."""
    jar = filled("a=1", "ended=1; Max-Age=5", *(f"c{i}=1" for i in range(178)))

    jar.store(SITE, ["new=1"], NOW + 6)

    assert len(jar) == 180
    assert "a" in jar
    assert "ended" not in jar


def test_a_jar_keeps_3000_cookies() -> None:
    """A full jar loses the cookie that was unused for longest, of whatever domain."""
    jar = CookieJar()
    urls = [URL(f"https://h{i}.example/") for i in range(30)]
    for url in urls:
        jar.store(url, [f"c{i}=1" for i in range(100)], NOW)
    jar.header_for(urls[0], NOW)

    jar.store(URL("https://new.example/"), ["new=1"], NOW)

    assert len(jar) == 3000
    assert [c.name for c in jar.cookies if c.domain == "h1.example"][:1] == ["c1"]
    assert sum(c.domain == "h0.example" for c in jar.cookies) == 100
