# GENERATED from _async/test_oauth2.py by tools/unasync.py. Do not edit.
"""OAuth 2.0: tokens are asked for, kept, renewed in time and shared."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    AuthenticationError,
    ConnectError,
    InsecureRequestError,
    OAuth2Error,
)
from antiphon.models.limits import Limits
from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials, OAuth2RefreshToken
from antiphon.policies.auth_oauth2_token import OAuth2Token
from antiphon.policies.https_only import HTTPSOnly
from antiphon.policies.retry import Retry
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer

FORM = {"grant_type": "client_credentials"}


def test_a_token_is_asked_for_once() -> None:
    """The first call asks for a token; the following ones use it."""
    app = TokenServer()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            texts = [(client.get(f"{server.url}/api")).text for _ in range(3)]

    assert ["t1", "t1", "t1"] == texts
    assert [FORM] == app.forms
    asked = app.requests[0]
    assert ("POST", "application/json") == (asked.method, asked.headers["accept"])
    assert "application/x-www-form-urlencoded" == asked.headers["content-type"]
    # RFC 6749 section 2.3.1: base64 of app:s3cret.
    assert "Basic YXBwOnMzY3JldA==" == asked.headers["authorization"]


def test_the_client_in_the_form_and_more_parameters() -> None:
    """client_auth="body", scope, audience and extra parameters stand in the form."""
    app = TokenServer()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(
            f"{server.url}/token",
            "app",
            "s3 cret&",
            scope=["read", "write"],
            audience="https://api.example",
            extra={"resource": "x"},
            client_auth="body",
        )
        with Client(auth=auth) as client:
            client.get(f"{server.url}/api")

    assert {
        **FORM,
        "client_id": "app",
        "client_secret": "s3 cret&",
        "scope": "read write",
        "audience": "https://api.example",
        "resource": "x",
    } == app.forms[0]
    assert "authorization" not in app.requests[0].headers


def test_the_token_endpoint_gets_nothing_of_the_call() -> None:
    """Headers, cookies and parameters of the API stay away from the token endpoint."""
    app = TokenServer()
    api = App({"/api": answer()})
    with LoopbackServer(app) as auth_server, LoopbackServer(api) as server:
        auth = OAuth2ClientCredentials(f"{auth_server.url}/token", "app", "s3cret")
        with Client(
            server.url, auth=auth, headers={"X-Api-Key": "k", "User-Agent": "mine"}
        ) as client:
            client.get("/api", params={"a": "1"}, cookies={"c": "2"})

    (asked,) = app.requests
    assert "mine" == asked.headers["user-agent"]
    assert {"x-api-key", "cookie"} & set(asked.headers) == set()
    assert ("/token", "Bearer t1") == (asked.target, api.last.headers["authorization"])


def test_a_401_renews_the_token_once() -> None:
    """A refused token is replaced and the request sent again; refused again, that is the answer."""
    app = TokenServer()
    app.revoked = {"t1", "t3", "t4"}
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth, limits=Limits(max_connections=1)) as client:
            assert "t2" == (client.post(f"{server.url}/api", content=b"x")).text
            app.revoked.add("t2")
            with pytest.raises(AuthenticationError):
                client.get(f"{server.url}/api")

    assert ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"] == app.api_tokens
    assert 3 == app.issued


def test_a_401_to_a_stream() -> None:
    """A streamed request body cannot be sent again: the 401 is raised, with a note."""
    app = TokenServer()
    app.revoked = {"t1"}
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            with pytest.raises(AuthenticationError) as caught:
                client.post(f"{server.url}/api", content=iter([b"x"]))

    assert 1 == app.issued
    (note,) = caught.value.__notes__
    assert "not sent again with a new access token: the request body is a stream" in note


def test_a_401_to_a_streamed_answer() -> None:
    """The connection of the refused answer is free for the token, with a pool of one."""
    app = TokenServer()
    app.revoked = {"t1"}
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with (
            Client(auth=auth, limits=Limits(max_connections=1)) as client,
            client.stream("GET", f"{server.url}/api") as stream,
        ):
            assert b"t2" == stream.read()


def test_early_renewal() -> None:
    """A token is replaced `leeway` seconds before it expires, or half of a short life before."""
    app = TokenServer(expires_in=0)
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            texts = [(client.get(f"{server.url}/api")).text for _ in range(2)]
            app.expires_in = 10
            texts += [(client.get(f"{server.url}/api")).text for _ in range(2)]
        due = OAuth2Token("old", expires_at=4_000_000_000)
        auth = OAuth2ClientCredentials(
            f"{server.url}/token", "app", "s3cret", token=due, leeway=4_000_000_000
        )
        with Client(auth=auth) as client:
            texts.append((client.get(f"{server.url}/api")).text)

    assert ["t1", "t2", "t3", "t3", "t4"] == texts


def test_a_token_that_is_good_for_a_while_yet() -> None:
    """If renewing early does not work, the old token does; an opinion of the server's counts."""
    busy = (503, {"error": "temporarily_unavailable"})
    no = (401, {"error": "invalid_client", "error_description": "who?"})
    app = TokenServer(busy, no)
    with LoopbackServer(app) as server:
        due = OAuth2Token("old", expires_at=4_000_000_000)
        auth = OAuth2ClientCredentials(
            f"{server.url}/token", "app", "s3cret", token=due, leeway=4_000_000_000
        )
        with Client(auth=auth) as client:
            assert "old" == (client.get(f"{server.url}/api")).text
            with pytest.raises(OAuth2Error, match="said invalid_client: who?"):
                client.get(f"{server.url}/api")

    assert ["Bearer old"] == app.api_tokens


def test_refresh_tokens_are_rotated_and_told() -> None:
    """The newest refresh token is used; each token is told to `on_token` before it is used."""
    app = TokenServer(expires_in=0)
    app.refresh = True
    kept: list[OAuth2Token] = []
    with LoopbackServer(app) as server:
        auth = OAuth2RefreshToken(
            f"{server.url}/token", "app", refresh_token="r0", scope="read", on_token=kept.append
        )
        with Client(auth=auth) as client:
            client.get(f"{server.url}/api")
            app.refresh = False
            client.get(f"{server.url}/api")
            client.get(f"{server.url}/api")

    assert ["r0", "r1", "r1"] == [form["refresh_token"] for form in app.forms]
    expected = {"grant_type": "refresh_token", "refresh_token": "r0", "scope": "read"}
    assert {**expected, "client_id": "app"} == app.forms[0]
    assert ["t1", "t2", "t3"] == [token.access_token.get_secret_value() for token in kept]
    assert auth.token is kept[-1]


def test_a_listener_that_fails() -> None:
    """An error of `on_token` is raised, for a token that is lost may be lost for good."""
    app = TokenServer()

    def fails(token: OAuth2Token) -> None:
        raise OSError("disk full")

    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret", on_token=fails)
        with Client(auth=auth) as client:
            with pytest.raises(OSError, match="disk full"):
                client.get(f"{server.url}/api")
            assert "t1" == (client.get(f"{server.url}/api")).text


def test_errors_of_the_token_endpoint() -> None:
    """What the endpoint says is said, without the secrets that it may repeat."""
    said = {"error": "invalid_client", "error_description": "bad secret s3cret-of-mine\nfor app"}
    app = TokenServer((401, said))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret-of-mine")
        with Client(auth=auth) as client:
            with pytest.raises(OAuth2Error) as caught:
                client.get(f"{server.url}/api")

    error = caught.value
    assert (
        f"no access token: {server.url}/token said invalid_client: bad secret *** for app "
        "(check client_id, client_secret and client_auth) (status 401)"
    ) == str(error)
    assert ("invalid_client", "bad secret *** for app") == (error.error, error.error_description)
    assert (401, 401) == (error.status, error.attempts[0].status)
    assert [] == app.api_tokens


def test_a_token_endpoint_that_is_not_there() -> None:
    """An error of the connection stays what it is; a note says what it was for."""
    with LoopbackServer(App({})) as server:
        url = server.url
    auth = OAuth2ClientCredentials(f"{url}/token", "app", "s3cret")
    with Client(auth=auth, retry=None) as client:
        with pytest.raises(ConnectError) as caught:
            client.get("http://api.invalid/")

    assert [f"while asking {url}/token for an access token"] == caught.value.__notes__


def test_tokens_are_asked_for_with_the_calls_retries() -> None:
    """The token request passes the steps below: a retry that allows POST repeats it."""
    app = TokenServer((503, {}))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        retry = Retry(base_delay=0, methods={"GET", "POST"})
        with Client(auth=auth, retry=retry) as client:
            response = client.get(f"{server.url}/api", max_response_bytes=5)

    assert ("t1", 2) == (response.text, len(app.forms))
    assert [200] == [attempt.status for attempt in response.attempts]


def test_no_credentials_across_origins() -> None:
    """A redirect elsewhere goes without the token; so does one of the token endpoint, unfollowed."""
    elsewhere = App({"/": answer(200, "arrived")})
    app = TokenServer()
    with LoopbackServer(elsewhere) as theirs, LoopbackServer(app) as server:
        app.routes["/leave"] = redirect(theirs.url)
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            assert "arrived" == (client.get(f"{server.url}/leave")).text
        app.routes["/token"] = redirect(f"{theirs.url}/token", 307)
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            with pytest.raises(OAuth2Error, match="a redirect, which is not followed"):
                client.get(f"{server.url}/api")

    assert [None] == [request.headers.get("authorization") for request in elsewhere.requests]


def test_https_only_holds_for_tokens() -> None:
    """The token request is refused over plain http where the client says so."""
    app = TokenServer()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth, policies=[HTTPSOnly()]) as client:
            with pytest.raises(InsecureRequestError, match="/token is plain http"):
                client.get("https://api.invalid/")

    assert [] == app.requests


def test_an_explicit_header_beats_the_token() -> None:
    """A call with an Authorization of its own asks for no token."""
    app = TokenServer()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            headers = {"Authorization": "Bearer mine"}
            assert "mine" == (client.get(f"{server.url}/api", headers=headers)).text

    assert [] == app.forms
