"""`resolve={"host": "ip"}`: what it may hold, and which entry counts."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.policies.address_overrides import AddressOverrides


@pytest.mark.parametrize(
    ("host", "port", "addresses"),
    [
        ("api.test", 443, ("192.0.2.1",)),
        ("api.test", 8443, ("192.0.2.2", "2001:db8::1")),
        ("xn--mnchen-3ya.test", 80, ("192.0.2.3",)),
        ("::1", 80, ("192.0.2.4",)),
        ("::1", 81, ("192.0.2.5",)),
        ("10.0.0.1", 80, ("192.0.2.6",)),
        ("other.test", 80, None),
        ("sub.api.test", 80, None),
    ],
)
def test_entries(host: str, port: int, addresses: tuple[str, ...] | None) -> None:
    """A host with its port goes before the host alone; hosts are compared as URLs write them."""
    overrides = AddressOverrides(
        {
            "API.test": "192.0.2.1",
            "api.test:8443": ["192.0.2.2", "2001:DB8:0::1"],
            "münchen.test": ("192.0.2.3",),
            "::1": "192.0.2.4",
            "[::1]:81": "192.0.2.5",
            "10.0.0.1": "192.0.2.6",
        }
    )
    assert addresses == overrides.addresses_of(host, port)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"": "192.0.2.1"}, r"the keys are hosts"),
        ({"http://a.test": "192.0.2.1"}, r"the keys are hosts"),
        ({"a.test/path": "192.0.2.1"}, r"the keys are hosts"),
        ({"user@a.test": "192.0.2.1"}, r"the keys are hosts"),
        ({"a.test:x": "192.0.2.1"}, r"the keys are hosts"),
        ({3: "192.0.2.1"}, r"resolve=\{3: \.\.\.\}: the keys are hosts"),
        ({"a.test": "b.test"}, r"'b.test'\}: the values are IP addresses"),
        ({"a.test": "192.0.2.1:80"}, r"the values are IP addresses"),
        ({"a.test": ["192.0.2.1", 5]}, r"'a.test': 5\}: the values are IP addresses"),
        ({"a.test": []}, r"give one address or more"),
        ({"a.test": None}, r"'a.test': None\}: give an IP address, or a list of them"),
        ({"a.test": 5}, r"'a.test': 5\}: give an IP address, or a list of them"),
    ],
)
def test_refusals(given: dict[str, str], words: str) -> None:
    """What is no host or no address is refused, and the error names the entry."""
    with pytest.raises(InvalidOptionError, match=words):
        AddressOverrides(given)
