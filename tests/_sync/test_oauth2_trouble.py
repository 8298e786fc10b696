# GENERATED from _async/test_oauth2_trouble.py by tools/unasync.py. Do not edit.
"""OAuth 2.0 where the authorization server, or somebody on the way to it, is in trouble."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    AntiphonError,
    AuthenticationError,
    CircuitOpenError,
    ClientClosedError,
    OAuth2Error,
    ResponseTooLargeError,
)
from antiphon.policies.auth_oauth2 import MAX_ANSWER_BYTES
from antiphon.policies.auth_oauth2_device import OAuth2DeviceCode
from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials, OAuth2RefreshToken
from antiphon.policies.auth_oauth2_token import OAuth2Token
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests.thread_group import Group, until
from tests.app import answer, redirect
from tests.loopback import LoopbackServer
from tests.oauth2_server import Reply, TokenServer, as_json

FAR = 4_000_000_000
HUGE = answer(200, b"x" * (MAX_ANSWER_BYTES + 1))


def _due(server: LoopbackServer) -> OAuth2ClientCredentials:
    """Return an auth whose token is good, and is to be renewed all the same."""
    return OAuth2ClientCredentials(
        f"{server.url}/token", "app", "s3cret", token=OAuth2Token("old", FAR), leeway=FAR
    )


def _login(server: LoopbackServer, shown: list[object]) -> OAuth2DeviceCode:
    return OAuth2DeviceCode(
        f"{server.url}/token",
        "app",
        device_authorization_url=f"{server.url}/device",
        prompt=lambda *arguments: shown.append(arguments),
    )


@pytest.mark.parametrize(
    "page",
    [
        answer(200, "<html>", {"Content-Type": "text/html"}),
        redirect("https://login.example/"),
        HUGE,
        answer(200, b"no gzip", {"Content-Encoding": "gzip"}),
        b"",
    ],
)
def test_a_good_token_outlives_trouble(page: bytes) -> None:
    """What is no answer of the endpoint's does not keep a call from using a token that is good."""
    app = TokenServer(lambda: page)
    with LoopbackServer(app) as server:
        with Client(auth=_due(server), retry=None) as client:
            assert "old" == (client.get(f"{server.url}/api")).text
            assert "t1" == (client.get(f"{server.url}/api")).text


def test_a_good_token_outlives_an_open_circuit() -> None:
    """A breaker that shuts off the token endpoint does not shut off the API behind it."""
    busy: Reply = (503, {"error": "temporarily_unavailable"})
    app = TokenServer(busy)
    with LoopbackServer(app) as server, LoopbackServer(TokenServer()) as api:
        breaker = CircuitBreaker(failure_threshold=1)
        with Client(auth=_due(server), policies=[breaker], retry=None) as client:
            for _ in range(3):
                assert "old" == (client.get(f"{api.url}/api")).text
            with pytest.raises(CircuitOpenError):
                client.get(f"{server.url}/api", auth=None)

    assert 1 == len(app.forms)


def test_an_answer_that_is_too_long_is_shared() -> None:
    """An answer that cannot be read is told to all who wait, with a note of what it was for."""
    held = threading.Event()
    app = TokenServer(lambda: HUGE if held.wait(10) else b"")
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            with Group() as group:
                calls = [group.start(client.get, f"{server.url}/api") for _ in range(5)]
                until(lambda: auth._state.line.waiting == 4)
                held.set()
            errors = [call.error for call in calls]

    assert ([ResponseTooLargeError] * 5, 1) == ([type(error) for error in errors], len(app.forms))
    for error in errors:
        assert error is not None
        assert [f"while asking {server.url}/token for an access token"] == error.__notes__
    assert auth._state.failure is not None
    assert auth._state.failure.__traceback__ is None


def test_who_asks_closes_its_client() -> None:
    """A client that is closed while it asks says nothing to another: that one asks itself."""
    held = threading.Event()
    app = TokenServer(lambda: as_json({}) if held.wait(10) else b"")
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client, Group() as group:
            other = Client(auth=auth)
            first = group.start(other.get, f"{server.url}/api")
            until(lambda: app.forms)
            waiting = [group.start(client.get, f"{server.url}/api") for _ in range(3)]
            until(lambda: auth._state.line.waiting == 3)
            other.close()
            until(lambda: all(call.done for call in waiting))
            held.set()

    assert ClientClosedError is type(first.error)
    assert ["t1"] * 3 == [getattr(call.result, "text", call.error) for call in waiting]


def test_a_lifetime_that_is_no_number_of_seconds() -> None:
    """A number beyond all clocks is taken for none."""
    app = TokenServer(expires_in=10**400)
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            assert "t1" == (client.get(f"{server.url}/api")).text

    assert auth.token is not None
    assert auth.token.expires_at is None


def test_a_refused_token_is_replaced_though_the_body_is_a_stream() -> None:
    """A stream is not sent again after a 401, but the next call begins with another token."""
    app = TokenServer()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            client.get(f"{server.url}/api")
            app.revoked = {"t1"}
            with pytest.raises(AuthenticationError):
                client.post(f"{server.url}/api", content=iter([b"x"]))
            assert "t2" == (client.post(f"{server.url}/api", content=iter([b"x"]))).text
            assert "t2" == (client.get(f"{server.url}/api")).text

    assert 2 == app.issued


def test_a_login_outlives_trouble() -> None:
    """A server that is busy while the user decides is asked on, and not so often."""
    app = TokenServer((503, {}), (429, {"error": "too_many_requests"}), lambda: HUGE)
    shown: list[object] = []
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        app.interval = 1
        with Client(auth=_login(server, shown), retry=None) as client:
            assert "t1" == (client.get(f"{server.url}/api")).text

    assert [1.0, 2.0, 4.0, 8.0] == [pytest.approx(seconds) for seconds in clock.slept]
    assert 1 == len(shown)


def test_a_login_is_not_waited_for_longer_than_its_code_is_good() -> None:
    """An interval beyond the end of the code ends with it."""
    app = TokenServer()
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        app.interval = 1e9
        with Client(auth=_login(server, [])) as client:
            with pytest.raises(OAuth2Error, match="nobody entered in time"):
                client.get(f"{server.url}/api")

    assert [60.0] == clock.slept


@pytest.mark.parametrize(
    "field", [{"user_code": "A\x1b[2J"}, {"verification_uri": "https://a/\n"}, {"user_code": ""}]
)
def test_a_code_that_would_steer_the_terminal(field: dict[str, str]) -> None:
    """What is shown to the user is text without control characters."""
    app = TokenServer()
    code = {"device_code": "d", "user_code": "u", "verification_uri": "https://a/"}
    app.routes["/device"] = as_json({**code, **field})
    shown: list[object] = []
    with LoopbackServer(app) as server:
        with Client(auth=_login(server, shown)) as client:
            with pytest.raises(OAuth2Error, match="without a device_code, user_code or"):
                client.get(f"{server.url}/api")

    assert [] == shown


def test_a_device_code_that_no_text_can_hold() -> None:
    """Halves of surrogate pairs, which JSON can say, end in the server's refusal."""
    app = TokenServer((400, {"error": "invalid_grant"}))
    code = {"device_code": "\ud800", "user_code": "u", "verification_uri": "https://a/"}
    app.routes["/device"] = as_json(code)
    with LoopbackServer(app) as server, FakeClock(jump=True):
        with Client(auth=_login(server, [])) as client:
            with pytest.raises(OAuth2Error, match="said invalid_grant"):
                client.get(f"{server.url}/api")


@pytest.mark.parametrize(
    "reply", [lambda: as_json({"error": "invalid_client"}, 400), lambda: HUGE, lambda: b""]
)
def test_errors_of_the_token_request_hold_no_secrets(reply: Callable[[], bytes]) -> None:
    """The form of the token request stays out of its errors, and so of their pickles."""
    app = TokenServer((503, {}), reply)
    retry = Retry(base_delay=0, methods={"GET", "POST"}, max_attempts=2)
    with LoopbackServer(app) as server:
        auth = OAuth2RefreshToken(
            f"{server.url}/token",
            "app",
            "s3cret-1",
            client_auth="body",
            refresh_token="s3cret-2",
        )
        with Client(auth=auth, retry=retry) as client:
            with pytest.raises(AntiphonError) as caught:
                client.get(f"{server.url}/api")

    assert {"s3cret-1", "s3cret-2"} <= set(app.forms[1].values())
    assert b"s3cret" not in pickle.dumps(caught.value)
