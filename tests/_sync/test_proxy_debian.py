# GENERATED from _async/test_proxy_debian.py by tools/unasync.py. Do not edit.
"""Proxies of Debian: tinyproxy and microsocks. Skipped where they are not installed."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import BadGatewayError, InternalServerError, ProxyError
from antiphon.models.tls_config import TLSConfig
from antiphon.policies.proxy import Proxy
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import PASSWORD, USER, microsocks, tinyproxy
from tests.servers import Scripted, over_tls

TRUSTING = TLSConfig(ca_file=ca_file())


@pytest.mark.parametrize("auth", [False, True])
def test_tinyproxy_forwards(auth: bool) -> None:
    """tinyproxy forwards requests for plain http, and keeps our credentials to itself."""
    own = Proxy(f"http://{tinyproxy(auth=auth)}", auth=(USER, PASSWORD) if auth else None)
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        with Client(proxy=own) as client:
            assert "hello" == (client.get(f"{server.url}/path")).text
    head = script.requests[0][1]
    assert head.startswith(b"GET /path HTTP/1.1\r\n")
    assert b"proxy-authorization" not in head.lower()


@pytest.mark.parametrize(
    ("scheme", "userinfo", "status"),
    [
        ("http", "", 407),
        ("https", "", 407),
        # tinyproxy answers 401 to wrong ones. For a tunnel that can only be its own word; of a
        # forwarded request it could be the origin's, and stays the response that it is.
        ("https", f"{USER}:wrong-password@", 401),
    ],
)
def test_tinyproxy_wants_credentials(scheme: str, userinfo: str, status: int) -> None:
    """Without credentials, or with wrong ones, tinyproxy's own words are in the error."""
    url = f"http://{userinfo}{tinyproxy(auth=True)}"
    with Client(proxy=url, retry=None) as client:
        with pytest.raises(ProxyError) as caught:
            client.get(f"{scheme}://127.0.0.1:443/")
    assert status == caught.value.status
    assert f"{status} " in caught.value.message
    assert "wrong-password" not in caught.value.message


def test_tinyproxy_refuses_a_port() -> None:
    """A port that tinyproxy lets no CONNECT through to is a ProxyError, asked for once."""
    with Client(proxy=f"http://{tinyproxy()}") as client:
        with pytest.raises(ProxyError, match="403 Access violation") as caught:
            client.get("https://127.0.0.1:8443/")
    assert 403 == caught.value.status
    assert 1 == len(caught.value.attempts)


def test_origin_is_down_behind_tinyproxy() -> None:
    """An origin that is down is a ProxyError for https; for http tinyproxy answers itself."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    with Client(proxy=f"http://{tinyproxy()}", retry=None) as client:
        with pytest.raises(ProxyError) as refused:
            client.get("https://127.0.0.1:443/")
        with pytest.raises((BadGatewayError, InternalServerError)) as answered:
            client.get(gone.url)
    assert refused.value.status in {500, 502, 503}
    assert answered.value.status in {500, 502, 503}


@pytest.mark.parametrize("auth", [False, True])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_microsocks(scheme: str, auth: bool) -> None:
    """microsocks carries plain and TLS connections, with and without credentials."""
    where = microsocks(auth=auth)
    own = Proxy(f"{scheme}://{where}", auth=(USER, PASSWORD) if auth else None)
    secure = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(answering(HELLO)) as server, LoopbackServer(secure) as other:
        with Client(proxy=own, tls=TRUSTING) as client:
            for url in (server.url, f"https://127.0.0.1:{other.port}"):
                assert "hello" == (client.get(url)).text


def test_microsocks_wants_credentials() -> None:
    """Wrong and missing credentials for microsocks are a ProxyError in words."""
    where = microsocks(auth=True)
    for userinfo, words in (
        ("", "wants a user name and password, and none were given"),
        (f"{USER}:wrong-password@", "refused the user name and password"),
    ):
        url = f"socks5://{userinfo}{where}"
        with Client(proxy=url, retry=None) as client:
            with pytest.raises(ProxyError, match=words) as caught:
                client.get("http://127.0.0.1/")
        assert "wrong-password" not in caught.value.message


def test_origin_is_down_behind_microsocks() -> None:
    """An origin that refuses is a ProxyError with the code that SOCKS has for it."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    with Client(proxy=f"socks5h://{microsocks()}", retry=None) as client:
        with pytest.raises(ProxyError, match=r"connection refused \(0x05\)"):
            client.get(gone.url)
