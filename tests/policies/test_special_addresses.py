"""Which addresses are on the public internet, for clients that must not leave it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.policies.special_addresses import is_local_name, special_kind

LOOPBACK, LINK_LOCAL = "a loopback address", "a link-local address"
PRIVATE, MULTICAST = "a private or reserved address", "a multicast address"
UNSPECIFIED = "the unspecified address"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", None),
        ("1.1.1.1", None),
        ("2606:4700:4700::1111", None),
        ("127.0.0.1", LOOPBACK),
        ("127.255.255.254", LOOPBACK),
        ("::1", LOOPBACK),
        ("0.0.0.0", UNSPECIFIED),
        ("::", UNSPECIFIED),
        ("0.1.2.3", PRIVATE),
        ("10.0.0.1", PRIVATE),
        ("172.16.0.1", PRIVATE),
        ("172.32.0.1", None),
        ("192.168.1.1", PRIVATE),
        ("100.64.0.1", PRIVATE),
        ("192.0.2.1", PRIVATE),
        ("198.18.0.1", PRIVATE),
        ("240.0.0.1", PRIVATE),
        ("255.255.255.255", PRIVATE),
        ("169.254.169.254", LINK_LOCAL),
        ("fe80::1", LINK_LOCAL),
        ("fe80::1%eth0", LINK_LOCAL),
        ("224.0.0.1", MULTICAST),
        ("ff02::1", MULTICAST),
        ("fc00::1", PRIVATE),
        ("fd12:3456::1", PRIVATE),
        ("fec0::1", PRIVATE),
        ("2001:db8::1", PRIVATE),
        ("::ffff:127.0.0.1", LOOPBACK),
        ("::ffff:10.0.0.1", PRIVATE),
        ("::ffff:8.8.8.8", None),
        ("::7f00:1", LOOPBACK),
        ("64:ff9b::a00:1", PRIVATE),
        ("64:ff9b::808:808", None),
        ("2002:7f00:1::", LOOPBACK),
        ("2002:a00:1::1", PRIVATE),
        ("2002:808:808::1", None),
    ],
)
def test_kinds(address: str, kind: str | None) -> None:
    """Each special block is known, in IPv6 addresses that hold an IPv4 address too."""
    assert kind == special_kind(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_embedding_hides_nothing(inner: IPv4Address) -> None:
    """An IPv4 address that is refused is refused in every IPv6 form of it."""
    number = int(inner)
    forms = [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x0064_FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    kind = special_kind(str(inner))

    assert all((special_kind(str(form)) is None) == (kind is None) for form in forms)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("localhost.", True),
        ("sub.localhost", True),
        ("mylocalhost", False),
        ("localhost.test", False),
        ("127.0.0.1", False),
    ],
)
def test_local_names(host: str, local: bool) -> None:
    """localhost and everything below it is this machine (RFC 6761)."""
    assert local == is_local_name(host)
