"""Which hosts `AllowedHosts` lets pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.allowed_hosts import AllowedHosts
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions


def allowed(policy: AllowedHosts, url: str) -> bool:
    request = Request("GET", URL(url))
    return (
        policy.refusal(request, CallContext(CallOptions(), DEFAULT, 0.0, request.url.origin))
        is None
    )


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (
            "api.example.com",
            ["https://api.example.com/", "http://API.example.com:81/"],
            ["https://example.com/", "https://x.api.example.com/", "https://api.example.com./"],
        ),
        (
            "*.example.com",
            ["https://a.example.com/", "https://a.b.example.com/"],
            ["https://example.com/", "https://notexample.com/", "https://example.com.evil/"],
        ),
        ("api.example.com:8443", ["https://api.example.com:8443/"], ["https://api.example.com/"]),
        ("https://a.example", ["https://a.example:9/"], ["http://a.example/"]),
        ("https://", ["https://anybody.example/"], ["http://anybody.example/"]),
        ("münchen.example", ["https://xn--mnchen-3ya.example/"], ["https://munchen.example/"]),
        ("[::1]:80", ["http://[::1]/"], ["http://127.0.0.1/"]),
        ("192.0.2.1", ["http://192.0.2.1/", "http://0xC0.0.2.1/"], ["http://192.0.2.2/"]),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    """Hosts, domains, ports and schemes; the whole name counts, never a part of it."""
    policy = AllowedHosts([pattern])

    assert ([True] * len(yes), [False] * len(no)) == (
        [allowed(policy, url) for url in yes],
        [allowed(policy, url) for url in no],
    )


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ("api.example.com", "give a list of hosts"),
        (3, "give a list of hosts"),
        ([], "allows nobody"),
        ([""], "'' is no host"),
        (["a.example/path"], "goes on after its host"),
        (["ftp://a.example"], "is no pattern"),
        (["ada:hunter2@a.example"], "is no pattern"),
        ([3], "give a list of hosts"),
        ([[]], "give a list of hosts"),
        ([{}], "give a list of hosts"),
        ({"a.example": True}, "give a list of hosts"),
        (b"a.example", "give a list of hosts"),
        ("ada:hunter2@a.example", r"AllowedHosts\(\*\*\*\): give a list"),
        (["*"], "everything below a domain"),
        (["https://*"], "everything below a domain"),
        (["*.*.example"], "everything below a domain"),
        (["api*.example"], "everything below a domain"),
        (["a.*.example"], "everything below a domain"),
        (["a.example", "all://A.example"], "says the same as another"),
    ],
)
def test_what_is_no_list(patterns: Any, said: str) -> None:
    """A slip in a list is refused when it is made, and a password in it is not shown."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        AllowedHosts(patterns)

    assert "hunter2" not in str(caught.value)


def test_values() -> None:
    """Equal lists are equal policies; a long one is shown in part by its error."""
    many = AllowedHosts([f"h{number}.example" for number in range(12)])
    request = Request("GET", URL("https://x.example"))
    refusal = many.refusal(request, CallContext(CallOptions(), DEFAULT, 0.0, request.url.origin))

    assert AllowedHosts(["a.example"]) == AllowedHosts(("a.example",))
    assert "AllowedHosts(['a.example', '*.b.example'])" == repr(
        AllowedHosts(["a.example", "*.b.example"])
    )
    assert "h9.example and 2 more; nothing" in str(refusal)


LABELS = st.lists(st.sampled_from(["a", "b", "example", "com", "xexample"]), min_size=1, max_size=5)


@given(LABELS)
def test_a_star_stands_for_whole_labels(labels: list[str]) -> None:
    """`*.example.com` lets pass what ends in it and has more in front, and nothing else."""
    host = ".".join(labels)

    below = host.endswith(".example.com")

    assert below is allowed(AllowedHosts(["*.example.com"]), f"https://{host}/")
    assert (host == "example.com") is allowed(AllowedHosts(["example.com"]), f"https://{host}/")
