# Source of _sync/test_engine_tls.py; after editing run: tox -e codegen
"""TLS: who is trusted, what is agreed on, and what an untrusted peer gets told."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    CertificateVerifyError,
    ConnectError,
    InvalidOptionError,
    ReadError,
    TLSError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.tls_config import InsecureTLSWarning, TLSConfig
from antiphon.models.url import URL
from tests._async.engine_calls import ask, fetch
from tests.certificates import authority, ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, over_tls


def https(server: LoopbackServer, host: str = "127.0.0.1") -> str:
    """The server's address, by https."""
    return f"https://{host}:{server.port}"


async def test_trusted_server() -> None:
    """A server with a certificate of a trusted authority is talked to, on one connection."""
    script = Scripted([HELLO, HELLO, HELLO])
    with LoopbackServer(over_tls(server_context("127.0.0.1"), script)) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        for _ in range(3):
            assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()
    assert 1 == script.opened


async def test_large_bodies_both_ways() -> None:
    """Bodies larger than any TLS record or buffer go both ways whole."""
    content = bytes(range(256)) * 20_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    script = Scripted([answer])
    with LoopbackServer(over_tls(server_context("127.0.0.1"), script)) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        received = await fetch(engine, https(server), "PUT", build_body(content=content))
        await engine.aclose()
    assert content == received
    assert content == script.requests[0][2]


async def test_authority_as_data() -> None:
    """The authority may be given as PEM text instead of a file."""
    pem = authority().cert_pem.bytes().decode()
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_data=pem))
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


@pytest.mark.parametrize("trust_env", [True, False])
async def test_foreign_authority(trust_env: bool) -> None:
    """A certificate of an authority that the system does not know is refused."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(trust_env=trust_env)
        with pytest.raises(CertificateVerifyError, match="unable to get local issuer") as caught:
            await fetch(engine, https(server))
        assert "no" == caught.value.sent
        assert f"127.0.0.1:{server.port}" in caught.value.message
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_authority_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE names the trusted authorities as it is now, unless `trust_env` is off."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file())
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine()
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()
        engine = AsyncEngine(trust_env=False)
        with pytest.raises(CertificateVerifyError):
            await fetch(engine, https(server))
        await engine.aclose()


async def test_wrong_name() -> None:
    """A certificate for another name is refused, and the error names both."""
    handler = over_tls(server_context("other.test"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        with pytest.raises(CertificateVerifyError, match=r"mismatch.*127\.0\.0\.1"):
            await fetch(engine, https(server))
        await engine.aclose()


async def test_expired() -> None:
    """A certificate that has expired is refused."""
    handler = over_tls(server_context("127.0.0.1", expired=True), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        with pytest.raises(CertificateVerifyError, match="expired"):
            await fetch(engine, https(server))
        await engine.aclose()


async def test_verification_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """`verify=False` talks to anybody, and warns of it."""
    stranger = trustme.CA()
    handler = over_tls(server_context("other.test", ca=stranger), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(verify=False))
        monkeypatch.setattr("antiphon.network.tls_context._contexts", {})
        with pytest.warns(InsecureTLSWarning, match="certificates are not checked"):
            assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


async def test_own_context_is_left_alone() -> None:
    """A user's own SSLContext decides, and nothing in it is changed by its use."""
    context = ssl.create_default_context(cafile=ca_file())
    context.check_hostname = False
    offered: list[list[str]] = []

    def note(tls: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        offered.append([str(name)])

    before = (context.verify_mode, context.check_hostname, context.options, context.minimum_version)
    served = server_context("other.test")
    served.sni_callback = note  # type: ignore[assignment]
    with LoopbackServer(over_tls(served, answering(HELLO))) as server:
        engine = AsyncEngine(tls=context)
        stream = await ask(engine, https(server, "localhost"))
        assert b"hello" == await stream.read()
        connection = next(engine.pool._plan.idle())
        assert connection.channel.alpn is None  # type: ignore[attr-defined]
        await engine.aclose()
    assert [["localhost"]] == offered
    after = (context.verify_mode, context.check_hostname, context.options, context.minimum_version)
    assert before == after


async def test_protocol_that_is_not_spoken() -> None:
    """A context that lets the server choose HTTP/2 gets an error that says what to leave out."""
    context = ssl.create_default_context(cafile=ca_file())
    context.set_alpn_protocols(["h2"])
    served = server_context("127.0.0.1")
    served.set_alpn_protocols(["h2"])
    with LoopbackServer(over_tls(served, answering(HELLO))) as server:
        engine = AsyncEngine(tls=context)
        with pytest.raises(TLSError, match="'h2' by ALPN"):
            await fetch(engine, https(server))
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_alpn_is_agreed_on() -> None:
    """Our own settings offer http/1.1."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        await fetch(engine, https(server))
        connection = next(engine.pool._plan.idle())
        assert "http/1.1" == connection.channel.alpn  # type: ignore[attr-defined]
        await engine.aclose()


async def test_plain_http_on_a_tls_port() -> None:
    """https to a server that speaks plain HTTP is a TLSError that suggests http://."""

    def plain(connection) -> None:  # type: ignore[no-untyped-def]
        connection.recv(10)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with LoopbackServer(plain) as server:
        engine = AsyncEngine()
        with pytest.raises(TLSError, match="does not speak TLS.*use http://"):
            await fetch(engine, https(server))
        await engine.aclose()


async def test_hang_up_within_the_handshake() -> None:
    """A server that hangs up within the handshake is a TLSError, and a ConnectError."""
    with LoopbackServer(lambda connection: connection.recv(10)) as server:
        engine = AsyncEngine()
        with pytest.raises(TLSError) as caught:
            await fetch(engine, https(server))
        assert isinstance(caught.value, ConnectError)
        assert "no" == caught.value.sent
        await engine.aclose()


async def test_cut_without_close_notify() -> None:
    """A body that runs until the close, and is cut without TLS's own close, is not complete."""

    def cut(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def close_properly(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        connection.unwrap()

    context = server_context("127.0.0.1")
    script = Scripted([close_properly], [cut])
    with LoopbackServer(over_tls(context, script)) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        assert b"all of it" == await fetch(engine, https(server))
        with pytest.raises(ReadError, match="without closing it"):
            await fetch(engine, https(server))
        await engine.aclose()


async def test_client_certificate() -> None:
    """A client certificate is shown to a server that asks for one."""
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    with (
        authority()
        .issue_cert("client@example.org")
        .private_key_and_cert_chain_pem.tempfile() as pem,
        LoopbackServer(over_tls(context, answering(HELLO))) as server,
    ):
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file(), cert_file=pem))
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"ca_file": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"ca_data": "no certificate"}, "ca_data"),
        ({"cert_file": "/nowhere/me.pem"}, "/nowhere/me.pem"),
    ],
)
async def test_files_that_cannot_be_loaded(settings: dict[str, str], named: str) -> None:
    """TLS settings that name unreadable files are refused by name, before anything is sent."""
    engine = AsyncEngine(tls=TLSConfig(**settings))  # type: ignore[arg-type]
    with pytest.raises(InvalidOptionError, match=named):
        await fetch(engine, "https://127.0.0.1:9/")
    assert 0 == engine.pool._plan.open_count
    await engine.aclose()


async def test_warm_up_shakes_hands() -> None:
    """`warm_up` of an https URL includes TLS: the first request finds the connection ready."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        assert 1 == await engine.warm_up([URL(https(server))])
        stream = await ask(engine, https(server))
        assert b"hello" == await stream.read()
        assert stream.timeline is not None
        assert stream.timeline.reused
        assert stream.timings.tls is None
        await engine.aclose()
