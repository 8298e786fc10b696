# Source of _sync/test_engine_tls_settings.py; after editing run: tox -e codegen
"""What `TLSConfig` can ask for, each setting against a server that shows its effect."""

from __future__ import annotations

import datetime
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    CertificateVerifyError,
    InvalidOptionError,
    TLSError,
    TransportError,
)
from antiphon.models.tls_config import TLSConfig
from antiphon.network.tls_context import readable_once
from tests._async.engine_calls import ask, fetch
from tests.certificates import authority, ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import over_tls


def https(server: LoopbackServer, host: str = "127.0.0.1") -> str:
    """The server's address, by https."""
    return f"https://{host}:{server.port}"


def hashed(folder: Path) -> None:
    """Put the authority of the tests into a folder, as OpenSSL looks for it."""
    authority().cert_pem.write_to_path(folder / "ca.pem")
    openssl = shutil.which("openssl")
    assert openssl
    subprocess.run([openssl, "rehash", str(folder)], check=True)


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
        pin = str(stream.tls.pin)
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
    hashed(tmp_path)
    handler = over_tls(server_context("127.0.0.1"), answering(HELLO))
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_dir=str(tmp_path)))
        assert b"hello" == await fetch(engine, https(server))
        await engine.aclose()


async def test_folder_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SSL_CERT_DIR names a folder of trusted authorities, unless `trust_env` is off."""
    hashed(tmp_path)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
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


@pytest.mark.parametrize("right", [True, False])
async def test_keys_with_a_password(right: bool) -> None:
    """`key_password` opens an encrypted key; a wrong one is refused before anything is sent."""
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    issued = authority().issue_cert("client@example.org")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open-sesame")
    )
    certificate = issued.cert_chain_pems[0].bytes()
    settings = TLSConfig(
        ca_file=ca_file(),
        cert_data=certificate,
        key_data=key,
        key_password="open-sesame" if right else "mellon",
    )
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        engine = AsyncEngine(tls=settings)
        if right:
            assert b"hello" == await fetch(engine, https(server))
        else:
            with pytest.raises(InvalidOptionError, match="key_password") as caught:
                await fetch(engine, https(server))
            assert "mellon" not in str(caught.value)
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
