"""`CookieJar` against the written algorithm, kept as a plain list."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.models.url import URL
from antiphon.policies.cookies import CookieJar

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
