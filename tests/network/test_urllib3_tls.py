"""TLS by urllib3: it verifies, and changes nothing in the settings that it is lent."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import HTTPError

from antiphon.network import urllib3_tls
from antiphon.network.clock import now
from antiphon.network.outcome import READY, TIMED_OUT, Outcome, WaitEnded
from antiphon.network.urllib3_network import wait_any
from antiphon.network.urllib3_tls import _ContextView, wrap
from tests.certificates import ca_file, server_context
from tests.loopback import LoopbackServer
from tests.servers import over_tls, until_closed

if TYPE_CHECKING:
    from collections.abc import Sequence


def wait(readers: Sequence[socket.socket], writers: Sequence[socket.socket]) -> Outcome:
    return wait_any(readers, writers, now() + 10, None)


def own_context() -> ssl.SSLContext:
    """Return settings of a user's own, in which everything is other than urllib3 would have it."""
    context = ssl.create_default_context(cafile=ca_file())
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["antiphon/1"])
    context.options |= ssl.OP_NO_TICKET
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    context.verify_flags &= ~ssl.VERIFY_CRL_CHECK_LEAF
    return context


def settings_of(context: ssl.SSLContext) -> dict[str, object]:
    """Return all settings of a context that can be read."""
    names = [
        "check_hostname",
        "hostname_checks_common_name",
        "keylog_filename",
        "maximum_version",
        "minimum_version",
        "num_tickets",
        "options",
        "post_handshake_auth",
        "protocol",
        "security_level",
        "verify_flags",
        "verify_mode",
    ]
    settings = {name: getattr(context, name) for name in names}
    settings["authorities"] = context.get_ca_certs(binary_form=True)
    settings["ciphers"] = [cipher["name"] for cipher in context.get_ciphers()]
    return settings


@pytest.mark.parametrize("verified", ["name and authority", "authority", "nothing"])
def test_a_lent_context_is_not_changed(verified: str) -> None:
    """A handshake leaves every setting of the context as it was, the protocols offered too."""
    context = own_context()
    if verified != "name and authority":
        context.check_hostname = False
    if verified == "nothing":
        context.verify_mode = ssl.CERT_NONE
    before = settings_of(context)
    offered: list[str | None] = []

    def note(tls: socket.socket) -> None:
        assert isinstance(tls, ssl.SSLSocket)
        offered.append(tls.selected_alpn_protocol())
        until_closed(tls)

    served = server_context("localhost" if verified == "name and authority" else "other.test")
    served.set_alpn_protocols(["http/1.1", "antiphon/1"])
    with LoopbackServer(over_tls(served, note)) as server:
        for _ in range(2):
            sock = socket.create_connection((server.host, server.port))
            sock.setblocking(False)
            with wrap(sock, context, "localhost", wait) as tls:
                assert "antiphon/1" == tls.selected_alpn_protocol()
                assert "TLSv1.3" == tls.version()
                assert 0.0 == tls.gettimeout()
                assert tls.context is context
    assert before == settings_of(context)
    assert ["antiphon/1"] * 2 == offered


@pytest.mark.parametrize(
    ("names", "context", "reason"),
    [
        (["other.test"], None, "Hostname mismatch"),
        (["localhost"], "empty", "unable to get local issuer"),
    ],
)
def test_who_is_not_trusted(names: list[str], context: str | None, reason: str) -> None:
    """A wrong name and a foreign authority are refused as `ssl` says it, and the socket is closed."""
    settings = own_context() if context is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with LoopbackServer(over_tls(server_context(*names), until_closed)) as server:
        sock = socket.create_connection((server.host, server.port))
        sock.setblocking(False)
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            wrap(sock, settings, "localhost", wait)
        assert -1 == sock.fileno()


def test_a_wait_that_ends_the_handshake() -> None:
    """A handshake ends when the wait does, with its outcome, and the socket is closed."""
    outcomes = [READY, TIMED_OUT]
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, pytest.raises(WaitEnded) as caught:
        wrap(ours, own_context(), "localhost", lambda *_: outcomes.pop(0))
    assert TIMED_OUT is caught.value.outcome
    assert [] == outcomes
    assert -1 == ours.fileno()


def test_a_handshake_waits_for_the_right_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits to read or to write, as TLS wants it."""
    wanted = [ssl.SSLWantReadError(), ssl.SSLWantWriteError(), None]
    waited: list[tuple[int, int]] = []

    class Socket:
        def do_handshake(self) -> None:
            if (error := wanted.pop(0)) is not None:
                raise error

    def note(readers: Sequence[object], writers: Sequence[object]) -> Outcome:
        waited.append((len(readers), len(writers)))
        return READY

    _ContextView(own_context(), note)._shake_hands(Socket())  # type: ignore[arg-type]

    assert [(1, 0), (0, 1)] == waited


def test_a_view_shows_and_ignores() -> None:
    """The view shows what the context says, and takes no setting to it."""
    context = own_context()
    view = _ContextView(context, wait)
    before = settings_of(context)
    for name, value in {
        "check_hostname": False,
        "verify_mode": ssl.CERT_NONE,
        "minimum_version": ssl.TLSVersion.TLSv1_2,
        "maximum_version": ssl.TLSVersion.TLSv1_2,
        "options": 0,
        "verify_flags": 0,
        "post_handshake_auth": True,
        "hostname_checks_common_name": False,
        "keylog_filename": "/nowhere",
    }.items():
        setattr(view, name, value)
        assert getattr(context, name) == getattr(view, name)
    view.set_alpn_protocols(["h2"])

    assert before == settings_of(context)
    assert context.get_ciphers() == view.get_ciphers()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (ssl.SSLCertVerificationError(1, "expired"), ssl.SSLCertVerificationError),
        (ConnectionResetError("reset"), ConnectionResetError),
        (None, ssl.SSLError),
        (LookupError("odd"), ssl.SSLError),
    ],
)
def test_errors_that_urllib3_wraps(
    monkeypatch: pytest.MonkeyPatch, cause: Exception | None, kind: type[Exception]
) -> None:
    """What urllib3 wraps in errors of its own comes out as what it was, or as an `SSLError`."""

    def connect(_: object) -> None:
        raise HTTPError("wrapped") from cause

    monkeypatch.setattr(urllib3_tls._Connection, "connect", connect)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(kind) as caught:
        wrap(ours, own_context(), "localhost", wait)
    assert kind is not ssl.SSLError or "wrapped" in str(caught.value)


def test_many_threads_share_a_context() -> None:
    """Handshakes at the same time over one context do not disturb each other."""
    context = own_context()
    errors: list[BaseException] = []

    def shake() -> None:
        try:
            for _ in range(3):
                sock = socket.create_connection((server.host, server.port))
                sock.setblocking(False)
                wrap(sock, context, "localhost", wait).close()
        except BaseException as error:
            errors.append(error)

    with LoopbackServer(over_tls(server_context("localhost"), until_closed)) as server:
        threads = [threading.Thread(target=shake) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [] == errors
