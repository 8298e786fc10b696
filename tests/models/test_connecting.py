"""`Connecting`: what its settings may be."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.connecting import Connecting

if TYPE_CHECKING:
    from collections.abc import Callable


def test_defaults() -> None:
    """By default nothing is asked for."""
    connecting = Connecting()

    assert (None, None, (), "auto", True, ()) == (
        connecting.uds,
        connecting.local_address,
        connecting.socket_options,
        connecting.ip_version,
        connecting.allow_private,
        connecting.families,
    )


def test_values() -> None:
    """Paths may be paths, and options any sequence; the value can be a key of a dict."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (1, 2, b"value")]

    connecting = Connecting(uds=Path("/run/socket"), socket_options=options)

    assert ("/run/socket", tuple(options)) == (connecting.uds, connecting.socket_options)
    same = Connecting(uds="/run/socket", socket_options=tuple(options))
    assert 1 == len({connecting, same})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Connecting(uds=3), r"Connecting\(uds=\.\.\.\): got int"),  # type: ignore[arg-type]
        (lambda: Connecting(uds=""), "the path of a unix socket as text"),
        (lambda: Connecting(uds="/a\0b"), "a path without NUL behind its start"),
        (lambda: Connecting(uds=Path("/a"), allow_private=False), "leave local_address and"),
        (lambda: Connecting(uds="/a", local_address="127.0.0.1"), "leave local_address and"),
        (lambda: Connecting(local_address="localhost"), "got 'localhost', expected an IP"),
        (lambda: Connecting(local_address=5), "got 5, expected an IP"),  # type: ignore[arg-type]
        (lambda: Connecting(local_address="::1", ip_version="4"), "is no IPv4 address"),
        (lambda: Connecting(ip_version=4), "got 4, expected one of 'auto', '4'"),  # type: ignore[arg-type]
        (lambda: Connecting(allow_private=0), "got 0, expected True or False"),  # type: ignore[arg-type]
        (lambda: Connecting(socket_options="abc"), "got str, expected .level"),  # type: ignore[arg-type]
        (lambda: Connecting(socket_options=3), "got int, expected .level"),  # type: ignore[arg-type]
        (lambda: Connecting(socket_options=[(1, 2)]), r"got \(1, 2\), expected"),  # type: ignore[list-item]
        (lambda: Connecting(socket_options=[(1, 2, 2**31)]), "expected .level"),
        (lambda: Connecting(socket_options=[(1, 2, "3")]), "expected .level"),  # type: ignore[list-item]
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    """What cannot be meant is refused when it is given, naming the setting and what is right."""
    with pytest.raises(InvalidOptionError, match=words):
        make()


def test_systems_without_unix_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no unix sockets, asking for one says so."""
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(InvalidOptionError, match="this system has no unix sockets"):
        Connecting(uds="/run/socket")
