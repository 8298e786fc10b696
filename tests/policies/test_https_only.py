"""Which requests `HTTPSOnly` refuses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antiphon.errors import InsecureRequestError, InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.https_only import HTTPSOnly


def refused(policy: HTTPSOnly, url: str, https_only: bool | None = None) -> bool:
    request = Request("GET", URL(url))
    options = CallOptions(https_only=https_only)
    call = CallContext(options, DEFAULT, 0.0, request.url.origin)
    refusal = policy.refusal(request, call)
    assert refusal is None or isinstance(refusal, InsecureRequestError)
    return refusal is not None


@pytest.mark.parametrize(
    ("url", "strict", "lenient"),
    [
        ("https://a.example/", False, False),
        ("http://a.example/", True, True),
        ("http://localhost:8080/", True, False),
        ("http://api.localhost./", True, False),
        ("http://127.0.0.1/", True, False),
        ("http://127.9.9.9/", True, False),
        ("http://[::1]/", True, False),
        ("http://[::ffff:127.0.0.1]/", True, False),
        ("http://10.0.0.1/", True, True),
        ("http://169.254.169.254/", True, True),
        ("http://localhost.example/", True, True),
        ("http://notlocalhost/", True, True),
    ],
)
def test_what_is_refused(url: str, strict: bool, lenient: bool) -> None:
    """Plain http; this machine may be left out."""
    assert (strict, lenient) == (
        refused(HTTPSOnly(), url),
        refused(HTTPSOnly(allow_loopback=True), url),
    )


def test_the_word_of_a_call() -> None:
    """False lets a call pass, True and None leave it to the policy."""
    answers = [refused(HTTPSOnly(), "http://a.example", word) for word in (False, True, None)]

    assert [False, True, True] == answers


def test_the_setting() -> None:
    """allow_loopback is True or False; equal settings are equal policies."""
    with pytest.raises(InvalidOptionError, match="allow_loopback='yes'"):
        HTTPSOnly(allow_loopback="yes")  # type: ignore[arg-type]

    assert HTTPSOnly() == HTTPSOnly(allow_loopback=False)
    assert "HTTPSOnly(allow_loopback=True)" == repr(HTTPSOnly(allow_loopback=True))


@given(st.ip_addresses())
@example(IPv4Address("127.255.255.255"))
@example(IPv6Address("::1"))
def test_addresses(address: IPv4Address | IPv6Address) -> None:
    """Over http no address passes but those of loopback, and these only where they may."""
    host = f"[{address}]" if address.version == 6 else str(address)
    mapped = getattr(address, "ipv4_mapped", None) or address

    assert refused(HTTPSOnly(), f"http://{host}/")
    assert refused(HTTPSOnly(allow_loopback=True), f"http://{host}/") is not mapped.is_loopback
    assert not refused(HTTPSOnly(), f"https://{host}/")
