# Source of _sync/test_proxy_socks.py; after editing run: tox -e codegen
"""SOCKS proxies: each version, names resolved here and there, credentials, and every refusal."""

from __future__ import annotations

import re
import socket
import sys

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import MissingExtraError, NameResolutionError, ProxyError
from antiphon.models.tls_config import TLSConfig
from antiphon.policies.proxy import Proxy
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import PASSWORD, USER, SocksProxy, read_exactly
from tests.servers import over_tls

TRUSTING = TLSConfig(ca_file=ca_file())
# A name that no machine resolves: whoever gets an answer had it resolved by the proxy.
NAME = "only-the-proxy-knows.test"


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    ("scheme", "host", "asked"),
    [
        ("socks5", "127.0.0.1", (5, "127.0.0.1", "")),
        ("socks5", "localhost", (5, "127.0.0.1", "")),
        ("socks5h", "127.0.0.1", (5, "127.0.0.1", "")),
        ("socks5h", NAME, (5, NAME, "")),
        ("socks4", "127.0.0.1", (4, "127.0.0.1", "")),
        ("socks4", "localhost", (4, "127.0.0.1", "")),
        ("socks4a", "127.0.0.1", (4, "127.0.0.1", "")),
        ("socks4a", NAME, (4, NAME, "")),
    ],
)
async def test_versions(scheme: str, host: str, asked: tuple[int, str, str], secure: bool) -> None:
    """Each version reaches plain and TLS origins; names go to the proxy with the a and the h."""
    handler = answering(HELLO)
    if secure:
        handler = over_tls(server_context("127.0.0.1", "localhost", NAME), handler)
    socks = SocksProxy()
    with LoopbackServer(handler) as server, LoopbackServer(socks) as proxy:
        url = f"{scheme}://127.0.0.1:{proxy.port}"
        async with AsyncClient(
            tls=TRUSTING, proxy=url, resolve={"localhost": "127.0.0.1"}
        ) as client:
            for _ in range(2):
                response = await client.get(f"http{'s' * secure}://{host}:{server.port}/")
                assert "hello" == response.text
    assert [asked] == socks.asked


async def test_ipv6() -> None:
    """SOCKS5 carries IPv6 addresses; SOCKS4 has no room for one and says so."""
    socks = SocksProxy()
    with LoopbackServer(socks) as proxy:
        for scheme, words in (
            ("socks5h", re.escape("connection refused (0x05)")),
            ("socks4", "SOCKS4 knows no IPv6 addresses"),
        ):
            url = f"{scheme}://127.0.0.1:{proxy.port}"
            async with AsyncClient(proxy=url, retry=None) as client:
                with pytest.raises(ProxyError, match=words):
                    await client.get("http://[::1]:1/")
    assert [(5, "::1", "")] == socks.asked


async def test_user_name_and_password() -> None:
    """SOCKS5 signs in where the proxy asks for it (RFC 1929), SOCKS4 names its user."""
    five, four = SocksProxy(auth=True), SocksProxy()
    with LoopbackServer(answering(HELLO)) as server, LoopbackServer(five) as one:
        auth = (USER, PASSWORD)
        async with AsyncClient(proxy=Proxy(f"socks5://127.0.0.1:{one.port}", auth=auth)) as client:
            assert "hello" == (await client.get(server.url)).text
        with LoopbackServer(four) as other:
            url = f"socks4://{USER}@127.0.0.1:{other.port}"
            async with AsyncClient(proxy=url) as client:
                assert "hello" == (await client.get(server.url)).text
    assert [(5, "127.0.0.1", USER)] == five.asked
    assert [(4, "127.0.0.1", USER)] == four.asked


@pytest.mark.parametrize(
    ("userinfo", "words"),
    [
        (f"{USER}:wrong-password@", "it refused the user name and password"),
        ("", "it wants a user name and password, and none were given"),
    ],
)
async def test_credentials_refused(userinfo: str, words: str) -> None:
    """Wrong and missing credentials are a ProxyError that does not show them."""
    with LoopbackServer(SocksProxy(auth=True)) as proxy:
        url = f"socks5://{userinfo}127.0.0.1:{proxy.port}"
        async with AsyncClient(proxy=url, retry=None) as client:
            with pytest.raises(ProxyError, match=words) as caught:
                await client.get("http://127.0.0.1:1/")
    assert "wrong-password" not in f"{caught.value!r}"
    assert f"socks5://127.0.0.1:{proxy.port}" in caught.value.message
    assert "no" == caught.value.sent


REFUSALS = [
    ("socks5", b"\x05\x01", "a way to sign in that it was not offered (0x01)"),
    ("socks5", b"\x05\xff", "nothing else that we have"),
    ("socks5", b"\x05\x55", "not offered (0x55)"),
    ("socks5", b"HT", "does not speak SOCKS5, it answered b'HT'"),
    ("socks5", b"\x05\x00HTTP/", "does not speak SOCKS5, it answered b'HTTP/'"),
    ("socks5", b"\x05\x00\x05\x01\x00\x01\x00", "general SOCKS server failure (0x01)"),
    ("socks5", b"\x05\x00\x05\x02\x00\x01\x00", "connection not allowed by ruleset (0x02)"),
    ("socks5", b"\x05\x00\x05\x03\x00\x01\x00", "network unreachable (0x03)"),
    ("socks5", b"\x05\x00\x05\x04\x00\x01\x00", "host unreachable (0x04)"),
    ("socks5", b"\x05\x00\x05\x05\x00\x01\x00", "connection refused (0x05)"),
    ("socks5", b"\x05\x00\x05\x06\x00\x01\x00", "TTL expired (0x06)"),
    ("socks5", b"\x05\x00\x05\x07\x00\x01\x00", "command not supported (0x07)"),
    ("socks5", b"\x05\x00\x05\x08\x00\x01\x00", "address type not supported (0x08)"),
    ("socks5", b"\x05\x00\x05\x63\x00\x01\x00", "unknown reason (0x63)"),
    ("socks5", b"\x05\x00\x05\x00\x00\x09\x00", "an unknown kind of address, 9"),
    ("socks5", b"\x05", "ended the connection without an answer"),
    ("socks5", b"", "ended the connection without an answer"),
    ("socks4", b"\x00\x5b" + bytes(6), "request rejected or failed (0x5b)"),
    ("socks4", b"\x00\x5c" + bytes(6), "cannot reach identd on this machine (0x5c)"),
    ("socks4", b"\x00\x5d" + bytes(6), "identd here names another user (0x5d)"),
    ("socks4", b"\x00\x5f" + bytes(6), "does not speak SOCKS4"),
    ("socks4", b"HTTP/1.1", "does not speak SOCKS4, it answered b'HTTP/1.1'"),
    ("socks4", b"\x00\x5a", "ended the connection without an answer"),
]


@pytest.mark.parametrize(("scheme", "answer", "words"), REFUSALS)
async def test_refusals(scheme: str, answer: bytes, words: str) -> None:
    """Whatever the proxy says but yes is a ProxyError with its reason in words."""

    def handle(connection: socket.socket) -> None:
        read_exactly(connection, 4 if scheme == "socks5" else 9)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)

    with LoopbackServer(handle) as proxy:
        url = f"{scheme}://127.0.0.1:{proxy.port}"
        own = Proxy(url, auth=(USER, PASSWORD) if scheme == "socks5" else None)
        async with AsyncClient(proxy=own, retry=None) as client:
            with pytest.raises(ProxyError, match=re.escape(words)) as caught:
                await client.get("http://127.0.0.1:1/")
            assert 0 == client._core.transport.pool._plan.open_count  # type: ignore[attr-defined]
    assert f"the proxy {scheme}://127.0.0.1:{proxy.port} did not connect us" in str(caught.value)


async def test_name_that_only_the_proxy_knows() -> None:
    """Where names are resolved here, one that is unknown here is not asked for."""
    socks = SocksProxy()
    with LoopbackServer(socks) as proxy:
        async with AsyncClient(
            proxy=f"socks5://127.0.0.1:{proxy.port}", resolve=Nowhere(), retry=None
        ) as client:
            with pytest.raises(NameResolutionError, match=NAME):
                await client.get(f"http://{NAME}/")
    assert [] == socks.asked


class Nowhere:
    """A resolver that knows no names."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """No address."""
        assert (NAME, 80) == (host, port)
        return []


@pytest.mark.parametrize("scheme", ["socks4", "socks5h"])
async def test_without_the_extra(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without socksio the error names the command that installs it."""
    for module in ("socksio", "socksio.socks4", "socksio.socks5"):
        monkeypatch.setitem(sys.modules, module, None)
    with LoopbackServer(SocksProxy()) as proxy:
        async with AsyncClient(proxy=f"{scheme}://127.0.0.1:{proxy.port}") as client:
            with pytest.raises(MissingExtraError, match=r"pip install 'antiphon\[socks\]'"):
                await client.get("http://127.0.0.1:1/")
