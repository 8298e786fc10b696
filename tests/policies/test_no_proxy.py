"""`NO_PROXY`: which hosts its entries cover."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.origin import Origin
from antiphon.models.url import URL
from antiphon.policies.no_proxy import NoProxy

CASES = [
    ("", "http://example.com", False),
    (" , ,", "http://example.com", False),
    ("*", "http://example.com", True),
    ("other.test,*", "http://[::1]", True),
    ("example.com", "http://example.com", True),
    ("EXAMPLE.com", "http://example.COM", True),
    ("example.com", "http://example.com.", True),
    ("example.com.", "http://example.com", True),
    ("example.com", "http://sub.example.com", True),
    ("example.com", "http://deep.sub.example.com", True),
    ("example.com", "http://notexample.com", False),
    ("example.com", "http://example.com.evil.test", False),
    ("example.com", "http://com", False),
    (".example.com", "http://sub.example.com", True),
    (".example.com", "http://example.com", True),
    ("*.example.com", "http://sub.example.com", True),
    ("sub.example.com", "http://example.com", False),
    ("a.test b.test\tc.test", "http://b.test", True),
    ("a.test, b.test", "https://b.test", True),
    ("example.com:8080", "http://example.com:8080", True),
    ("example.com:8080", "http://sub.example.com:8080", True),
    ("example.com:8080", "http://example.com", False),
    ("example.com:443", "https://example.com", True),
    ("example.com:80", "https://example.com", False),
    ("*:8080", "http://example.com:8080", True),
    ("*:8080", "http://[::1]:8080", True),
    ("*:8080", "http://example.com", False),
    ("bücher.test", "http://sub.bücher.test", True),
    ("BÜCHER.test", "http://xn--bcher-kva.test", True),
    ("xn--bcher-kva.test", "http://bücher.test", True),
    ("\u200d.test", "http://test", False),
    (".", "http://example.com", False),
    ("example.com:", "http://example.com", False),
    ("example.com:x", "http://example.com", False),
    ("localhost", "http://localhost:3000", True),
    ("localhost", "http://127.0.0.1", False),
    ("127.0.0.1", "http://127.0.0.1", True),
    ("127.0.0.1", "http://localhost", False),
    ("127.0.0.1:80", "http://127.0.0.1", True),
    ("127.0.0.1:80", "http://127.0.0.1:81", False),
    ("10.0.0.0/8", "http://10.255.1.2", True),
    ("10.0.0.1/8", "http://10.255.1.2", True),
    ("10.0.0.0/8", "http://11.0.0.1", False),
    ("10.0.0.0/8", "http://10.example.com", False),
    ("10.0.0.0/99", "http://10.0.0.1", False),
    ("0.0.0.0/0", "http://192.0.2.1", True),
    ("0.0.0.0/0", "http://[2001:db8::1]", False),
    ("0.0.0.0/0", "http://example.com", False),
    ("192.168.", "http://192.168.0.1", False),
    ("1", "http://0.0.0.1", False),
    ("::1", "http://[::1]", True),
    ("[::1]", "http://[::1]", True),
    ("[::1]:8080", "http://[::1]:8080", True),
    ("[::1]:8080", "http://[::1]", False),
    ("0:0:0:0:0:0:0:1", "http://[::1]", True),
    ("fd00::/8", "http://[fd12::1]", True),
    ("fd00::/8", "http://[fe80::1]", False),
    ("fe80::/10", "http://[fe80::1%25eth0]", True),
    ("fe80::1%eth0", "http://[fe80::1%25eth0]", True),
]


@pytest.mark.parametrize(("entries", "url", "covered"), CASES)
def test_entries(entries: str, url: str, covered: bool) -> None:
    """Names, domains, addresses and blocks, each with a port or without."""
    assert covered == NoProxy(entries).covers(URL(url).origin)


def test_repr_names_no_hosts() -> None:
    """What a machine's environment names is nobody's business."""
    assert "<NoProxy *>" == repr(NoProxy("a.test,*"))
    assert "<NoProxy 2>" == repr(NoProxy("a.test,10.0.0.0/8"))


@given(st.text(max_size=60), st.sampled_from(["example.com", "10.0.0.1", "::1", "fe80::1%eth0"]))
def test_any_text(text: str, host: str) -> None:
    """Any text is a list of entries, and asking it never fails."""
    assert NoProxy(text).covers(Origin("http", host, 80)) in {True, False}


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_blocks(base: int, length: int, noise: int, keep: int) -> None:
    """A block covers exactly the addresses in it."""
    network = IPv4Network((base, length), strict=False)
    mask = (0xFFFF_FFFF << (32 - keep)) & 0xFFFF_FFFF
    address = IPv4Address((base & mask) | (noise & ~mask))

    covered = NoProxy(str(network)).covers(Origin("http", str(address), 80))

    assert (address in network) == covered
