# Source of _sync/test_engine_tls.py; after editing run: tox -e codegen
"""TLS: who is trusted, what is agreed on, and what an untrusted peer gets told."""

from __future__ import annotations

import datetime
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    CertificateVerifyError,
    ConnectError,
    InvalidOptionError,
    ReadError,
    TLSError,
    TransportError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.tls_config import InsecureTLSWarning, TLSConfig
from antiphon.models.url import URL
from antiphon.network.tls_context import readable_once
from antiphon.wire.spki import pin_of
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
    """SSL_CERT_FILE names the trusted authorities, unless `trust_env` is off."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file())
    monkeypatch.setattr("antiphon.network.tls_context._contexts", {})
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


async def test_what_was_agreed_on() -> None:
    """Version, cipher, protocol and the server's certificate can be read from the response."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        stream = await ask(engine, https(server))
        await stream.read()
        await engine.aclose()
    tls = stream.response().tls
    assert tls is not None
    assert ("TLSv1.3", "http/1.1") == (tls.version, tls.alpn)
    assert tls.cipher
    assert str(tls.peer_certificate_pem).startswith("-----BEGIN CERTIFICATE-----")


async def test_pins() -> None:
    """A server whose public key is pinned is talked to, another with a good certificate is not."""
    context = server_context("127.0.0.1")
    handler = over_tls(context, answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        stream = await ask(engine, https(server))
        await stream.read()
        await engine.aclose()
        assert stream.tls is not None
        assert stream.tls.peer_certificate is not None
        pin = pin_of(stream.tls.peer_certificate)
        other = "sha256/" + "A" * 43 + "="
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file(), pins=(other, pin)))
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file(), pins=(other,)))
        with pytest.raises(CertificateVerifyError, match="its public key sha256/.* is not among"):
            await fetch(engine, https(server))
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_name_override() -> None:
    """`server_hostname` is what is asked for and verified, whatever the URL's host."""
    names: list[str | None] = []
    context = server_context("service.test")
    context.sni_callback = lambda tls, name, _: names.append(name)  # type: ignore[assignment]
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        settings = TLSConfig(ca_file=ca_file(), server_hostname="service.test")
        engine = AsyncEngine(tls=settings)
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()
    assert ["service.test"] == names


async def test_no_protocol_offered() -> None:
    """With `alpn=()` no protocol is offered."""
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file(), alpn=()))
        stream = await ask(engine, https(server))
        await stream.read()
        await engine.aclose()
    assert stream.tls is not None
    assert stream.tls.alpn is None


async def test_too_old_a_server() -> None:
    """A server that speaks only a version older than the minimum is a TLSError."""
    context = server_context("127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file(), minimum_version="TLSv1.3"))
        with pytest.raises(TLSError, match="VERSION|version"):
            await fetch(engine, https(server))
        await engine.aclose()


@pytest.mark.parametrize("files", [True, False], ids=["temporary file", "memory"])
async def test_client_certificate_in_memory(files: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client certificate and its key may be given as text."""
    if files:
        monkeypatch.delattr("os.memfd_create", raising=False)
    monkeypatch.setattr("antiphon.network.tls_context._contexts", {})
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    issued = authority().issue_cert("client@example.org")
    certificate = "".join(pem.bytes().decode() for pem in issued.cert_chain_pems)
    key = issued.private_key_pem.bytes()
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        settings = TLSConfig(ca_file=ca_file(), cert_data=certificate, key_data=key)
        assert "PRIVATE" not in repr(settings)
        engine = AsyncEngine(tls=settings)
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


async def test_missing_client_certificate() -> None:
    """A server that wants a client certificate, and gets none, ends the call with an error."""
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        with pytest.raises(TransportError, match="(?i)certificate|broke|ended"):
            await fetch(engine, https(server))
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_key_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SSLKEYLOGFILE gets the keys, for Wireshark, unless `trust_env` is off."""
    monkeypatch.setattr("antiphon.network.tls_context._contexts", {})
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        for trust_env in (False, True):
            path = tmp_path / str(trust_env)
            monkeypatch.setenv("SSLKEYLOGFILE", str(path))
            engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()), trust_env=trust_env)
            await fetch(engine, https(server))
            await engine.aclose()
            assert trust_env == (path.exists() and "TRAFFIC_SECRET" in path.read_text())


async def test_authorities_in_a_folder(tmp_path: Path) -> None:
    """The authorities may be given as a folder of hashed names."""
    authority().cert_pem.write_to_path(tmp_path / "ca.pem")
    openssl = shutil.which("openssl")
    assert openssl
    subprocess.run([openssl, "rehash", str(tmp_path)], check=True)
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_dir=str(tmp_path)))
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


@pytest.mark.parametrize(
    ("names", "host", "accepted"),
    [
        (["*.example.test"], "a.example.test", True),
        (["*.example.test"], "a.b.example.test", False),
        (["*.example.test"], "example.test", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["example.test"], "127.0.0.1", False),
    ],
)
async def test_names(
    names: list[str], host: str, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wildcard stands for one label; an address needs a certificate for the address."""
    found = [(socket.AF_INET, ("127.0.0.1", 0))]

    def resolve(name: str, port: int) -> list[object]:
        return [(family, (address, port)) for family, (address, _) in found]

    monkeypatch.setattr("antiphon.network.resolver.resolve_now", resolve)
    handler = over_tls(server_context(*names), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        if accepted:
            assert b"hello" == await fetch(engine, https(server, host))
        else:
            with pytest.raises(CertificateVerifyError, match="mismatch"):
                await fetch(engine, https(server, host))
        await engine.aclose()


async def test_missing_intermediate() -> None:
    """A server that leaves out the intermediate certificate is refused, as it cannot be traced."""
    intermediate = authority().create_child_ca()
    issued = intermediate.issue_cert("127.0.0.1")
    for complete in (True, False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain = issued.cert_chain_pems if complete else issued.cert_chain_pems[:1]
        pem = issued.private_key_pem.bytes() + b"".join(part.bytes() for part in chain)
        with readable_once(pem) as path:
            context.load_cert_chain(path)
        with LoopbackServer(over_tls(context, answering(HELLO))) as server:
            engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
            if complete:
                assert b"hello" == await fetch(engine, https(server))
            else:
                with pytest.raises(CertificateVerifyError, match="local issuer"):
                    await fetch(engine, https(server))
            await engine.aclose()


async def test_not_yet_valid() -> None:
    """A certificate that is not valid yet is refused."""
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    issued = authority().issue_cert(
        "127.0.0.1", not_before=tomorrow, not_after=tomorrow + datetime.timedelta(days=1)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        with pytest.raises(CertificateVerifyError, match="not yet valid"):
            await fetch(engine, https(server))
        await engine.aclose()
