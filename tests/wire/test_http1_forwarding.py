"""The absolute form of a request that a proxy forwards (RFC 9112, section 3.2.2)."""

from __future__ import annotations

import pytest

from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.wire.http1_forwarding import forwarded


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a.test", "http://a.test/"),
        ("http://a.test:80/b?c=d#e", "http://a.test/b?c=d"),
        ("http://user:secret@a.test:8080/b", "http://a.test:8080/b"),
        ("http://[fe80::1%25eth0]:81/", "http://[fe80::1]:81/"),
    ],
)
def test_targets(url: str, target: str) -> None:
    """Host and port as in Host, path and query; no userinfo, no zone, no fragment."""
    request = Request("GET", URL(url))

    assert (target, b"") == forwarded(request, Headers(), b"")


def test_lines() -> None:
    """The proxy's lines are added, but for fields that the request has itself."""
    request = Request("GET", URL("http://a.test"), Headers({"user-agent": "own", "X-Other": "1"}))
    lines = Headers({"Proxy-Authorization": "Basic YTpi", "User-Agent": "proxy"})

    _, extra = forwarded(request, lines, b"Content-Length: 0\r\n")

    assert b"Content-Length: 0\r\nProxy-Authorization: Basic YTpi\r\n" == extra
