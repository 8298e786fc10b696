"""`NO_PROXY`: the hosts that are reached directly, whatever proxies the environment names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from antiphon.models.origin import Origin

    _Address: TypeAlias = IPv4Address | IPv6Address
    _Network: TypeAlias = IPv4Network | IPv6Network

_SEPARATORS = re.compile(r"[,\s]+")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]{1,5})")


class NoProxy:
    """The entries of `NO_PROXY`, separated by commas or white space, read as curl reads them.

    - `*`: every host
    - `example.com`: that host and everything below it; a leading dot or `*.` changes nothing
    - `10.0.0.1`, `::1`, `[::1]`: that address, however it is written
    - `10.0.0.0/8`, `fd00::/8`: the addresses of a block; a name is not looked up for that
    - any of them (IPv6 in brackets) with `:port`: that port only

    What is none of these matches nothing.
    """

    __slots__ = ("_addresses", "_all", "_names", "_ports")

    def __init__(self, text: str) -> None:
        self._all = False
        self._ports: set[int] = set()
        self._names: list[tuple[str, int | None]] = []
        self._addresses: list[tuple[_Network, int | None]] = []
        for entry in _SEPARATORS.split(text.lower()):
            if entry:
                self._add(entry)

    def _add(self, entry: str) -> None:
        if entry == "*":
            self._all = True
            return
        port = None
        split = _HOST_AND_PORT.fullmatch(entry)
        if split is not None:
            entry, port = split["host"], int(split["port"])
        if entry == "*" and port is not None:
            self._ports.add(port)
            return
        network = _network(entry.strip("[]"))
        if network is not None:
            self._addresses.append((network, port))
            return
        name = _ascii(entry.removeprefix("*").strip("."))
        if name:
            self._names.append((name, port))

    def covers(self, origin: Origin) -> bool:
        """Whether `origin` is to be reached directly."""
        if self._all or origin.port in self._ports:
            return True
        host = origin.host.partition("%")[0].rstrip(".")
        address = _address(host) if self._addresses or self._names else None
        if address is not None:
            return any(
                port in {None, origin.port}
                and address.version == network.version
                and address in network
                for network, port in self._addresses
            )
        return any(
            port in {None, origin.port} and (host == name or host.endswith(f".{name}"))
            for name, port in self._names
        )

    def __repr__(self) -> str:
        count = len(self._names) + len(self._addresses) + len(self._ports)
        return f"<NoProxy {'*' if self._all else count}>"


def _ascii(name: str) -> str:
    """Return a name in the form that it has in URLs; one that no host can have, as it is."""
    if name.isascii():
        return name
    from antiphon.models.url_host import InvalidHost, normalise_host

    try:
        return normalise_host(name)
    except InvalidHost:
        return name


def _network(text: str) -> _Network | None:
    from ipaddress import ip_network

    try:
        return ip_network(text.partition("%")[0], strict=False)
    except ValueError:
        return None


def _address(host: str) -> _Address | None:
    from ipaddress import ip_address

    try:
        return ip_address(host)
    except ValueError:
        return None
