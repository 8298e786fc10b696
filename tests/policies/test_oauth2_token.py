"""What an authorization server answers, and what OAuth 2.0 values hold and hide."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError, OAuth2Error, UsageError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.secret import Secret
from antiphon.models.url import URL
from antiphon.policies.auth_errands import Fetch, Times, Turn
from antiphon.policies.auth_oauth2 import OAuth2Auth
from antiphon.policies.auth_oauth2_device import OAuth2DeviceCode
from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials, OAuth2RefreshToken
from antiphon.policies.auth_oauth2_token import OAuth2Token, seconds_of, token_of
from antiphon.policies.waiting_line import Permit

TOKEN_URL = "https://auth.example/token"
REQUEST = Request("POST", URL(TOKEN_URL))


def response(document: object, status: int = 200) -> Response:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Response(status, Headers(), content, REQUEST)


def test_a_token() -> None:
    """All of RFC 6749 section 5.1 is taken; a refresh token that is not replaced is kept."""
    document = {
        "access_token": "t",
        "token_type": "bearer",
        "expires_in": "60",
        "scope": "read",
        "refresh_token": "new",
    }

    token = token_of(response(document), 1000.0, Secret("old"), [])

    assert ("t", "new") == (
        token.access_token.get_secret_value(),
        token.refresh_token and token.refresh_token.get_secret_value(),
    )
    assert (1060.0, 60.0, "read") == (token.expires_at, token.lifetime, token.scope)
    kept = token_of(response({"access_token": "t", "scope": 1}), 0.0, Secret("old"), [])
    assert (Secret("old"), None, None) == (kept.refresh_token, kept.expires_at, kept.scope)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (60, 60.0),
        ("60", 60.0),
        (0.5, 0.5),
        (-1, 0.0),
        ("soon", None),
        (None, None),
        ([], None),
        ("nan", None),
        ("inf", None),
        ("9" * 400, None),
        (10**400, None),
        (True, None),
    ],
)
def test_seconds(value: object, expected: float | None) -> None:
    """Numbers, and numbers as text; what is none is not known."""
    assert expected == seconds_of(value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (response({"token_type": "bearer"}), "answered without an access_token"),
        (response({"access_token": 3}), "answered without an access_token"),
        (response({"access_token": "t", "token_type": "mac"}), "no bearer token"),
        (response({"access_token": "t", "token_type": 3}), "no bearer token"),
        (response({"access_token": "t\r\nX: y"}), "a token that no header can carry"),
        (response([]), "answered with no JSON object"),
        (response(b"<html>"), "answered with no JSON object"),
        (response(b"", 302), "answered with a redirect"),
        (response(b"<html>", 500), r"refused without saying why \(status 500\)"),
        (response({"error": "invalid_grant"}, 400), r"said invalid_grant \(the refresh token or"),
        # GitHub says 200 to these.
        (response({"error": "bad_code", "error_description": "x\x07y"}), "said bad_code: x y "),
        (response({"error": "hunter2", "error_description": 3}), r"said \*\*\* \(status"),
        (response({"error": "e", "error_description": "z" * 300}), f"{'z' * 200}... "),
    ],
)
def test_answers_without_a_token(answer: Response, said: str) -> None:
    """Each is an error that says why, bounded and without secrets."""
    with pytest.raises(OAuth2Error, match=said) as caught:
        token_of(answer, 0.0, None, ["hunter2"])

    assert str(caught.value).startswith(f"no access token: {TOKEN_URL} ")
    assert (answer.status, REQUEST) == (caught.value.status, caught.value.request)


def test_when_a_token_is_due() -> None:
    """`leeway` seconds before its end, or half of its life if that is shorter; never without one."""
    long, short = (OAuth2Token("t", 1000.0, lifetime=life) for life in (3600.0, 20.0))

    assert [False, True] == [long.is_due(now, 30.0) for now in (969.0, 970.0)]
    assert [False, True] == [short.is_due(now, 30.0) for now in (989.0, 990.0)]
    assert [False, True] == [OAuth2Token("t", 1000).is_due(now, 30.0) for now in (969.0, 970.0)]
    assert [False, True] == [long.is_expired(now) for now in (999.0, 1000.0)]
    endless = OAuth2Token("t")
    assert (False, False) == (endless.is_due(9e9, 30.0), endless.is_expired(9e9))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("",), "access_token"),
        (("hunter2 x",), "access_token"),
        ((3,), "access_token"),
        (("t", "soon"), "expires_at='soon'"),
        (("t", True), "expires_at=True"),
        (("t", math.nan), "expires_at=nan"),
        (("t", 10**400), "expires_at=10"),
        (("t", None, 3), "refresh_token"),
        (("t", None, None, 3), "scope=3"),
        (("t", None, None, None, "long"), "lifetime='long'"),
        (("t", None, None, None, -1), "lifetime=-1"),
    ],
)
def test_what_is_no_token(arguments: tuple[Any, ...], said: str) -> None:
    """A token of one's own is checked as it is made."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        OAuth2Token(*arguments)

    assert "hunter2" not in str(caught.value)


def client_credentials(**settings: Any) -> OAuth2Auth:
    arguments = {"token_url": TOKEN_URL, "client_id": "app", "client_secret": "hunter2"}
    return OAuth2ClientCredentials(**{**arguments, **settings})


def refresh_token(**settings: Any) -> OAuth2Auth:
    return OAuth2RefreshToken(TOKEN_URL, "app", **{"refresh_token": "hunter2", **settings})


def device_code(**settings: Any) -> OAuth2Auth:
    arguments = {"device_authorization_url": "https://auth.example/device", "prompt": print}
    return OAuth2DeviceCode(TOKEN_URL, "app", **{**arguments, **settings})


@pytest.mark.parametrize(
    ("make", "settings", "said"),
    [
        (client_credentials, {"token_url": "auth.example"}, "token_url=: invalid URL"),
        (client_credentials, {"token_url": None}, "token_url=: invalid URL"),
        (client_credentials, {"token_url": "https://a:hunter2@b"}, "token_url=: has a user name"),
        (client_credentials, {"client_id": ""}, "client_id=''"),
        (client_credentials, {"client_secret": None}, "has to be given"),
        (client_credentials, {"client_secret": 3}, "client_secret="),
        (client_credentials, {"scope": 3}, "scope=3"),
        (client_credentials, {"scope": [3]}, "give text, or a list"),
        (client_credentials, {"extra": []}, "extra=: give a mapping"),
        (client_credentials, {"extra": {"a": 3}}, "extra=: give a mapping"),
        (client_credentials, {"extra": {"scope": "x"}}, "extra= has scope"),
        (client_credentials, {"client_auth": "jwt"}, "'basic', 'body'"),
        (client_credentials, {"leeway": -1}, "leeway=-1"),
        (client_credentials, {"token": "t"}, "not str"),
        (client_credentials, {"on_token": "t"}, "on_token='t'"),
        (refresh_token, {"refresh_token": ""}, "is empty"),
        (refresh_token, {"refresh_token": None}, "not NoneType"),
        (device_code, {"prompt": None}, "prompt=None"),
        (device_code, {"device_authorization_url": ""}, "device_authorization_url=: invalid URL"),
        (client_credentials, {"client_id": "\ud800"}, "client_id="),
        (client_credentials, {"client_secret": "hunter2\ud800"}, "client_secret=: has half"),
        (refresh_token, {"refresh_token": "hunter2\ud800"}, "has half of a surrogate"),
        (client_credentials, {"scope": "\udfff"}, "give text, or a list"),
        (client_credentials, {"scope": b"read"}, "give text, or a list"),
        (client_credentials, {"audience": 5}, "audience=5: give text"),
        (client_credentials, {"audience": b"x"}, "audience=b'x'"),
        (client_credentials, {"audience": "\ud800"}, "audience="),
        (client_credentials, {"extra": {"a": "\ud800"}}, "extra=: give a mapping"),
    ],
)
def test_what_is_refused(
    make: Callable[..., OAuth2Auth], settings: dict[str, Any], said: str
) -> None:
    """Wrong settings are refused as they are given, by name."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        make(**settings)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("make", [client_credentials, refresh_token])
def test_nothing_is_shown(make: Callable[..., OAuth2Auth]) -> None:
    """Neither repr nor a pickle holds a secret; a copy has the settings and no token."""
    auth = make(token=OAuth2Token("hunter3", refresh_token="hunter4"), extra={"a": "hunter5"})

    assert f"{type(auth).__name__}('{TOKEN_URL}', 'app')" == repr(auth)
    assert "hunter" not in repr(auth.token)
    assert auth.token is not None
    with pytest.raises(UsageError, match="out of a pickle"):
        pickle.loads(pickle.dumps(auth.token)).access_token.get_secret_value()
    copied = copy.deepcopy(auth)
    assert (auth.token_url, auth.client_secret) == (copied.token_url, copied.client_secret)
    assert copied.token is None
    pickled = pickle.dumps(auth)
    assert not {word for word in (b"hunter2", b"hunter3", b"hunter4") if word in pickled}
    assert "app" == pickle.loads(pickled).client_id


def test_scopes() -> None:
    """Text or a list, joined by spaces; none at all is none."""
    scopes = [client_credentials(scope=scope).scope for scope in ("a b", ["a", "b"], "", [], None)]

    assert ["a b", "a b", None, None, None] == scopes


def test_a_token_that_somebody_renews_in_between() -> None:
    """Who finds the token renewed when its turn has come uses the new one."""
    auth = client_credentials(token=OAuth2Token("old", expires_at=100.0))
    flow = auth.auth_flow(Request("GET", URL("https://api.example/")))
    assert isinstance(next(flow), Times)
    auth._state.keep(OAuth2Token("new"))

    request = flow.send((0.0, 80.0))

    assert isinstance(request, Request)
    assert "Bearer new" == request.headers["authorization"]
    assert 0 == auth._state.line.running


def test_who_asks_is_not_said_if_nobody_said_it() -> None:
    """A call without a User-Agent has its token asked for without one."""
    flow = client_credentials().auth_flow(Request("GET", URL("https://api.example/")))
    turn = next(flow)
    assert isinstance(turn, Turn)

    fetch = flow.send(Permit(turn.line))

    assert isinstance(fetch, Fetch)
    assert "user-agent" not in fetch.request.headers


def test_the_base_knows_no_grant() -> None:
    """Each grant is a class of its own; what they share cannot ask for a token."""
    with pytest.raises(TypeError, match="abstract"):
        OAuth2Auth(TOKEN_URL, "app")  # type: ignore[abstract]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
MEMBERS = ["access_token", "token_type", "expires_in", "refresh_token", "scope", "error"]


@given(st.dictionaries(st.sampled_from(MEMBERS), VALUES) | VALUES | st.binary(max_size=20))
def test_whatever_the_server_answers(document: object) -> None:
    """It is a token that a header can carry, with times that can be counted, or an OAuth2Error."""
    try:
        token = token_of(response(document), 1000.0, None, [])
    except OAuth2Error:
        return

    assert token.access_token.get_secret_value().isascii()
    assert token.expires_at is None or 1000.0 <= token.expires_at < math.inf
    assert token.lifetime is None or 0 <= token.lifetime < math.inf
