# GENERATED from _async/test_mounts.py by tools/unasync.py. Do not edit.
"""`transports=` sends each request by the transport that its URL's pattern names."""

from __future__ import annotations

import pytest

from antiphon import Client, ResponseStream, Request, TransportOptions
from antiphon.errors import InvalidOptionError
from antiphon.models.transport_options import DEFAULT
from tests.loopback import HELLO, LoopbackServer, answering


class Named:
    """A transport that answers with its own name; a second real stack would show no more."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = 0

    def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> ResponseStream:
        """Answer at once."""
        return ResponseStream.of_bytes(request, 200, content=self.name.encode())

    def close(self) -> None:
        """Count how often this was closed."""
        self.closed += 1


def test_most_specific_pattern_decides() -> None:
    """A host beats its domain, a domain a scheme, and what matches nothing uses our own engine."""
    host, domain, scheme = Named("host"), Named("domain"), Named("scheme")
    with LoopbackServer(answering(HELLO)) as server:
        client = Client(
            transports={
                "https://": scheme,
                "all://*.example.com": domain,
                "all://api.example.com": host,
                "https://direct.example.com": None,
            }
        )
        with client:
            assert "host" == (client.get("http://api.example.com/")).text
            assert "domain" == (client.get("https://www.example.com/")).text
            assert "scheme" == (client.get("https://example.org/")).text
            assert "hello" == (client.get(server.url)).text
    assert [1, 1, 1] == [host.closed, domain.closed, scheme.closed]


def test_own_transport_is_the_default() -> None:
    """With `transport=` as well, that one carries what no pattern matches."""
    inner, outer = Named("inner"), Named("outer")
    with Client(
        transport=outer, transports={"all://a.test": inner, "http://": inner}
    ) as client:
        assert "inner" == (client.get("https://a.test/")).text
        assert "outer" == (client.get("https://b.test/")).text
    assert [1, 1] == [inner.closed, outer.closed]


def test_warming_up() -> None:
    """Connections are opened ahead of use where a transport can do that."""
    with LoopbackServer(answering(HELLO)) as server:
        with Client(transports={"https://": Named("mock")}) as client:
            assert 1 == client.warm_up([server.url, "https://a.test/"])
            assert "Mounts over" in repr(client._core.transport)


@pytest.mark.parametrize(
    ("transports", "error", "problem"),
    [
        ([], InvalidOptionError, "transports=: expected a mapping"),
        ({"internal": Named("a")}, InvalidOptionError, "'internal' is no pattern"),
        ({"https://a.test/path": Named("a")}, InvalidOptionError, "goes on after its host"),
        ({"https://": object()}, InvalidOptionError, "execute"),
    ],
)
def test_what_is_refused(transports: object, error: type[Exception], problem: str) -> None:
    """Patterns and transports that cannot work are refused when the client is made."""
    with pytest.raises(error, match=problem):
        Client(transports=transports)  # type: ignore[arg-type]


def test_transport_that_is_gone() -> None:
    """A transport without `close` is left alone."""

    class Bare:
        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            """Answer at once."""
            return ResponseStream.of_bytes(request, 204)

    with Client(transports={"http://": Bare()}) as client:
        assert 204 == (client.get("http://a.test/")).status
