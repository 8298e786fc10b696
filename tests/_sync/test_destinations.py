# GENERATED from _async/test_destinations.py by tools/unasync.py. Do not edit.
"""Where a client does not go: plain http, and hosts that are not on its list."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import DestinationRefusedError, InsecureRequestError
from antiphon.models.headers import Headers
from antiphon.policies.allowed_hosts import AllowedHosts
from antiphon.policies.https_only import HTTPSOnly
from tests._sync.memory_transport import Answering
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer


def test_https_only_by_policy_and_by_call() -> None:
    """Plain http is refused before anything is sent; a call may say otherwise, either way."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(policies=[HTTPSOnly()]) as client:
            with pytest.raises(InsecureRequestError, match="this client asks for https only"):
                client.get(server.url)
            with pytest.raises(InsecureRequestError, match="this call asks for https only"):
                client.get(server.url, https_only=True)
            assert [] == app.requests
            client.get(server.url, https_only=False)
        with Client() as client:
            with pytest.raises(InsecureRequestError, match="this call asks") as caught:
                client.get(f"{server.url}/?key=secret", https_only=True)
            client.get(server.url)
            with pytest.raises(InsecureRequestError):
                client.with_options(https_only=True).get(server.url)

    assert 2 == len(app.requests)
    assert "secret" not in str(caught.value)
    assert ("GET", ()) == (
        caught.value.request and caught.value.request.method,
        caught.value.attempts,
    )


def test_loopback_may_be_exempt() -> None:
    """With allow_loopback this machine is asked by http, other machines are not."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(policies=[HTTPSOnly(allow_loopback=True)]) as client:
            client.get(server.url)
            client.get(server.url, https_only=True)
            with pytest.raises(InsecureRequestError):
                client.get("http://192.0.2.1/")

    assert 2 == len(app.requests)


@pytest.mark.parametrize("by_call", [False, True])
def test_a_redirect_out_of_https(by_call: bool) -> None:
    """A redirect from https to http is not followed, and the error says where it came from."""
    transport = Answering(302, 200, headers=Headers({"Location": "http://plain.example/"}))
    policies = [] if by_call else [HTTPSOnly()]
    with Client(transport=transport, policies=policies) as client:
        options = {"https_only": True} if by_call else {}
        with pytest.raises(
            InsecureRequestError, match="where a redirect of https://a.example"
        ) as e:
            client.get("https://a.example/", **options)

    assert ["https://a.example/"] == [str(request.url) for request in transport.requests]
    assert [302] == [attempt.status for attempt in e.value.attempts]


def test_allowed_hosts() -> None:
    """Only hosts of the list are asked, at redirects as well; the error names both sides."""
    theirs = App({"/": answer()})
    app = App({"/": answer()})
    with LoopbackServer(theirs) as other, LoopbackServer(app) as server:
        app.routes["/leave"] = redirect(other.url)
        here = f"127.0.0.1:{server.port}"
        with Client(policies=[AllowedHosts([here, "*.example.com"])]) as client:
            client.get(server.url)
            with pytest.raises(DestinationRefusedError) as caught:
                client.get(other.url)
            with pytest.raises(DestinationRefusedError, match=f"a redirect of {server.url} leads"):
                client.get(f"{server.url}/leave")

    assert (
        f"GET {other.url}/ is refused: {other.url} is not among the hosts that this client may "
        f"talk to: {here}, *.example.com; nothing was sent there"
    ) == str(caught.value)
    assert ([], ["/", "/leave"]) == (theirs.requests, [r.path for r in app.requests])


def test_both_and_over_tls() -> None:
    """Https to a host of the list passes both."""
    transport = Answering()
    policies = [AllowedHosts(["https://*.example.com", "api.example:8443"]), HTTPSOnly()]
    with Client(transport=transport, policies=policies) as client:
        client.get("https://api.example.com/")
        client.get("https://api.example:8443/")
        for url in ("https://example.com/", "https://api.example/"):
            with pytest.raises(DestinationRefusedError):
                client.get(url)
        with pytest.raises(InsecureRequestError):
            client.get("http://api.example.com/")

    assert 2 == len(transport.requests)
