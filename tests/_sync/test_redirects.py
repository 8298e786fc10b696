# GENERATED from _async/test_redirects.py by tools/unasync.py. Do not edit.
"""Redirects as a step of the pipeline; the table of decisions is tested with its brain."""

from __future__ import annotations

import pytest

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import ReadError, RedirectError, TooManyRedirects, TransportError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.models.url import URL
from antiphon.policies.retry import Retry
from tests._sync.memory_transport import Answering
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer


def test_a_chain_is_followed() -> None:
    """The last answer is returned; `history` has the others, oldest first, `attempts` all tries."""
    app = App({"/a": redirect("/b", 301), "/b": redirect("c?x=1", 307), "/c": answer(200, "there")})
    with LoopbackServer(app) as server:
        with Client() as client:
            response = client.get(f"{server.url}/a#part")

    assert ("there", URL(f"{server.url}/c?x=1#part")) == (response.text, response.url)
    assert [(301, "/a"), (307, "/b")] == [(r.status, r.url.path) for r in response.history]
    assert [301, 307, 200] == [attempt.status for attempt in response.attempts]
    assert [1, 2, 3] == [attempt.number for attempt in response.attempts]
    assert b"moved" == response.history[0].content
    assert {1} == {request.connection for request in app.requests}


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"{}"),
        (308, "POST", b"{}"),
    ],
)
def test_methods_and_bodies(status: int, method: str, body: bytes) -> None:
    """301, 302 and 303 turn POST into GET without its body; 307 and 308 send both again."""
    app = App({"/": redirect("/end", status), "/end": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.post(server.url, json={})

    assert (method, body) == (app.last.method, app.last.body)
    assert bool(body) == ("content-type" in app.last.headers)


def test_a_stream_is_not_sent_twice() -> None:
    """A body that cannot be sent again stops a 307, and says what would help."""
    app = App({"/": redirect("/end", 307), "/end": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            with pytest.raises(RedirectError, match="cannot be sent again") as caught:
                client.post(server.url, content=iter([b"a"]))

    assert (307, [307]) == (caught.value.status, [a.status for a in caught.value.attempts])
    assert ["/"] == [request.path for request in app.requests]


@pytest.mark.parametrize("where", ["client", "call"])
def test_following_can_be_turned_off(where: str) -> None:
    """With `follow_redirects=False` the redirect is the response."""
    app = App({"/": redirect("/end"), "/end": answer(200, "end")})
    with LoopbackServer(app) as server:
        with Client(follow_redirects=where == "call") as client:
            off = {"follow_redirects": False} if where == "call" else {}
            response = client.get(server.url, **off)
            followed = client.get(server.url, follow_redirects=True)

    assert (302, "/end", ()) == (response.status, response.headers["location"], response.history)
    assert "end" == followed.text


def test_loops_and_limits() -> None:
    """A loop ends, and so does a chain longer than `max_redirects`; the error shows the way."""
    app = App({"/": redirect("/"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(30)}})
    with LoopbackServer(app) as server:
        with Client() as client:
            with pytest.raises(TooManyRedirects, match="loop"):
                client.get(server.url)
            with pytest.raises(TooManyRedirects, match="max_redirects=20") as caught:
                client.get(f"{server.url}/0")
            asked = len(app.requests)
            with pytest.raises(TooManyRedirects, match="max_redirects=2"):
                client.with_options(max_redirects=2).get(f"{server.url}/0")

    assert 21 == len(caught.value.attempts)
    assert 3 == len(app.requests) - asked


@pytest.mark.parametrize("location", ["ftp://example.com/", "http://[bad/", "https://"])
def test_locations_that_lead_nowhere(location: str) -> None:
    """A Location that is no http or https URL is a RedirectError."""
    with LoopbackServer(App({"/": redirect(location)})) as server:
        with Client() as client:
            with pytest.raises(RedirectError, match="Location"):
                client.get(server.url)


def test_streams_follow_redirects() -> None:
    """A stream is that of the last answer; what was dropped on the way is closed."""
    app = App({"/": redirect("/end"), "/end": answer(200, "end")})
    with LoopbackServer(app) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            assert b"end" == stream.read()

    assert [302] == [response.status for response in stream.history]


def test_each_hop_has_its_own_attempts() -> None:
    """Retries count from one again at every hop, and the record shows them all."""
    app = App(
        {
            "/": Sequence(answer(503), answer(503), redirect("/end")),
            "/end": Sequence(answer(503), answer(503), answer(200)),
        }
    )
    with LoopbackServer(app) as server:
        with Client(retry=Retry(base_delay=0)) as client:
            response = client.get(server.url)

    assert [503, 503, 302, 503, 503, 200] == [attempt.status for attempt in response.attempts]


def test_an_error_after_a_redirect_has_the_whole_record() -> None:
    """When the second hop fails, the error knows the first one too."""
    app = App({"/": redirect("/end"), "/end": b""})
    with LoopbackServer(app) as server:
        with Client(retry=None) as client:
            with pytest.raises(TransportError) as caught:
                client.get(server.url)

    assert [302, None] == [attempt.status for attempt in caught.value.attempts]
    assert caught.value is caught.value.attempts[-1].error
    assert not isinstance(caught.value, ReadError) or caught.value.sent == "maybe"


def test_interrupted_while_leaving_an_answer() -> None:
    """What is raised while a redirect is left is raised as it is, and nothing more is asked."""

    class Interrupted(BytesSource):
        def close(self) -> None:
            raise KeyboardInterrupt

    class Moved(Answering):
        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            self.requests.append(request)
            headers = Headers({"Location": "/next"})
            return ResponseStream(
                request=request, status=302, headers=headers, source=Interrupted(b"")
            )

    transport = Moved()
    with Client(transport=transport) as client:
        with pytest.raises(KeyboardInterrupt):
            client.stream("GET", "http://example.com/").__enter__()
    assert 1 == len(transport.requests)
