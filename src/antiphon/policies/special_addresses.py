"""Which addresses are not on the public internet, for clients that must not reach others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def special_kind(address: str) -> str | None:
    """Say what kind of special address this is, such as "a loopback address"; None: a public one.

    Special is what the registries of IANA do not call globally reachable (RFC 6890), and multicast.
    An IPv6 address that holds an IPv4 address (mapped, 6to4, NAT64) is both, for there may
    be something on the way that takes it for the other.
    """
    from ipaddress import IPv6Address, ip_address

    ip = ip_address(address.partition("%")[0])
    kind = _kind(ip)
    if kind is None and isinstance(ip, IPv6Address):
        for inner in _embedded(ip):
            kind = kind or _kind(inner)
    return kind


def is_local_name(host: str) -> bool:
    """Whether a name means this machine wherever it is looked up (RFC 6761, section 6.3)."""
    name = host.rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    # Mapped addresses are judged by what is in them; Python versions differ about the outside.
    if ip.version == 6 and ip.ipv4_mapped is not None:
        return _kind(ip.ipv4_mapped)
    if ip.is_loopback:
        return "a loopback address"
    if ip.is_unspecified:
        return "the unspecified address"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if not ip.is_global or (ip.version == 6 and ip.is_site_local):
        return "a private or reserved address"
    return None


def _embedded(ip: IPv6Address) -> list[IPv4Address]:
    from ipaddress import IPv4Address

    inner = [] if ip.sixtofour is None else [ip.sixtofour]
    # RFC 6052, section 2.1: the well-known prefix of NAT64; RFC 4291, section 2.5.5.1: what were
    # called IPv4-compatible addresses.
    if int(ip) >> 32 in {0x0064_FF9B << 64, 0}:
        inner.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    return inner
