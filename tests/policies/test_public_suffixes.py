"""Which domains may own cookies, with and without the Public Suffix List."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from antiphon.models.url import URL
from antiphon.policies import public_suffixes
from antiphon.policies.cookie_jar import CookieJar
from antiphon.policies.public_suffixes import is_public_suffix


@pytest.fixture
def without_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the package `publicsuffixlist`."""
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    public_suffixes._listed.cache_clear()
    yield
    public_suffixes._listed.cache_clear()


@pytest.fixture
def with_list() -> None:
    pytest.importorskip("publicsuffixlist", reason="the extra psl is not installed")


@pytest.mark.usefixtures("without_list")
@pytest.mark.parametrize(
    ("domain", "expected"),
    [("com", True), ("localhost", True), ("com.", True), ("co.uk", False), ("site.example", False)],
)
def test_without_the_list_single_labels_are_public(domain: str, expected: bool) -> None:
    """Without the package only names of one label are known as public suffixes."""
    assert is_public_suffix(domain) is expected


@pytest.mark.usefixtures("with_list")
@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("com", True),
        ("co.uk", True),
        ("github.io", True),
        ("xn--p1ai", True),
        ("site.co.uk", False),
        ("me.github.io", False),
        ("site.example", False),
    ],
)
def test_with_the_list_its_suffixes_are_public(domain: str, expected: bool) -> None:
    """With the package its list decides, the private section included."""
    assert is_public_suffix(domain) is expected


@pytest.mark.usefixtures("with_list")
def test_a_public_suffix_has_cookies_for_itself_only() -> None:
    """github.io may set a cookie that names it, which does not reach me.github.io."""
    jar = CookieJar()
    jar.store(URL("https://github.io/"), ["a=b; Domain=github.io"], 0.0)
    jar.store(URL("https://you.github.io/"), ["c=d; Domain=github.io"], 0.0)

    assert jar.header_for(URL("https://github.io/"), 1.0) == "a=b"
    assert jar.header_for(URL("https://me.github.io/"), 1.0) is None


def test_the_list_is_loaded_for_a_domain_attribute_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie without Domain, or one that no list could allow, does not load the package."""
    monkeypatch.setattr(public_suffixes, "_listed", lambda: pytest.fail("loaded"))
    jar = CookieJar()

    jar.store(URL("https://a.site.example/"), ["a=b", "c=d; Domain=x.example; Path=/"], 0.0)

    assert list(jar) == ["a"]
