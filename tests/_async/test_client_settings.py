# Source of _sync/test_client_settings.py; after editing run: tox -e codegen
"""The settings of a client: base URL, who gets its secrets, views, configuration, its end."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import warnings
from pathlib import Path

import pytest

from antiphon._async.client import AsyncClient
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
async def test_base_url_is_a_prefix(base: str, url: str, target: str) -> None:
    """The URL of a call is appended to the base, whatever slashes stand between them."""
    async with AsyncClient(f"https://api.example.com{base}") as client:
        assert target == client.build_request("GET", url).url.target


async def test_a_client_without_base_url_needs_whole_urls() -> None:
    """A path alone is refused where there is no base to append it to."""
    async with AsyncClient() as client:
        with pytest.raises(InvalidURLError, match="/users"):
            await client.get("/users")


async def test_secrets_go_to_the_origin_of_base_url_only() -> None:
    """An absolute URL elsewhere gets no auth, no secret header and no params of the client."""
    home, other = App({"/": answer()}), App({"/": answer()})
    with LoopbackServer(home) as ours, LoopbackServer(other) as theirs:
        async with AsyncClient(
            ours.url,
            auth=("ada", "s3cret"),
            headers={"X-Api-Key": "k", "X-Plain": "p"},
            params={"token": "t"},
        ) as client:
            await client.get("/")
            await client.get(f"{ours.url}/")
            await client.get(f"{theirs.url}/")
            await client.get(f"{theirs.url}/", auth=("bob", "own"))

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


async def test_secrets_stay_behind_at_a_redirect_elsewhere() -> None:
    """What was meant for one origin does not follow a redirect to another."""
    other = App({"/": answer(200, "arrived")})
    with LoopbackServer(other) as theirs:
        home = App({"/": redirect(theirs.url), "/near": redirect("/end"), "/end": answer()})
        with LoopbackServer(home) as ours:
            async with AsyncClient(
                auth=BearerAuth("abc"), headers={"X-Api-Key": "k"}, cookies={"sid": "1"}
            ) as client:
                response = await client.get(ours.url, headers={"Cookie": "own=1"})
                await client.get(f"{ours.url}/near")

    assert "arrived" == response.text
    assert ("Bearer abc", "k") == (
        home.requests[0].headers["authorization"],
        home.requests[0].headers["x-api-key"],
    )
    assert set() == {"authorization", "x-api-key", "cookie"} & set(other.last.headers)
    assert ("/end", "Bearer abc") == (home.last.path, home.last.headers["authorization"])


async def test_where_the_credentials_come_from() -> None:
    """auth= of the call beats its header, which beats URL userinfo, auth= and headers of the client."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with_userinfo = server.url.replace("://", "://ada:s3cret@")
        async with AsyncClient(
            auth=BearerAuth("client"), headers={"Authorization": "no"}
        ) as client:
            await client.get(server.url)
            await client.get(with_userinfo)
            await client.get(with_userinfo, headers={"Authorization": "header"})
            await client.get(
                with_userinfo, headers={"Authorization": "header"}, auth=BearerAuth("call")
            )
            await client.get(server.url, auth=None)
        async with AsyncClient(with_userinfo) as client:
            await client.get("/")

    assert ["Bearer client", ADA, "header", "Bearer call", None, ADA] == [
        request.headers.get("authorization") for request in app.requests
    ]


async def test_views_share_the_pool_and_the_cookies() -> None:
    """`with_options` changes defaults only: connections and cookies are those of the client."""
    app = App(
        {
            "/set": answer(200, "", {"Set-Cookie": "a=1"}),
            "/v2/x": answer(200, "x"),
            "/missing": answer(404),
        }
    )
    with LoopbackServer(app) as server:
        async with AsyncClient(server.url, headers={"X-One": "1"}, params={"p": 1}) as client:
            await client.get("/set")
            view = client.with_options(
                base_url=f"{server.url}/v2", headers={"X-Two": "2", "X-One": None}, params={"q": 2}
            )
            await view.get("x")
            lenient = client.with_options(raise_for_status=False, auth=("ada", "s3cret"))
            missing = await lenient.get("/missing")
            await view.aclose()
            await client.get("/set", auth=None)

    seen = app.requests[1]
    assert ("p=1&q=2", "2", False, "a=1") == (
        seen.query,
        seen.headers["x-two"],
        "x-one" in seen.headers,
        seen.headers["cookie"],
    )
    assert (404, ADA) == (missing.status, app.requests[2].headers["authorization"])
    assert {1} == {request.connection for request in app.requests}


async def test_a_header_given_to_a_view_beats_the_auth_of_the_client() -> None:
    """The later word counts: an Authorization header of a view, or an auth of a view."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(server.url, auth=BearerAuth("client")) as client:
            await client.with_options(headers={"Authorization": "view"}).get("/")
            named = client.with_options(headers={"Authorization": "view"})
            await named.with_options(auth=BearerAuth("later")).get("/")

    assert ["view", "Bearer later"] == [r.headers["authorization"] for r in app.requests]


async def test_closed_clients_refuse_calls() -> None:
    """After the client is closed, it and its views say so; closing twice is no mistake."""
    client = AsyncClient("https://example.com")
    view = client.with_options(timeout=1)
    await client.aclose()
    await client.aclose()

    for closed in (client, view):
        with pytest.raises(ClientClosedError, match="was closed"):
            await closed.get("/")
        with pytest.raises(ClientClosedError):
            closed.stream("GET", "/")
        with pytest.raises(ClientClosedError):
            await closed.warm_up(["/"])
    with pytest.raises(ClientClosedError):
        async with client:
            pass
    assert "<AsyncClient https://example.com/, closed>" == repr(client)


async def test_forgotten_clients_close_their_connections() -> None:
    """A client that nobody holds any more gives its sockets back, without a warning."""
    app = App({"/": answer()})
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        app(connection)
        ended.set()

    gc.collect()  # what other tests left is not to be blamed on this client
    with LoopbackServer(serve) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        client = AsyncClient()
        await client.get(server.url)
        assert not ended.is_set()
        del client
        gc.collect()

        assert ended.wait(10)


async def test_from_config() -> None:
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
        async with AsyncClient.from_config(config) as client:
            response = await client.get("x")

    assert (404, "/v1/x?a=1", "1") == (response.status, app.last.target, app.last.headers["x-one"])


async def test_from_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables of the process beat those of the file; a wrong one is named, its value is not."""
    file = tmp_path / ".env"
    file.write_text("SHOP_BASE_URL=https://file.example\nSHOP_MAX_REDIRECTS=3\n")
    monkeypatch.setenv("SHOP_BASE_URL", "https://env.example/v1")
    async with AsyncClient.from_env("SHOP_", env_file=file) as client:
        assert URL("https://env.example/v1/x") == client.build_request("GET", "x").url

    monkeypatch.setenv("SHOP_TIMEOUT__READ", "hunter2")
    with pytest.raises(InvalidOptionError, match="SHOP_TIMEOUT__READ") as caught:
        AsyncClient.from_env("SHOP_")
    assert "hunter2" not in str(caught.value)


async def test_the_proxy_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings may name a proxy for all requests, or none whatever the environment names."""
    app = App({"/": answer(200, "direct")})
    with LoopbackServer(answering(HELLO)) as proxy, LoopbackServer(app) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        for value, expected in ((None, "direct"), ("none", "direct"), (proxy.url, "hello")):
            monkeypatch.setenv("SHOP_PROXY", str(value))
            config = ClientConfig(proxy=None if expected == "direct" else proxy.url)
            for client in (AsyncClient.from_env("SHOP_"), AsyncClient.from_config(config)):
                async with client:
                    assert expected == (await client.get(server.url)).text
        async with AsyncClient.from_config(ClientConfig()) as client:
            assert "hello" == (await client.get(server.url)).text


async def test_warm_up_opens_connections_ahead() -> None:
    """`warm_up` connects before the first call, which then finds its connection ready."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(server.url) as client:
            opened = await client.warm_up(["/", f"{server.url}/x"])
            response = await client.get("/")

    assert (2, None) == (opened, response.timings.connect)


async def test_a_jar_can_be_shared() -> None:
    """A CookieJar given to two clients is one jar."""
    jar = CookieJar()
    async with AsyncClient(cookies=jar) as one, AsyncClient(cookies=jar) as two:
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
async def test_settings_that_cannot_work(settings: dict[str, object], named: str) -> None:
    """A wrong setting is refused when the client is made, and the message names it."""
    with pytest.raises(InvalidOptionError) as caught:
        AsyncClient(**settings)
    assert named in str(caught.value)


async def test_pool_settings_belong_to_the_transport() -> None:
    """`limits` and `tls` beside `transport` would do nothing, and are refused."""

    class Nowhere:
        async def execute(self, request: Request, options: TransportOptions) -> None: ...

    with pytest.raises(InvalidOptionError, match="give them to the transport"):
        AsyncClient(transport=Nowhere(), limits=Limits())


@pytest.mark.parametrize("url", ["ftp://example.com", "/path", "https://"])
async def test_base_urls_that_cannot_work(url: str) -> None:
    """A base URL is an absolute http or https URL."""
    with pytest.raises(InvalidURLError):
        AsyncClient(url)


async def test_tls_takes_a_context_of_ones_own() -> None:
    """An `ssl.SSLContext` does as well as a TLSConfig."""
    async with AsyncClient(tls=ssl.create_default_context()) as client:
        assert "<AsyncClient>" == repr(client)


async def test_auth_of_a_value_shared_by_clients() -> None:
    """One auth value serves any number of clients."""
    auth = BasicAuth("ada", "s3cret")
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        for _ in range(2):
            async with AsyncClient(auth=auth) as client:
                await client.get(server.url)

    assert [ADA, ADA] == [request.headers["authorization"] for request in app.requests]
