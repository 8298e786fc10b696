# GENERATED from _async/test_tls_matrix.py by tools/unasync.py. Do not edit.
"""Good and bad certificates, seen directly, through CONNECT, and through an https proxy."""

from __future__ import annotations

import datetime
import ssl

import pytest
import trustme

from antiphon._sync.client import Client
from antiphon.errors import CertificateVerifyError, TLSError, TransportError
from antiphon.models.tls_config import TLSConfig
from antiphon.network.tls_context import readable_once
from antiphon.policies.proxy import Proxy
from tests.certificates import authority, ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import proxy_py, stranger
from tests.servers import over_tls

ROUTES = ["direct", "connect", "https proxy"]
DAY = datetime.timedelta(days=1)


def by(route: str) -> Proxy | None:
    """The proxy of a route, a real one."""
    if route == "direct":
        return None
    tls = route == "https proxy"
    scheme = "https" if tls else "http"
    trusting = TLSConfig(ca_file=ca_file()) if tls else None
    return Proxy(f"{scheme}://127.0.0.1:{proxy_py(tls=tls)}", tls=trusting)


def showing(issued: trustme.LeafCert, *, whole: bool = True) -> ssl.SSLContext:
    """TLS settings of a server with this certificate, and with what is between it and its root."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = issued.cert_chain_pems if whole else issued.cert_chain_pems[:1]
    pem = issued.private_key_pem.bytes() + b"".join(part.bytes() for part in chain)
    with readable_once(pem) as path:
        context.load_cert_chain(path)
    return context


def not_yet_valid() -> ssl.SSLContext:
    """A server whose certificate begins tomorrow."""
    tomorrow = datetime.datetime.now(datetime.UTC) + DAY
    return showing(
        authority().issue_cert("127.0.0.1", not_before=tomorrow, not_after=tomorrow + DAY)
    )


def with_intermediate(*, whole: bool) -> ssl.SSLContext:
    """A server with a certificate of an authority below the trusted one."""
    return showing(authority().create_child_ca().issue_cert("127.0.0.1"), whole=whole)


def old_tls_only() -> ssl.SSLContext:
    """A server that speaks nothing newer than TLS 1.2, and is asked for 1.3."""
    context = server_context("127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("case", "name", "refusal"),
    [
        ("address", None, None),
        ("address without IP SAN", None, "mismatch"),
        ("name", "service.test", None),
        ("wrong name", "other.test", "mismatch"),
        ("wildcard", "a.example.test", None),
        ("wildcard over two labels", "a.b.example.test", "mismatch"),
        ("expired", None, "expired"),
        ("not yet valid", None, "not yet valid"),
        ("untrusted", None, "local issuer|self.signed"),
        ("intermediate", None, None),
        ("missing intermediate", None, "local issuer"),
    ],
)
def test_certificates(case: str, name: str | None, refusal: str | None, route: str) -> None:
    """A certificate is accepted or refused for the same reason whatever lies in between."""
    context = {
        "address": lambda: server_context("127.0.0.1"),
        "address without IP SAN": lambda: server_context("localhost"),
        "name": lambda: server_context("service.test"),
        "wrong name": lambda: server_context("service.test"),
        "wildcard": lambda: server_context("*.example.test"),
        "wildcard over two labels": lambda: server_context("*.example.test"),
        "expired": lambda: server_context("127.0.0.1", expired=True),
        "not yet valid": not_yet_valid,
        "untrusted": lambda: server_context("127.0.0.1", ca=stranger()),
        "intermediate": lambda: with_intermediate(whole=True),
        "missing intermediate": lambda: with_intermediate(whole=False),
    }[case]()
    trusting = TLSConfig(ca_file=ca_file(), server_hostname=name)
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        with Client(tls=trusting, proxy=by(route), retry=None) as client:
            url = f"https://127.0.0.1:{server.port}/"
            if refusal is None:
                assert "hello" == (client.get(url)).text
            else:
                with pytest.raises(CertificateVerifyError, match=refusal) as caught:
                    client.get(url)
                assert "no" == caught.value.sent
                assert f"127.0.0.1:{server.port}" in str(caught.value)


@pytest.mark.parametrize("route", ROUTES)
def test_old_tls_only(route: str) -> None:
    """A server that speaks only a version older than the minimum is a TLSError."""
    trusting = TLSConfig(ca_file=ca_file(), minimum_version="TLSv1.3")
    with LoopbackServer(over_tls(old_tls_only(), answering(HELLO))) as server:
        with Client(tls=trusting, proxy=by(route), retry=None) as client:
            with pytest.raises(TLSError, match="VERSION|version"):
                client.get(f"https://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("route", ROUTES)
def test_client_certificate_wanted(route: str) -> None:
    """A server that wants a client certificate answers who shows one, and nobody else."""
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    pem = authority().issue_cert("client@example.org").private_key_and_cert_chain_pem.bytes()
    showing_one = TLSConfig(ca_file=ca_file(), cert_data=pem)
    with LoopbackServer(over_tls(context, answering(HELLO))) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with Client(tls=showing_one, proxy=by(route), retry=None) as client:
            assert "hello" == (client.get(url)).text
        showing_none = TLSConfig(ca_file=ca_file())
        with Client(tls=showing_none, proxy=by(route), retry=None) as client:
            with pytest.raises(TransportError, match=r"(?i)certificate|broke|ended|closed"):
                client.get(url)


@pytest.mark.parametrize("route", ROUTES)
def test_pins(route: str) -> None:
    """The key of the origin is what counts, whatever key a proxy on the way has."""
    with LoopbackServer(over_tls(server_context("127.0.0.1"), answering(HELLO))) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with Client(tls=TLSConfig(ca_file=ca_file())) as client:
            tls = (client.get(url)).tls
            assert tls is not None
        pinned = TLSConfig(ca_file=ca_file(), pins=tls.pin)
        with Client(tls=pinned, proxy=by(route), retry=None) as client:
            assert "hello" == (client.get(url)).text
        other = TLSConfig(ca_file=ca_file(), pins="sha256/" + 43 * "A" + "=")
        with Client(tls=other, proxy=by(route), retry=None) as client:
            with pytest.raises(CertificateVerifyError, match="public key .* is not among"):
                client.get(url)


def test_proxy_that_wants_a_client_certificate() -> None:
    """A certificate for the proxy is shown to the proxy; one for the origin is not."""
    context = server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    pem = authority().issue_cert("client@example.org").private_key_and_cert_chain_pem.bytes()
    showing_one = TLSConfig(ca_file=ca_file(), cert_data=pem)

    def forwards(connection: ssl.SSLSocket) -> None:
        peers.append(connection.getpeercert())
        answering(HELLO)(connection)

    peers: list[object] = []
    with LoopbackServer(over_tls(context, forwards)) as running:
        url = f"https://127.0.0.1:{running.port}"
        with Client(proxy=Proxy(url, tls=showing_one), retry=None) as client:
            assert "hello" == (client.get("http://origin.test/")).text
        proxy = Proxy(url, tls=TLSConfig(ca_file=ca_file()))
        with Client(tls=showing_one, proxy=proxy, retry=None) as client:
            with pytest.raises(TransportError, match=r"(?i)certificate|broke|ended|closed"):
                client.get("http://origin.test/")
    assert 1 == len([peer for peer in peers if peer])
