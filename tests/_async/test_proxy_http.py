# Source of _sync/test_proxy_http.py; after editing run: tox -e codegen
"""HTTP and HTTPS proxies, real ones: forwarded requests, tunnels, credentials, TLS in TLS."""

from __future__ import annotations

import ssl

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import CertificateVerifyError, ProxyError
from antiphon.models.body_builder import build_body
from antiphon.models.tls_config import TLSConfig
from antiphon.models.url import URL
from antiphon.policies.proxy import Proxy
from tests._async.engine_calls import fetch
from tests._async.test_engine_events import Notes
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import PASSWORD, USER, proxy_py, stranger
from tests.servers import Scripted, over_tls

TRUSTING = TLSConfig(ca_file=ca_file())


def proxy(*, auth: bool = False, tls: bool = False, wrong: bool = False) -> Proxy:
    """A real proxy, with its right credentials if it wants any, or with wrong ones."""
    scheme = "https" if tls else "http"
    password = "wrong-password" if wrong else PASSWORD
    return Proxy(
        f"{scheme}://127.0.0.1:{proxy_py(auth=auth, tls=tls)}",
        auth=(USER, password) if auth else None,
        tls=TRUSTING if tls else None,
    )


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("auth", [False, True])
async def test_plain_origin(auth: bool, tls: bool) -> None:
    """A plain http origin gets what the proxy forwards, with the origin's own target."""
    script = Scripted([HELLO, HELLO], [HELLO, HELLO])
    with LoopbackServer(script) as server:
        async with AsyncClient(proxy=proxy(auth=auth, tls=tls)) as client:
            for _ in range(2):
                response = await client.get(f"{server.url}/path?a=1")
                assert "hello" == response.text
    heads = [head for _, head, _ in script.requests]
    assert [b"GET /path?a=1 HTTP/1.1"] * 2 == [head.partition(b"\r\n")[0] for head in heads]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("auth", [False, True])
async def test_https_origin(auth: bool, tls: bool) -> None:
    """An https origin is reached through a tunnel, in TLS inside of TLS where the proxy is https."""
    script = Scripted([HELLO, HELLO])
    with LoopbackServer(over_tls(server_context("127.0.0.1"), script)) as server:
        engine = AsyncEngine(tls=TRUSTING, proxy=proxy(auth=auth, tls=tls))
        for _ in range(2):
            assert b"hello" == await fetch(engine, f"https://127.0.0.1:{server.port}/path")
        await engine.aclose()
    assert 1 == script.opened
    heads = [head for _, head, _ in script.requests]
    assert all(head.startswith(b"GET /path HTTP/1.1\r\n") for head in heads)
    assert not any(b"proxy-authorization" in head.lower() for head in heads)


@pytest.mark.parametrize("tls", [False, True])
async def test_large_bodies_through_a_tunnel(tls: bool) -> None:
    """Bodies larger than any record or buffer go both ways whole, in TLS inside of TLS too."""
    content = bytes(range(256)) * 12_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    script = Scripted([answer])
    with LoopbackServer(over_tls(server_context("127.0.0.1"), script)) as server:
        engine = AsyncEngine(tls=TRUSTING, proxy=proxy(tls=tls))
        url = f"https://127.0.0.1:{server.port}/"
        assert content == await fetch(engine, url, "PUT", build_body(content=content))
        await engine.aclose()
    assert content == script.requests[0][2]


@pytest.mark.parametrize("wrong", [True, False])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_credentials_refused(scheme: str, wrong: bool) -> None:
    """Wrong and missing credentials are a ProxyError with status and words; they are not shown."""
    port = proxy_py(auth=True)
    url = f"http://{USER}:wrong-password@127.0.0.1:{port}" if wrong else f"http://127.0.0.1:{port}"
    with LoopbackServer(answering(HELLO)) as server:
        async with AsyncClient(proxy=url) as client:
            with pytest.raises(ProxyError, match="407 Proxy Authentication Required") as caught:
                await client.get(f"{scheme}://127.0.0.1:{server.port}/")
            assert 0 == client._core.transport.pool._plan.open_count  # type: ignore[attr-defined]
    error = caught.value
    assert 407 == error.status
    assert error.headers is not None
    assert "Basic" == error.headers["Proxy-Authenticate"]
    assert 1 == len(error.attempts)
    told = f"{error!r} {error} {error.__notes__ if hasattr(error, '__notes__') else ''}"
    assert "wrong-password" not in told
    assert USER not in told
    assert f"http://127.0.0.1:{port}" in told


@pytest.mark.parametrize("tls", [False, True])
async def test_dead_origin(tls: bool) -> None:
    """An https origin that is down behind the proxy is a ProxyError: its status says what is up."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    async with AsyncClient(proxy=proxy(tls=tls), retry=None) as client:
        with pytest.raises(ProxyError, match="502 Bad Gateway") as caught:
            await client.post(f"https://127.0.0.1:{gone.port}/")
    assert 502 == caught.value.status
    assert "no" == caught.value.sent


async def test_untrusted_proxy() -> None:
    """The certificate of an https proxy is checked by the proxy's own settings, not the client's."""
    port = proxy_py(tls=True)
    async with AsyncClient(tls=TRUSTING, proxy=f"https://127.0.0.1:{port}") as client:
        with pytest.raises(CertificateVerifyError, match=f"https://127.0.0.1:{port}"):
            await client.get("https://127.0.0.1:1/")


@pytest.mark.parametrize("tls", [False, True])
async def test_untrusted_origin(tls: bool) -> None:
    """The certificate of the origin is checked through a tunnel as it is without one."""
    foreign = server_context("127.0.0.1", ca=stranger())
    with LoopbackServer(over_tls(foreign, answering(HELLO))) as server:
        async with AsyncClient(tls=TRUSTING, proxy=proxy(tls=tls)) as client:
            with pytest.raises(CertificateVerifyError, match=f"127.0.0.1:{server.port}"):
                await client.get(f"https://127.0.0.1:{server.port}/")


async def test_own_context_for_the_proxy() -> None:
    """An own SSLContext may be given for the proxy; it is left as it is."""
    context = ssl.create_default_context(cafile=ca_file())
    before = (context.verify_mode, context.check_hostname, context.options)
    own = Proxy(f"https://127.0.0.1:{proxy_py(tls=True)}", tls=context)
    with LoopbackServer(answering(HELLO)) as server:
        async with AsyncClient(proxy=own) as client:
            assert "hello" == (await client.get(server.url)).text
    assert before == (context.verify_mode, context.check_hostname, context.options)


async def test_routes_are_not_shared() -> None:
    """Connections to an origin and connections to it through a proxy are never taken for another."""
    own = proxy()
    with LoopbackServer(answering(HELLO)) as one, LoopbackServer(answering(HELLO)) as other:
        engine = AsyncEngine(proxies={one.url: own})
        for _ in range(2):
            for server in (one, other):
                assert b"hello" == await fetch(engine, server.url)
        routes = [connection.origin for connection in engine.pool._plan.idle()]
        assert 2 == len(routes)
        assert {URL(other.url).origin, (*URL(one.url).origin, own)} == set(routes)
        assert f"{one.url} (through {own})" in map(str, routes)
        await engine.aclose()


async def test_tunnel_is_part_of_connecting() -> None:
    """Timings count the tunnel into connect; observers see the proxy's TLS and the origin's."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    notes = Notes()
    with LoopbackServer(handler) as server:
        async with AsyncClient(tls=TRUSTING, proxy=proxy(tls=True), observer=notes) as client:
            response = await client.get(f"https://127.0.0.1:{server.port}/")
            assert "TLSv1.3" == response.tls.version  # type: ignore[union-attr]
    assert response.timings.connect is not None
    assert response.timings.tls is not None
    assert 2 == notes.names().count("tls_established")
    assert 1 == notes.names().count("connection_established")


async def test_headers_for_the_proxy_alone() -> None:
    """Headers of a Proxy go to it with CONNECT and with forwarded requests, the request's first."""
    tunnelled, forwarded = Scripted([b"HTTP/1.1 403 No\r\n\r\n"]), Scripted([HELLO, HELLO])
    with LoopbackServer(tunnelled) as one, LoopbackServer(forwarded) as other:
        headers = {"X-Team": "red", "User-Agent": "for-proxies"}
        proxies = {
            "https://": Proxy(one.url, headers=headers),
            "http://": Proxy(other.url, headers=headers, auth=("a", "b")),
        }
        async with AsyncClient(proxies=proxies, retry=None) as client:
            with pytest.raises(ProxyError, match="403 No"):
                await client.get("https://[::1]:8443/path")
            await client.get("http://example.test/path?a=1#b")
            await client.get("http://example.test/", headers={"Proxy-Authorization": "Own 1"})
    connect = tunnelled.requests[0][1]
    assert connect.startswith(b"CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n")
    assert b"X-Team: red\r\n" in connect
    assert b"User-Agent: for-proxies\r\n" in connect
    first, second = (head for _, head, _ in forwarded.requests)
    assert first.startswith(b"GET http://example.test/path?a=1 HTTP/1.1\r\nHost: example.test\r\n")
    assert b"X-Team: red\r\n" in first
    assert b"User-Agent: antiphon" in first
    assert b"Proxy-Authorization: Basic YTpi\r\n" in first
    assert b"for-proxies" not in first
    assert [b"Proxy-Authorization: Own 1"] == [
        line for line in second.split(b"\r\n") if line.startswith(b"Proxy-Auth")
    ]


async def test_warm_up_opens_tunnels() -> None:
    """Connections opened ahead of use go through the proxy too."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        async with AsyncClient(tls=TRUSTING, proxy=proxy(), trust_env=False) as client:
            url = f"https://127.0.0.1:{server.port}/"
            assert 1 == await client.warm_up([url])
            assert (await client.get(url)).timings.connect is None
