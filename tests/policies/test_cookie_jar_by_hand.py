"""`CookieJar` in the hands of a user: setting, reading, deleting."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.url import URL
from antiphon.policies.cookies import Cookie, CookieJar

NOW = 1_700_000_000.0
SITE = URL("https://www.site.example/a/b")


def filled(*lines: str) -> CookieJar:
    jar = CookieJar()
    jar.store(SITE, lines, NOW)
    return jar


def test_a_cookie_without_a_domain_stays_with_the_callers_hosts() -> None:
    """A cookie set by hand goes to every host that the caller names, never along a redirect."""
    jar = CookieJar({"a": "1"})

    assert jar.cookies == (Cookie(name="a", value="1"),)
    assert jar.header_for(SITE, NOW) == "a=1"
    assert jar.header_for(URL("http://other.example/"), NOW) == "a=1"
    assert jar.header_for(URL("http://other.example/"), NOW, cross_origin=True) is None


@pytest.mark.parametrize(
    ("domain", "url", "expected"),
    [
        ("site.example", "https://site.example/", True),
        ("SITE.example", "https://site.example/", True),
        (".site.example", "https://site.example/", True),
        ("site.example", "https://www.site.example/", False),
        ("b\xfccher.example", "https://xn--bcher-kva.example/", True),
        ("::1", "http://[::1]/", True),
        ("fe80::1%eth0", "http://[fe80::1%25eth0]/", True),
        ("127.0.0.1", "http://127.0.0.1:81/", True),
    ],
)
def test_set_for_one_host(domain: str, url: str, expected: bool) -> None:
    """A cookie set for a domain goes to that host, in whatever form the name was written."""
    jar = CookieJar()
    jar.set("a", "1", domain=domain)

    assert (jar.header_for(URL(url), NOW, cross_origin=True) is not None) is expected


def test_set_for_a_domain_and_below() -> None:
    """host_only=False sends a cookie to subdomains too; secure, path and expires hold as well."""
    jar = CookieJar()
    jar.set("a", "1", domain="site.example", host_only=False, secure=True, path="/a", expires=NOW)

    assert jar.header_for(SITE, NOW - 1) == "a=1"
    assert jar.header_for(URL("http://www.site.example/a"), NOW - 1) is None
    assert jar.header_for(URL("https://www.site.example/"), NOW - 1) is None
    assert jar.header_for(SITE, NOW) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "a;b", "value": "1"}, "its name has"),
        ({"name": "a=b", "value": "1"}, "equals sign"),
        ({"name": "a\n", "value": "1"}, "its name has"),
        ({"name": " a", "value": "1"}, "spaces around"),
        ({"name": "", "value": ""}, "neither"),
        ({"name": "a", "value": "hunter2;"}, "its value has"),
        ({"name": "a", "value": "hunter2\r\nX: y"}, "its value has"),
        ({"name": "a", "value": "hunter2\u0100"}, "its value has"),
        ({"name": "a", "value": "hunter2 "}, "its value has"),
        ({"name": "a", "value": 1}, "its value is int"),
        ({"name": 1, "value": "hunter2"}, "its name is int"),
        ({"name": "a", "value": "h" * 4096}, "4096"),
        ({"name": "a", "value": "1", "path": "x"}, "does not begin with /"),
        ({"name": "a", "value": "1", "path": "/;"}, "its path has"),
        ({"name": "a", "value": "1", "domain": "site.example:80"}, "port"),
        ({"name": "a", "value": "1", "domain": "[::1]:80"}, "host name"),
        ({"name": "a", "value": "1", "domain": "https://site.example"}, "host name"),
        ({"name": "a", "value": "1", "domain": "u@site.example"}, "host name"),
        ({"name": "a", "value": "1", "domain": "a b"}, "host name"),
        ({"name": "a", "value": "1", "domain": 3}, "its domain is int"),
        ({"name": "a", "value": "1", "host_only": False}, "host_only=False"),
        ({"name": "a", "value": "1", "host_only": False, "domain": "com"}, "host_only=False"),
        ({"name": "a", "value": "1", "host_only": False, "domain": "::1"}, "host_only=False"),
        ({"name": "__Secure-a", "value": "1"}, "must be secure"),
        ({"name": "__Host-a", "value": "1", "secure": True, "path": "/x"}, "__Host-"),
        ({"name": "a", "value": "1", "expires": "soon"}, "expires='soon'"),
        ({"name": "a", "value": "1", "expires": float("nan")}, "expires=nan"),
        ({"name": "a", "value": "1", "expires": float("inf")}, "expires=inf"),
        ({"name": "a", "value": "1", "expires": True}, "expires=True"),
    ],
)
def test_set_refuses_what_could_not_be_sent(arguments: dict[str, object], said: str) -> None:
    """A cookie that would break the header, or its own promises, is refused without its value."""
    jar = CookieJar()

    with pytest.raises(InvalidOptionError, match=said) as caught:
        jar.set(**arguments)

    assert "hunter2" not in str(caught.value)
    assert len(jar) == 0


def test_the_largest_cookie_and_the_prefixes() -> None:
    """Name and value may have 4,096 bytes; a prefix is fine where its promise is kept."""
    jar = CookieJar({"a": "h" * 4095})
    jar.set("__Host-b", "2", secure=True)
    jar.set("__Secure-c", "3", secure=True, path="/x", domain="site.example", host_only=False)

    assert list(jar) == ["a", "__Host-b", "__Secure-c"]


def test_set_keeps_what_it_is_told() -> None:
    """Every argument of `set` is in the cookie, and what is not said is as in a plain `Cookie`."""
    told = {
        "domain": "site.example",
        "path": "/x",
        "host_only": False,
        "secure": True,
        "http_only": True,
        "same_site": "Lax",
        "expires": 5.0,
    }
    jar = CookieJar()
    jar.set("a", "1", **told)
    jar.set("b", "2")

    assert jar.cookies == (Cookie(name="a", value="1", **told), Cookie(name="b", value="2"))


def test_update_takes_all_or_nothing() -> None:
    """When one of several cookies is refused, none of them is kept."""
    jar = CookieJar()

    with pytest.raises(InvalidOptionError):
        jar.update({"good": "1", "bad": ";"})

    assert len(jar) == 0


def test_update_from_everything() -> None:
    """A jar takes names and values, for one domain or all, cookies, and another jar."""
    jar = CookieJar({"a": "1"})
    jar.update({"b": "2"}, domain="site.example")
    jar.update([Cookie(name="c", value="3", domain="site.example")])
    jar.update(CookieJar({"d": "4"}))

    assert [(c.name, c.value, c.domain) for c in jar.cookies] == [
        ("a", "1", ""),
        ("b", "2", "site.example"),
        ("c", "3", "site.example"),
        ("d", "4", ""),
    ]


@pytest.mark.parametrize("cookies", ["a=1", 3, [("a", "1")], ["a"]])
def test_what_are_no_cookies(cookies: object) -> None:
    """A string, a number and pairs are refused by an error that says what is right."""
    with pytest.raises(InvalidOptionError, match="give a CookieJar, a mapping"):
        CookieJar(cookies)  # type: ignore[arg-type]


def test_a_jar_is_shared_and_a_mapping_is_not() -> None:
    """`CookieJar.of` keeps a jar, even an empty one, and makes a new one of all else."""
    jar = CookieJar()

    assert CookieJar.of(jar) is jar
    assert dict(CookieJar.of({"a": "1"})) == {"a": "1"}
    assert len(CookieJar.of(None)) == 0
    assert bool(jar) is True


def test_reading_a_jar() -> None:
    """A jar reads like a mapping of names to values."""
    jar = CookieJar({"a": "1", "b": "2"})

    assert jar["a"] == "1"
    assert jar.get("b") == "2"
    assert jar.get("c") is None
    assert jar.get("c", "-") == "-"
    assert "a" in jar
    assert "c" not in jar
    assert 3 not in jar
    assert jar.cookies[0] in jar
    assert list(jar) == ["a", "b"]
    assert len(jar) == 2
    with pytest.raises(KeyError, match="c"):
        jar["c"]


def test_an_ambiguous_name_is_refused() -> None:
    """Where several cookies of a name have different values, `get` asks which; no value is shown."""
    jar = filled("a=hunter2", "a=hunter3; Path=/", "b=1", "b=1; Path=/")
    jar.set("a", "here", domain="other.example")

    with pytest.raises(InvalidOptionError, match=r"3 cookies have the name 'a' \(www") as caught:
        jar.get("a")

    assert "hunter" not in str(caught.value)
    assert jar.get("a", domain="other.example") == "here"
    assert jar.get("b") == "1"


def test_deleting_and_clearing() -> None:
    """Cookies are deleted by name, with domain and path if said, and cleared by domain or all."""
    jar = filled("a=1", "a=2; Path=/", "b=3", "c=4")
    jar.set("d", "5")

    assert jar.delete("a", path="/") == 1
    assert jar["a"] == "1"
    assert jar.delete("a", domain="other.example") == 0
    assert jar.delete("a") == 1
    assert jar.delete("a") == 0
    jar.clear(domain="www.site.example")
    assert list(jar) == ["d"]
    jar.clear()
    assert list(jar) == []


def test_repr_counts_and_names_hosts_only() -> None:
    """The repr of a jar shows how many cookies there are and for whom, no name and no value."""
    jar = filled("sid=hunter2")
    jar.set("x", "hunter3")

    assert repr(jar) == "<CookieJar: 2 cookies for any host, www.site.example>"
    assert repr(CookieJar()) == "<CookieJar: 0 cookies>"
    for host in ("b.example", "c.example"):
        jar.set("x", "hunter4", domain=host)
    assert repr(jar) == "<CookieJar: 4 cookies for any host, b.example, c.example, ...>"
    jar.clear(domain="")
    assert repr(jar) == "<CookieJar: 3 cookies for b.example, c.example, www.site.example>"


def test_a_host_with_its_final_dot() -> None:
    """A cookie of a host that is written with its final dot goes back there."""
    jar = CookieJar()
    site = URL("http://www.site.example./")
    jar.store(site, ["a=1"], 1_700_000_000.0)
    assert "a=1" == jar.header_for(site, 1_700_000_000.0)
