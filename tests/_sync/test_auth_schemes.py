# GENERATED from _async/test_auth_schemes.py by tools/unasync.py. Do not edit.
"""Who is asking: bearer functions, API keys, netrc, digest, signatures, over real sockets."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    AuthenticationError,
    InvalidBodyError,
    InvalidOptionError,
    ServiceUnavailableError,
)
from antiphon.models.request import Request
from antiphon.models.secret import Secret
from antiphon.policies.auth import BasicAuth, BearerAuth
from antiphon.policies.auth_api_key import APIKeyAuth
from antiphon.policies.auth_digest import DigestAuth
from antiphon.policies.auth_netrc import NetrcAuth
from antiphon.policies.auth_sigv4 import AWSSigV4
from antiphon.policies.hedge import Hedge
from antiphon.policies.retry import Retry
from tests.thread_group import Group
from tests.app import App, Received, Sequence, answer, redirect
from tests.digest_server import DigestServer
from tests.loopback import LoopbackServer

QUICK = Retry(base_delay=0)


def test_a_function_gives_the_token() -> None:
    """It is asked for each request, not for each attempt; a `Secret` will do."""
    app = App({"/": Sequence(answer(503), answer(), answer())})
    tokens = ["t1", Secret("t2")]
    with LoopbackServer(app) as server:
        with Client(auth=BearerAuth(lambda: tokens.pop(0)), retry=QUICK) as client:
            client.get(server.url)
            client.get(server.url)

    assert ["Bearer t1", "Bearer t1", "Bearer t2"] == [
        request.headers["authorization"] for request in app.requests
    ]


def test_a_function_that_gives_no_token() -> None:
    """What it returns is checked as a token is, and not shown."""
    with Client(auth=BearerAuth(lambda: "hunter2\n")) as client:
        with pytest.raises(InvalidOptionError, match="what its function returned: has spaces"):
            client.get("http://api.invalid/")


def test_api_keys() -> None:
    """A key stands in a header, in the query or in a cookie, beside what is there already."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        for auth in (
            APIKeyAuth("k 1", header="Ocp-Key"),
            APIKeyAuth("k 1&", query="api_key"),
            APIKeyAuth("k1", cookie="key"),
        ):
            with Client(auth=auth, cookies={"a": "b"}) as client:
                client.get(server.url, params={"q": "1", "API_KEY": "x"})

    header, query, cookie = app.requests
    assert ("k 1", "q=1&API_KEY=x") == (header.headers["ocp-key"], header.query)
    assert "q=1&API_KEY=x&api_key=k%201%26" == query.query
    assert "a=b; key=k1" == cookie.headers["cookie"]


def test_what_a_call_says_beats_the_key_of_the_client() -> None:
    """The key of a client gives way to its place being filled; the key of a call does not."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(
            auth=APIKeyAuth("k", header="X-Key"), headers={"X-Key": "default"}
        ) as client:
            client.get(server.url)
            client.get(server.url, headers={"X-Key": "mine", "Authorization": "y"})
            client.get(server.url, headers={"Authorization": "y"})
            client.get(
                server.url, headers={"X-Key": "mine"}, auth=APIKeyAuth("call", header="x-key")
            )
        with Client(auth=APIKeyAuth("k", query="key")) as client:
            client.get(server.url, params={"key": "mine"})
            client.get(server.url, params={"key": "a"}, auth=APIKeyAuth("b", query="key"))
        with Client(auth=APIKeyAuth("k", cookie="key")) as client:
            client.get(server.url, cookies={"key": "mine"})

    assert ["k", "mine", "k", "call"] == [r.headers["x-key"] for r in app.requests[:4]]
    assert ["key=mine", "key=b"] == [request.query for request in app.requests[4:6]]
    assert "key=mine" == app.last.headers["cookie"]


@pytest.mark.parametrize(
    "auth",
    [
        BearerAuth(lambda: "secret-1"),
        APIKeyAuth("secret-1", header="Plain-Name"),
        APIKeyAuth("secret-1", query="key"),
        APIKeyAuth("secret-1", cookie="key"),
        AWSSigV4("secret-1", "s", "eu-central-1", "s3", "secret-1"),
    ],
)
def test_credentials_stay_with_their_origin(auth: BearerAuth) -> None:
    """A redirect to another origin goes without; one that comes back has them again."""
    other = App({"/": answer(), "/back": answer()})
    home = App({"/": answer(), "/leave": answer(), "/end": answer()})
    with LoopbackServer(other) as theirs, LoopbackServer(home) as ours:
        other.routes["/"] = redirect(f"{ours.url}/end")
        home.routes["/leave"] = redirect(theirs.url)
        with Client(auth=auth) as client:
            client.get(f"{ours.url}/leave")

    assert all("secret-1" in repr(request) for request in home.requests)
    assert "secret-1" not in repr(other.requests)
    assert {"authorization", "cookie", "x-amz-date"} & set(other.last.headers) == set()
    assert ["/leave", "/end"] == [request.path for request in home.requests]


def test_a_key_is_hidden_whatever_its_header_is_called() -> None:
    """Errors show neither the key nor the answer's echo of it."""
    app = App({"/": answer(403, "your key plain-text-key-1 is not known")})
    with LoopbackServer(app) as server:
        with Client(auth=APIKeyAuth("plain-text-key-1", header="Plain-Id")) as client:
            with pytest.raises(Exception, match=r"your key \*\*\* is") as caught:
                client.get(server.url)

    assert "plain-text" not in f"{caught.value!r} {caught.value.request.headers!r}"  # type: ignore[attr-defined]


# --- netrc ----------------------------------------------------------------------------------------


def test_netrc(tmp_path: Path) -> None:
    """The file's user for the host is asked for; a header of the call and URL userinfo beat it."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login ada password pw\n")
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(auth=NetrcAuth(file)) as client:
            client.get(server.url)
            client.get(server.url, headers={"Authorization": "mine"})
            client.get(server.url.replace("://", "://bob:x@"))
            headers = {"Authorization": "mine"}
            client.get(server.url, headers=headers, auth=NetrcAuth(file))
            file.write_text("machine elsewhere login ada password changed\n")
            client.get(server.url)
            file.write_text("default login any password body\n")
            client.get(server.url)

    bob, anybody = BasicAuth("bob", "x").header_value, BasicAuth("any", "body").header_value
    assert [BasicAuth("ada", "pw").header_value, "mine", bob, "mine", None, anybody] == [
        request.headers.get("authorization") for request in app.requests
    ]


def test_netrc_is_not_asked_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads the file by default; NetrcAuth() reads the one that NETRC names."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password pw\n")
    monkeypatch.setenv("NETRC", os.fspath(tmp_path / "netrc"))
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.get(server.url)
            client.get(server.url, auth=NetrcAuth())

    assert [None, BasicAuth("ada", "pw").header_value] == [
        request.headers.get("authorization") for request in app.requests
    ]


# --- digest ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("algorithm", "qop"), [("SHA-256", "auth"), ("MD5", "auth-int")])
def test_digest(algorithm: str, qop: str) -> None:
    """One challenge serves all calls; it is no attempt of a retry."""
    app = DigestServer(algorithm, qop)
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "pw"), retry=None) as client:
            first = client.post(f"{server.url}/?a=b%20c", content=b"body")
            client.get(f"{server.url}/x")

    assert ("hello n1", [401, 200]) == (first.text, [a.status for a in first.attempts])
    assert [("n1", 1), ("n1", 2)] == app.seen


def test_digest_signs_each_attempt_anew() -> None:
    """A retry has a count of its own, so that the server does not take it for a replay."""
    app = DigestServer()
    app.failing = 2
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "pw"), retry=QUICK) as client:
            response = client.get(server.url)

    assert 200 == response.status
    assert [("n1", 1), ("n1", 2), ("n1", 3)] == app.seen
    assert [401, 503, 503, 200] == [attempt.status for attempt in response.attempts]


def test_digest_with_nonces_that_run_out() -> None:
    """A stale nonce costs one more request, which the caller does not see."""
    app = DigestServer(uses=2)
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "pw")) as client:
            texts = [(client.get(server.url)).text for _ in range(4)]

    assert ["hello n1", "hello n1", "hello n2", "hello n2"] == texts


def test_digest_by_many_at_once() -> None:
    """Callers at the same time never use a count twice."""
    app = DigestServer()
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "pw")) as client:
            client.get(server.url)
            with Group() as group:
                calls = [group.start(client.get, server.url) for _ in range(20)]

    assert {("n1", count) for count in range(1, 22)} == set(app.seen)
    assert [None] * 20 == [call.error for call in calls]


def test_digest_with_a_wrong_password() -> None:
    """The 401 after an answer is the answer, and the password is tried once a call."""
    app = DigestServer()
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "wrong")) as client:
            for _ in range(2):
                with pytest.raises(AuthenticationError):
                    client.get(server.url)

    tried = ["authorization" in request.headers for request in app.requests]
    assert [False, True, False, True] == tried


def test_digest_and_a_streamed_body() -> None:
    """The body cannot be sent again after the challenge; the next call needs no challenge."""
    app = DigestServer()
    with LoopbackServer(app) as server:
        with Client(auth=DigestAuth("ada", "pw")) as client:
            with pytest.raises(AuthenticationError) as caught:
                client.post(server.url, content=iter([b"x"]))
            response = client.post(server.url, content=iter([b"x"]))

    assert 200 == response.status
    (note,) = caught.value.__notes__
    assert "the digest challenge was not answered: the request body is a stream" in note


# --- signatures -----------------------------------------------------------------------------------


class Counting:
    """Signs with a number, as one's own auth may."""

    def __init__(self) -> None:
        self.number = 0

    def sign(self, request: Request, now_wall: float) -> Request:
        self.number += 1
        assert now_wall > 1_700_000_000
        return request.with_header("X-Signature", str(self.number))


def test_every_attempt_is_signed() -> None:
    """`sign` is called inside the attempt, once for each; what it adds is on the wire alone."""
    app = App({"/": Sequence(answer(503), answer(503), answer())})
    with LoopbackServer(app) as server:
        with Client(auth=Counting(), retry=QUICK) as client:
            client.get(server.url)
            with client.stream("GET", server.url) as stream:
                stream.read()

    assert ["1", "2", "3", "4"] == [request.headers["x-signature"] for request in app.requests]


def test_aws_signatures() -> None:
    """The date, the hash of the payload and the signature are sent; with S3's words for S3."""
    app = App({"/bucket/a%20key": Sequence(answer(503), answer())})
    auth = AWSSigV4("AKIDEXAMPLE", "key", "eu-central-1", "s3", "token")
    with LoopbackServer(app) as server:
        with Client(auth=auth, retry=QUICK) as client:
            client.put(f"{server.url}/bucket/a key", content=b"hello")

    sent = app.last
    assert 2 == len(app.requests)
    assert hashlib.sha256(b"hello").hexdigest() == sent.headers["x-amz-content-sha256"]
    assert "token" == sent.headers["x-amz-security-token"]
    date = sent.headers["x-amz-date"][:8]
    assert sent.headers["authorization"].startswith(
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{date}/eu-central-1/s3/aws4_request, "
        "SignedHeaders=accept;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="
    )


def test_aws_and_a_stream() -> None:
    """A stream that would have to be signed is refused before anything is sent."""
    app = App({})
    with LoopbackServer(app) as server:
        with Client(auth=AWSSigV4("a", "b", "eu-central-1", "sqs")) as client:
            with pytest.raises(InvalidBodyError, match="cannot be read once to sign it"):
                client.put(server.url, content=iter([b"x"]))

    assert [] == app.requests


# --- none -----------------------------------------------------------------------------------------


def test_auth_of_the_call_beats_the_userinfo_of_its_url() -> None:
    """auth=None sends nothing, another auth nothing but its own; the URL is stripped all the same."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        url = server.url.replace("://", "://ada:s3cret@")
        with Client() as client:
            client.get(url, auth=None)
            response = client.get(url, auth=APIKeyAuth("k", header="X-Key"), params={"a": 1})
            client.get(url, auth=None, params={"a": 1})
            client.get(url)

    assert [None, None, None, BasicAuth("ada", "s3cret").header_value] == [
        request.headers.get("authorization") for request in app.requests
    ]
    assert ("", "k") == (response.url.password, app.requests[1].headers["x-key"])


def test_errors_of_attempts_stay_errors() -> None:
    """A signing auth changes nothing about how attempts end."""
    app = App({"/": answer(503)})
    with LoopbackServer(app) as server:
        with Client(auth=Counting(), retry=QUICK) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                client.get(server.url)

    assert 3 == len(caught.value.attempts)


def test_every_copy_of_a_hedge_is_signed() -> None:
    """Two requests on their way at once have two signatures."""
    held = threading.Event()

    def slow_once(request: Received) -> bytes:
        if request.headers["x-signature"] == "1":
            held.wait(10)
        return answer(200, request.headers["x-signature"])

    app = App({"/": slow_once})
    with LoopbackServer(app) as server:
        with Client(auth=Counting(), policies=[Hedge(delay=0.01)]) as client:
            response = client.get(server.url)
        held.set()

    assert "2" == response.text
    assert {"1", "2"} == {request.headers["x-signature"] for request in app.requests}
