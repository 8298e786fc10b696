# GENERATED from _async/test_oauth2_device.py by tools/unasync.py. Do not edit.
"""OAuth 2.0 for devices (RFC 8628): the user says yes elsewhere."""

from __future__ import annotations

import threading

import pytest

from antiphon._sync.client import Client
from antiphon.errors import DeadlineExceeded, OAuth2Error, RequestCancelled
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.policies.auth_oauth2_device import OAuth2DeviceCode
from antiphon.policies.auth_oauth2_token import OAuth2Token
from antiphon.testing import FakeClock
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer, as_json

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def test_device_code() -> None:
    """The user is shown a code; the server is asked at its interval until the user has decided."""
    pending = (400, {"error": "authorization_pending"})
    app = TokenServer(pending, (400, {"error": "slow_down"}), lambda: b"")
    app.refresh = True
    shown: list[tuple[object, ...]] = []

    def prompt(*arguments: object) -> None:
        shown.append(arguments)

    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=prompt,
            scope="read",
        )
        with Client(auth=auth, retry=None) as client:
            assert "t1" == (client.get(f"{server.url}/api")).text
            app.revoked = {"t1"}
            assert "t2" == (client.get(f"{server.url}/api")).text

    uri = "https://auth.example/device"
    assert [(uri, "ABCD-EFGH", f"{uri}?code=ABCD-EFGH", 60.0)] == shown
    # The interval; 5 seconds more for slow_down; twice as long for a connection that broke.
    assert [7.0, 7.0, 12.0, 24.0] == [pytest.approx(seconds) for seconds in clock.slept]
    assert {"client_id": "app", "scope": "read"} == app.forms[0]
    assert {"client_id": "app", "grant_type": GRANT, "device_code": "device-1"} == app.forms[1]
    assert "r1" == app.forms[-1]["refresh_token"]


def test_device_code_that_nobody_enters() -> None:
    """After its time the code is given up; a user who says no is an error at once."""
    pending = (400, {"error": "authorization_pending"})
    app = TokenServer(*[pending] * 8, (400, {"error": "access_denied"}))
    with LoopbackServer(app) as server, FakeClock(jump=True):
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=lambda *_: None,
        )
        with Client(auth=auth) as client:
            with pytest.raises(OAuth2Error, match="nobody entered in time") as late:
                client.get(f"{server.url}/api")
            with pytest.raises(OAuth2Error, match="said access_denied") as denied:
                client.get(f"{server.url}/api")

    assert ("expired_token", "access_denied") == (late.value.error, denied.value.error)


def test_device_code_and_the_deadline() -> None:
    """Waiting for the user ends with the deadline of the call, and with its cancellation."""
    app = TokenServer(*[(400, {"error": "authorization_pending"})] * 9)
    token = CancelToken()
    with LoopbackServer(app) as server:
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=lambda *_: token.cancel(),
        )
        with Client(auth=auth) as client:
            with pytest.raises(RequestCancelled, match="waited for the user to grant access"):
                client.get(f"{server.url}/api", cancel=token)
            with FakeClock(jump=True), pytest.raises(DeadlineExceeded, match="for the user"):
                client.get(f"{server.url}/api", timeout=Timeout(total=10))


def test_a_refresh_token_that_was_revoked() -> None:
    """With a device code the user is asked again; other errors of the server are errors."""
    app = TokenServer()
    app.refresh = True
    asked: list[object] = []
    with LoopbackServer(app) as server, FakeClock(jump=True):
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=lambda *_: asked.append(1),
            token=OAuth2Token("old", expires_at=0, refresh_token="r0"),
        )
        with Client(auth=auth) as client:
            app.replies = [(400, {"error": "invalid_grant"})]
            assert "t1" == (client.get(f"{server.url}/api")).text
            app.revoked = {"t1"}
            app.replies = [(400, {"error": "invalid_scope"})]
            with pytest.raises(OAuth2Error, match=r"invalid_scope \(check scope\)"):
                client.get(f"{server.url}/api")

    assert [1] == asked


def test_an_answer_without_a_code() -> None:
    """What has no device_code, user_code or verification_uri is an error that says so."""
    app = TokenServer()
    app.routes["/device"] = as_json({"device_code": "d", "user_code": "u"})
    with LoopbackServer(app) as server:
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=lambda *_: None,
        )
        with Client(auth=auth) as client:
            with pytest.raises(OAuth2Error, match="without a device_code, user_code or"):
                client.get(f"{server.url}/api")


def test_the_deadline_while_the_server_is_asked() -> None:
    """A token endpoint that hangs does not outlive the deadline of the call."""
    held = threading.Event()
    app = TokenServer(lambda: as_json({}) if held.wait(10) else b"")
    app.interval = 0.001
    with LoopbackServer(app) as server:
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=lambda *_: None,
        )
        with Client(auth=auth) as client:
            with pytest.raises(DeadlineExceeded):
                client.get(f"{server.url}/api", timeout=Timeout(total=0.2))
        held.set()
