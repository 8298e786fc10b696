"""Saved cookies."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.policies import cookie_json
from antiphon.policies.cookies import Cookie, CookieJar

GOOD = {
    "name": "sid",
    "value": "hunter2",
    "domain": "site.example",
    "path": "/",
    "host_only": False,
    "secure": True,
    "http_only": True,
    "same_site": "Lax",
    "expires": 5.5,
    "created": 1,
}


def saved(**changes: object) -> str:
    return json.dumps({"version": 1, "cookies": [{**GOOD, **changes}]})


def test_a_saved_cookie_comes_back() -> None:
    """Every field of a cookie is saved and read."""
    assert CookieJar.from_json(saved()).cookies == (Cookie(**GOOD),)  # type: ignore[arg-type]
    assert json.loads(CookieJar.from_json(saved()).to_json())["cookies"] == [GOOD]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("hunter2", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "version"),
        ("{}", "version"),
        ('{"version": 2, "cookies": []}', "version"),
        ('{"version": 1}', "not a list"),
        ('{"version": 1, "cookies": {}}', "not a list"),
        ('{"version": 1, "cookies": ["hunter2"]}', "cookie 0 is not an object"),
        (saved(value=None), "cookie 0 has no usable 'value'"),
        (saved(secure=1), "cookie 0 has no usable 'secure'"),
        (saved(expires="1"), "cookie 0 has no usable 'expires'"),
        (saved(expires=True), "cookie 0 has no usable 'expires'"),
        (saved(expires=float("nan")), "no time"),
        (saved(expires=10**400), "no time"),
        (saved(same_site="Maybe"), "same_site"),
        (saved(value="hunter2\r\nX: y"), "cannot be set"),
        (saved(name="__Host-a"), "__Host-"),
    ],
)
def test_other_texts_are_refused(text: str, said: str) -> None:
    """What no jar has written is refused, and nothing of it is shown."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        CookieJar.from_json(text)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_domain_that_became_a_public_suffix_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie of what is now known as a public suffix does not spoil the others."""
    monkeypatch.setattr(cookie_json, "is_public_suffix", lambda domain: domain == "site.example")
    text = json.dumps({"version": 1, "cookies": [GOOD, {**GOOD, "domain": "a.site.example"}]})

    assert [c.domain for c in CookieJar.from_json(text).cookies] == ["a.site.example"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({name: _JSON | st.just(value) for name, value in GOOD.items()}))
@settings(max_examples=200)
def test_no_field_makes_anything_else_raise(row: dict[str, object]) -> None:
    """Any JSON in any field is either a cookie or an InvalidOptionError."""
    try:
        CookieJar.from_json(json.dumps({"version": 1, "cookies": [row]}))
    except InvalidOptionError:
        pass
