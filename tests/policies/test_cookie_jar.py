"""`CookieJar`: storing, sending, deleting, and what a user does with it."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.url import URL
from antiphon.policies.cookies import Cookie, CookieJar

NOW = 1_700_000_000.0
SITE = URL("https://www.site.example/a/b")


def filled(*lines: str, url: URL = SITE) -> CookieJar:
    jar = CookieJar()
    jar.store(url, lines, NOW)
    return jar


# --- sending ------------------------------------------------------------------------------------


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


# --- against a plain reading of the algorithm -----------------------------------------------------

_HOSTS = ["site.example", "www.site.example", "a.www.site.example", "other.example"]
_PATHS = ["/", "/a", "/a/", "/a/b", "/ab"]
_LINES = st.builds(
    lambda name, value, domain, path, secure, age: f"{name}={value}" + domain + path + secure + age,
    st.sampled_from("ab"),
    st.sampled_from("123"),
    st.sampled_from(["", *(f"; Domain={host}" for host in _HOSTS)]),
    st.sampled_from(["", *(f"; Path={path}" for path in _PATHS)]),
    st.sampled_from(["", "; Secure"]),
    st.sampled_from(["", "", "; Max-Age=3", "; Max-Age=0"]),
)
_URLS = st.builds(
    lambda scheme, host, path: URL(f"{scheme}://{host}{path}"),
    st.sampled_from(["http", "https"]),
    st.sampled_from(_HOSTS),
    st.sampled_from(_PATHS),
)


def _matches(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _lies_below(path: str, parent: str) -> bool:
    return path == parent or path.startswith(parent if parent.endswith("/") else parent + "/")


class PlainStore:
    """Sections 5.7 and 5.8.3 with a list, as they are written; times are whole seconds."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def store(self, url: URL, line: str, now: int) -> None:
        self.rows = [row for row in self.rows if row["ends"] is None or row["ends"] > now]
        pair, *attributes = line.split("; ")
        said = dict(a.partition("=")[::2] for a in attributes)
        name, _, value = pair.partition("=")
        domain = said.get("Domain") or url.host
        secure = "Secure" in said
        path = said.get("Path") or url.path.rpartition("/")[0] or "/"
        if not _matches(url.host, domain) or (secure and url.scheme == "http"):
            return
        for row in self.rows:
            if (
                url.scheme == "http"
                and row["secure"]
                and row["name"] == name
                and (_matches(str(row["domain"]), domain) or _matches(domain, str(row["domain"])))
                and _lies_below(path, str(row["path"]))
            ):
                return
        age = said.get("Max-Age")
        new = {
            "name": name,
            "domain": domain,
            "host_only": "Domain" not in said,
            "path": path,
            "value": value,
            "secure": secure,
            "ends": None if age is None else now + int(age),
        }
        same = [r for r in self.rows if all(r[k] == new[k] for k in list(new)[:4])]
        place = self.rows.index(same[0]) if same else len(self.rows)
        self.rows[place : place + 1] = [new] if age != "0" else []

    def header_for(self, url: URL, now: int) -> str | None:
        found = [
            row
            for row in self.rows
            if (
                url.host == row["domain"]
                if row["host_only"]
                else _matches(url.host, str(row["domain"]))
            )
            and _lies_below(url.path, str(row["path"]))
            and (url.scheme == "https" or not row["secure"])
            and (row["ends"] is None or row["ends"] > now)
        ]
        found.sort(key=lambda row: -len(str(row["path"])))
        return "; ".join(f"{row['name']}={row['value']}" for row in found) or None


@given(st.lists(st.tuples(_URLS, _LINES), max_size=12), st.lists(_URLS, min_size=1, max_size=4))
@settings(max_examples=300)
def test_agrees_with_a_plain_reading_of_the_algorithm(
    received: list[tuple[URL, str]], asked: list[URL]
) -> None:
    """Whatever is received, in whatever order, the jar sends what the written algorithm sends."""
    jar, plain = CookieJar(), PlainStore()
    now = 0
    for now, (url, line) in enumerate(received, 1):
        jar.store(url, [line], now)
        plain.store(url, line, now)

    expected = [plain.header_for(url, now) for url in asked]

    assert [jar.header_for(url, now) for url in asked] == expected
    assert CookieJar.from_json(jar.to_json()).cookies == jar.cookies
    assert len(jar) == len(jar.cookies)


# --- a user's own cookies -------------------------------------------------------------------------


def test_a_cookie_without_a_domain_stays_with_the_callers_hosts() -> None:
    """A cookie set by hand goes to every host that the caller names, never along a redirect."""
    jar = CookieJar({"a": "1"})

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


# --- copies, threads and forks --------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied",
    [
        CookieJar.copy,
        copy.copy,
        copy.deepcopy,
        lambda jar: pickle.loads(pickle.dumps(jar)),
        lambda jar: CookieJar.from_json(jar.to_json()),
    ],
    ids=["copy()", "copy", "deepcopy", "pickle", "json"],
)
def test_copies_are_equal_and_independent(copied: object) -> None:
    """A copy has every cookie with its age and order, and does not change with the original."""
    jar = filled("a=1; Path=/", "b=2; Max-Age=5", "=odd=one", "d=\xe9; Domain=site.example; Secure")
    jar.set("e", "5")

    twin = copied(jar)  # type: ignore[operator]
    jar.clear()

    assert twin.header_for(SITE, NOW + 1) == "b=2; odd=one; d=\xe9; a=1; e=5"
    assert [c.created for c in twin.cookies] == [NOW, NOW, NOW, NOW, 0.0]
    assert twin.header_for(SITE, NOW + 5) == "odd=one; d=\xe9; a=1; e=5"


def test_threads_share_a_jar() -> None:
    """Threads that store, read and delete at once neither fail nor lose count."""
    jar = CookieJar()
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        url = URL(f"https://h{number % 3}.site.example/")
        try:
            start.wait(timeout=10)
            for i in range(150):
                jar.store(url, [f"c{number}-{i % 40}=1; Max-Age={i % 3}"], i)
                jar.header_for(url, i)
                list(jar)
                jar.delete(f"c{number}-{i % 7}")
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    finally:
        sys.setswitchinterval(interval)

    assert failures == []
    assert len(jar) == len(jar.cookies) == sum(len(kept) for kept in jar._store.domains.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_has_a_lock_of_its_own() -> None:
    """A jar whose lock another thread held at a fork still works in the child."""
    jar = filled("a=1")
    with jar._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            os._exit(0 if jar.header_for(SITE, NOW) == "a=1" and len(jar) == 1 else 1)
    _, status = os.waitpid(child, 0)

    assert status == 0
