"""How connections are made: from where, by which addresses, and to which ones not."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Literal, get_args

import attrs

from antiphon.errors import InvalidOptionError

IPVersion = Literal["auto", "4", "6", "prefer4", "prefer6"]
SocketOption = tuple[int, int, "int | bytes"]


def _path(value: str | os.PathLike[str] | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        _refuse("uds", type(value).__name__, "the path of a unix socket")
    path = os.fspath(value)
    if not isinstance(path, str) or not path:
        _refuse("uds", repr(path)[:80], "the path of a unix socket as text")
    # A path ends at a NUL; an abstract name of Linux begins with one (unix(7)).
    if "\0" in path[1:]:
        _refuse("uds", repr(path)[:80], "a path without NUL behind its start")
    if not hasattr(socket, "AF_UNIX"):
        raise InvalidOptionError("Connecting(uds=...): this system has no unix sockets")
    return path


def _options(value: Sequence[SocketOption]) -> tuple[SocketOption, ...]:
    expected = "(level, option, value) as socket.setsockopt takes them, a sequence of those"
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        _refuse("socket_options", type(value).__name__, expected)
    options = tuple(value)
    for option in options:
        fits = (
            isinstance(option, tuple)
            and len(option) == 3
            and _is_c_int(option[0])
            and _is_c_int(option[1])
            and (isinstance(option[2], bytes) or _is_c_int(option[2]))
        )
        if not fits:
            _refuse("socket_options", repr(option)[:80], expected)
    return options


def _is_c_int(value: object) -> bool:
    return isinstance(value, int) and -(2**31) <= value < 2**31


def _refuse(name: str, got: str, expected: str) -> None:
    raise InvalidOptionError(f"Connecting({name}=...): got {got}, expected {expected}")


@attrs.frozen(kw_only=True)
class Connecting:
    """Settings of the sockets that a client opens; whom a name stands for is `resolve=`.

    Raises InvalidOptionError for settings that cannot be meant.
    """

    uds: str | None = attrs.field(default=None, converter=_path)
    """Connect to this unix socket, whatever host a URL names; the host still goes into `Host`, and
    TLS is for it. Proxies of the environment are left out."""
    local_address: str | None = None
    """The IPv4 or IPv6 address of this machine to connect from; only addresses of its kind are
    connected to then."""
    socket_options: tuple[SocketOption, ...] = attrs.field(default=(), converter=_options)
    """(level, option, value) for `socket.setsockopt`, set before connecting."""
    ip_version: IPVersion = "auto"
    """Which addresses of a name to try: "auto" as the system sorts them (RFC 6724), "prefer4" or
    "prefer6" beginning with that kind, "4" or "6" that kind only."""
    allow_private: bool = True
    """False: connect to public addresses only, at every redirect too. Private, loopback, link-local
    and other special addresses then raise DestinationRefusedError."""

    def __attrs_post_init__(self) -> None:
        if self.ip_version not in get_args(IPVersion):
            _refuse(
                "ip_version",
                repr(self.ip_version)[:20],
                "one of " + ", ".join(repr(name) for name in get_args(IPVersion)),
            )
        if not isinstance(self.allow_private, bool):
            _refuse("allow_private", repr(self.allow_private)[:20], "True or False")
        if self.local_address is not None:
            self._check_local_address()
        if self.uds is not None and (self.local_address is not None or not self.allow_private):
            raise InvalidOptionError(
                "Connecting(uds=...): a unix socket is on this machine and has no address; "
                "leave local_address and allow_private out"
            )

    def _check_local_address(self) -> None:
        from ipaddress import ip_address

        try:
            # str(): of an int it would make an address too.
            version = ip_address(str(self.local_address)).version
        except ValueError:
            _refuse("local_address", repr(self.local_address)[:60], "an IP address")
        else:
            if self.ip_version in {"4", "6"} and self.ip_version != str(version):
                raise InvalidOptionError(
                    f"Connecting(local_address={self.local_address!r}): is no IPv{self.ip_version} "
                    "address, which ip_version asks for"
                )

    @property
    def families(self) -> tuple[socket.AddressFamily, ...]:
        """The kinds of address to connect to, the preferred one first; empty for any."""
        four, six = socket.AF_INET, socket.AF_INET6
        if self.local_address is not None:
            return (six,) if ":" in self.local_address else (four,)
        return {"4": (four,), "6": (six,), "prefer4": (four, six), "prefer6": (six, four)}.get(
            self.ip_version, ()
        )
