# GENERATED from _async/test_client_settings.py by tools/unasync.py. Do not edit.
"""The settings of a client: base URL, who gets its secrets, views, configuration, its end."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import warnings
from pathlib import Path

import pytest

from antiphon._sync.client import Client
from antiphon.errors import ClientClosedError, InvalidOptionError, InvalidURLError
from antiphon.models.config import ClientConfig
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import TransportOptions
from antiphon.models.url import URL
from antiphon.policies.auth import BasicAuth, BearerAuth
from antiphon.policies.cookies import CookieJar
from tests.app import App, answer, redirect
from tests.loopback import HELLO, LoopbackServer, answering

ADA = "Basic YWRhOnMzY3JldA=="


@pytest.mark.parametrize(
    ("base", "url", "target"),
    [
        ("/v1", "/users", "/v1/users"),
        ("/v1/", "users", "/v1/users"),
        ("/v1/", "/users/", "/v1/users/"),
        ("/v1", "", "/v1"),
        ("/v1", "?q=1", "/v1?q=1"),
        ("/v1?key=k", "users?q=1", "/v1/users?key=k&q=1"),
        ("", "/users", "/users"),
    ],
)
def test_base_url_is_a_prefix(base: str, url: str, target: str) -> None:
    """The URL of a call is appended to the base, whatever slashes stand between them."""
    with Client(f"https://api.example.com{base}") as client:
        assert target == client.build_request("GET", url).url.target


def test_a_client_without_base_url_needs_whole_urls() -> None:
    """A path alone is refused where there is no base to append it to."""
    with Client() as client:
        with pytest.raises(InvalidURLError, match="/users"):
            client.get("/users")


def test_secrets_go_to_the_origin_of_base_url_only() -> None:
    """An absolute URL elsewhere gets no auth, no secret header and no params of the client."""
    home, other = App({"/": answer()}), App({"/": answer()})
    with LoopbackServer(home) as ours, LoopbackServer(other) as theirs:
        with Client(
            ours.url,
            auth=("ada", "s3cret"),
            headers={"X-Api-Key": "k", "X-Plain": "p"},
            params={"token": "t"},
        ) as client:
            client.get("/")
            client.get(f"{ours.url}/")
            client.get(f"{theirs.url}/")
            client.get(f"{theirs.url}/", auth=("bob", "own"))

    for request in home.requests:
        assert (ADA, "k", "token=t") == (
            request.headers["authorization"],
            request.headers["x-api-key"],
            request.query,
        )
    bare, own = other.requests
    assert set() == {"authorization", "x-api-key"} & set(bare.headers)
    assert ("p", "") == (bare.headers["x-plain"], bare.query)
    assert "Basic Ym9iOm93bg==" == own.headers["authorization"]


def test_secrets_stay_behind_at_a_redirect_elsewhere() -> None:
    """What was meant for one origin does not follow a redirect to another."""
    other = App({"/": answer(200, "arrived")})
    with LoopbackServer(other) as theirs:
        home = App({"/": redirect(theirs.url), "/near": redirect("/end"), "/end": answer()})
        with LoopbackServer(home) as ours:
            with Client(
                auth=BearerAuth("abc"), headers={"X-Api-Key": "k"}, cookies={"sid": "1"}
            ) as client:
                response = client.get(ours.url, headers={"Cookie": "own=1"})
                client.get(f"{ours.url}/near")

    assert "arrived" == response.text
    assert ("Bearer abc", "k") == (
        home.requests[0].headers["authorization"],
        home.requests[0].headers["x-api-key"],
    )
    assert set() == {"authorization", "x-api-key", "cookie"} & set(other.last.headers)
    assert ("/end", "Bearer abc") == (home.last.path, home.last.headers["authorization"])


def test_where_the_credentials_come_from() -> None:
    """auth= of the call beats its header, which beats URL userinfo, auth= and headers of the client."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with_userinfo = server.url.replace("://", "://ada:s3cret@")
        with Client(
            auth=BearerAuth("client"), headers={"Authorization": "no"}
        ) as client:
            client.get(server.url)
            client.get(with_userinfo)
            client.get(with_userinfo, headers={"Authorization": "header"})
            client.get(
                with_userinfo, headers={"Authorization": "header"}, auth=BearerAuth("call")
            )
            client.get(server.url, auth=None)
        with Client(with_userinfo) as client:
            client.get("/")

    assert ["Bearer client", ADA, "header", "Bearer call", None, ADA] == [
        request.headers.get("authorization") for request in app.requests
    ]


def test_views_share_the_pool_and_the_cookies() -> None:
    """`with_options` changes defaults only: connections and cookies are those of the client."""
    app = App(
        {
            "/set": answer(200, "", {"Set-Cookie": "a=1"}),
            "/v2/x": answer(200, "x"),
            "/missing": answer(404),
        }
    )
    with LoopbackServer(app) as server:
        with Client(server.url, headers={"X-One": "1"}, params={"p": 1}) as client:
            client.get("/set")
            view = client.with_options(
                base_url=f"{server.url}/v2", headers={"X-Two": "2", "X-One": None}, params={"q": 2}
            )
            view.get("x")
            lenient = client.with_options(raise_for_status=False, auth=("ada", "s3cret"))
            missing = lenient.get("/missing")
            view.close()
            client.get("/set", auth=None)

    seen = app.requests[1]
    assert ("p=1&q=2", "2", False, "a=1") == (
        seen.query,
        seen.headers["x-two"],
        "x-one" in seen.headers,
        seen.headers["cookie"],
    )
    assert (404, ADA) == (missing.status, app.requests[2].headers["authorization"])
    assert {1} == {request.connection for request in app.requests}


def test_a_header_given_to_a_view_beats_the_auth_of_the_client() -> None:
    """The later word counts: an Authorization header of a view, or an auth of a view."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url, auth=BearerAuth("client")) as client:
            client.with_options(headers={"Authorization": "view"}).get("/")
            named = client.with_options(headers={"Authorization": "view"})
            named.with_options(auth=BearerAuth("later")).get("/")

    assert ["view", "Bearer later"] == [r.headers["authorization"] for r in app.requests]


def test_closed_clients_refuse_calls() -> None:
    """After the client is closed, it and its views say so; closing twice is no mistake."""
    client = Client("https://example.com")
    view = client.with_options(timeout=1)
    client.close()
    client.close()

    for closed in (client, view):
        with pytest.raises(ClientClosedError, match="was closed"):
            closed.get("/")
        with pytest.raises(ClientClosedError):
            closed.stream("GET", "/")
        with pytest.raises(ClientClosedError):
            closed.warm_up(["/"])
    with pytest.raises(ClientClosedError):
        with client:
            pass
    assert "<Client https://example.com/, closed>" == repr(client)


def test_forgotten_clients_close_their_connections() -> None:
    """A client that nobody holds any more gives its sockets back, without a warning."""
    app = App({"/": answer()})
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        app(connection)
        ended.set()

    gc.collect()  # what other tests left is not to be blamed on this client
    with LoopbackServer(serve) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        client = Client()
        client.get(server.url)
        assert not ended.is_set()
        del client
        gc.collect()

        assert ended.wait(10)


def test_from_config() -> None:
    """A ClientConfig gives a client with its settings."""
    app = App({"/v1/x": answer(404)})
    with LoopbackServer(app) as server:
        config = ClientConfig(
            base_url=f"{server.url}/v1",
            headers={"X-One": "1"},
            params={"a": 1},
            raise_for_status=False,
            timeout=Timeout(read=3),
            limits=Limits(max_connections=1),
        )
        with Client.from_config(config) as client:
            response = client.get("x")

    assert (404, "/v1/x?a=1", "1") == (response.status, app.last.target, app.last.headers["x-one"])


def test_from_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables of the process beat those of the file; a wrong one is named, its value is not."""
    file = tmp_path / ".env"
    file.write_text("SHOP_BASE_URL=https://file.example\nSHOP_MAX_REDIRECTS=3\n")
    monkeypatch.setenv("SHOP_BASE_URL", "https://env.example/v1")
    with Client.from_env("SHOP_", env_file=file) as client:
        assert URL("https://env.example/v1/x") == client.build_request("GET", "x").url

    monkeypatch.setenv("SHOP_TIMEOUT__READ", "hunter2")
    with pytest.raises(InvalidOptionError, match="SHOP_TIMEOUT__READ") as caught:
        Client.from_env("SHOP_")
    assert "hunter2" not in str(caught.value)


def test_the_proxy_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings may name a proxy for all requests, or none whatever the environment names."""
    app = App({"/": answer(200, "direct")})
    with LoopbackServer(answering(HELLO)) as proxy, LoopbackServer(app) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        for value, expected in ((None, "direct"), ("none", "direct"), (proxy.url, "hello")):
            monkeypatch.setenv("SHOP_PROXY", str(value))
            config = ClientConfig(proxy=None if expected == "direct" else proxy.url)
            for client in (Client.from_env("SHOP_"), Client.from_config(config)):
                with client:
                    assert expected == (client.get(server.url)).text
        with Client.from_config(ClientConfig()) as client:
            assert "hello" == (client.get(server.url)).text


def test_warm_up_opens_connections_ahead() -> None:
    """`warm_up` connects before the first call, which then finds its connection ready."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url) as client:
            opened = client.warm_up(["/", f"{server.url}/x"])
            response = client.get("/")

    assert (2, None) == (opened, response.timings.connect)


def test_a_jar_can_be_shared() -> None:
    """A CookieJar given to two clients is one jar."""
    jar = CookieJar()
    with Client(cookies=jar) as one, Client(cookies=jar) as two:
        assert one.cookies is two.cookies


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"verify": False}, "tls=TLSConfig"),
        ({"cert": "x.pem"}, "tls=TLSConfig"),
        ({"allow_redirects": False}, "follow_redirects="),
        ({"time_out": 3}, "did you mean timeout="),
        ({"timeout": "3"}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"retry": "yes"}, "retry="),
        ({"follow_redirects": 1}, "follow_redirects=1"),
        ({"raise_for_status": None}, "raise_for_status=None"),
        ({"max_redirects": -1}, "max_redirects=-1"),
        ({"max_response_bytes": 1.5}, "max_response_bytes=1.5"),
        ({"observer": print}, "TransportObserver"),
        ({"auth": ("one",)}, "auth="),
        ({"auth": "user:pass"}, "auth="),
        ({"transport": object()}, "no transport"),
        ({"policies": [3]}, "policies: 3"),
        ({"cookies": ["a=1"]}, "cookies"),
        ({"limits": 5}, "limits=5"),
        ({"tls": True}, "tls=True"),
        ({"json_codec": str}, "json_codec="),
        ({"trust_env": "yes"}, "trust_env='yes'"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object], named: str) -> None:
    """A wrong setting is refused when the client is made, and the message names it."""
    with pytest.raises(InvalidOptionError) as caught:
        Client(**settings)
    assert named in str(caught.value)


def test_pool_settings_belong_to_the_transport() -> None:
    """`limits` and `tls` beside `transport` would do nothing, and are refused."""

    class Nowhere:
        def execute(self, request: Request, options: TransportOptions) -> None: ...

    with pytest.raises(InvalidOptionError, match="give them to the transport"):
        Client(transport=Nowhere(), limits=Limits())


@pytest.mark.parametrize("url", ["ftp://example.com", "/path", "https://"])
def test_base_urls_that_cannot_work(url: str) -> None:
    """A base URL is an absolute http or https URL."""
    with pytest.raises(InvalidURLError):
        Client(url)


def test_tls_takes_a_context_of_ones_own() -> None:
    """An `ssl.SSLContext` does as well as a TLSConfig."""
    with Client(tls=ssl.create_default_context()) as client:
        assert "<Client>" == repr(client)


def test_auth_of_a_value_shared_by_clients() -> None:
    """One auth value serves any number of clients."""
    auth = BasicAuth("ada", "s3cret")
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        for _ in range(2):
            with Client(auth=auth) as client:
                client.get(server.url)

    assert [ADA, ADA] == [request.headers["authorization"] for request in app.requests]
