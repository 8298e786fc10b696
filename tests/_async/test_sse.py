# Source of _sync/test_sse.py; after editing run: tox -e codegen
"""`client.sse()`: what is sent, what is read, and how it ends."""

from __future__ import annotations

import threading

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    ClientClosedError,
    ContentTypeError,
    InvalidOptionError,
    NotFoundError,
    ResponseTooLargeError,
    ServiceUnavailableError,
    StatusError,
    StreamClosed,
    UsageError,
)
from antiphon.models.server_sent_event import ServerSentEvent
from antiphon.policies.reconnect import Reconnect
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer
from tests.servers import Scripted, until_closed

TYPE = {"Content-Type": "text/event-stream"}
OPEN_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
DONE = answer(204)
AT_ONCE = Reconnect(delay=0)


def stream(text: str, **headers: str) -> bytes:
    """Return an event stream that is complete."""
    return answer(200, text, {**TYPE, **headers})


async def events_of(source: object) -> list[ServerSentEvent]:
    return [event async for event in source]


async def data_of(source: object) -> list[str]:
    return [event.data async for event in source]


async def test_events_over_several_connections() -> None:
    """The stream is opened again when it ends, from the last id on, until the server says 204."""
    app = App(
        {
            "/": Sequence(
                stream("id: 1\ndata: a\n\nevent: x\ndata: b\n\nid: 9\ndata: lost"),
                stream("data: c\n\nid: 3\n\n"),
                stream("id\ndata: d\n\n"),
                DONE,
            )
        }
    )
    with LoopbackServer(app) as server:
        async with AsyncClient() as client, client.sse(server.url, reconnect=AT_ONCE) as source:
            found = await events_of(source)
            again = await events_of(source)

    assert [
        ServerSentEvent("message", "a", "1"),
        ServerSentEvent("x", "b", "1"),
        ServerSentEvent("message", "c", "1"),
        ServerSentEvent("message", "d", ""),
    ] == found
    assert [] == again
    assert [None, "1", "3", None] == [r.headers.get("last-event-id") for r in app.requests]
    # Bodies that ended well leave the connection to the next one.
    assert {1} == {request.connection for request in app.requests}


async def test_what_is_sent() -> None:
    """Accept and Cache-Control go over the client's, and give way to the call's own."""
    app = App({"/v1/e": DONE})
    with LoopbackServer(app) as server:
        client = AsyncClient(f"{server.url}/v1", headers={"Accept": "text/html", "X-A": "1"})
        async with client:
            for headers in (None, {"accept": "*/*", "X-A": "2", "Cache-Control": None}):
                async with client.sse("e", params={"q": 1}, headers=headers) as source:
                    assert [] == await events_of(source)
            await client.get("e")

    assert ("GET", "/v1/e?q=1") == (app.requests[0].method, app.requests[0].target)
    sent = [
        [r.headers.get(name) for name in ("accept", "cache-control", "x-a")] for r in app.requests
    ]
    assert ["text/event-stream", "no-store", "1"] == sent[0]
    assert ["*/*", None, "2"] == sent[1]
    assert ["text/html", None, "1"] == sent[2]


async def test_going_on_where_another_run_ended() -> None:
    """`last_event_id=` is sent with the first request; the source tells the id to keep."""
    app = App({"/": Sequence(stream("data: a\n\nid: é8\ndata: b\n\n"), DONE)})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient() as client,
            client.sse(server.url, last_event_id="7", reconnect=AT_ONCE) as source,
        ):
            ids = [source.last_event_id]
            async for event in source:
                ids.append(source.last_event_id)
                assert event.id == source.last_event_id

    assert ["7", "7", "é8"] == ids
    assert ["7", "é8".encode().decode("latin-1")] == [
        request.headers["last-event-id"] for request in app.requests
    ]


async def test_a_header_of_the_call_names_the_first_id_too() -> None:
    """A Last-Event-ID among the headers is kept until the server names one."""
    app = App({"/": Sequence(stream("data: a\n\n"), stream("id: 2\ndata: b\n\n"), DONE)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            headers = {"Last-Event-ID": "1"}
            async with client.sse(server.url, headers=headers, reconnect=AT_ONCE) as source:
                assert ["a", "b"] == await data_of(source)

    assert ["1", "1", "2"] == [request.headers["last-event-id"] for request in app.requests]


async def test_every_connection_passes_the_pipeline() -> None:
    """Auth, cookies and redirects are those of any call, each time."""
    app = App(
        {
            "/old": redirect("/new", 307),
            "/new": Sequence(stream("id: 1\ndata: a\n\n", **{"Set-Cookie": "seen=yes"}), DONE),
        }
    )
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(server.url, auth=("user", "pass")) as client,
            client.sse("/old", reconnect=AT_ONCE) as source,
        ):
            assert ["a"] == await data_of(source)

    assert ["/old", "/new", "/old", "/new"] == [request.path for request in app.requests]
    assert all(request.headers["authorization"].startswith("Basic ") for request in app.requests)
    assert [None, None, "seen=yes", "seen=yes"] == [r.headers.get("cookie") for r in app.requests]
    assert [None, None, "1", "1"] == [r.headers.get("last-event-id") for r in app.requests]


async def test_bodies_are_sent_again() -> None:
    """A request with a body is made again with it, where reconnecting was asked for."""
    app = App({"/": Sequence(stream("data: a\n\n"), stream("data: b\n\n"), DONE)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            source = client.sse(server.url, method="POST", json={"q": 1}, reconnect=AT_ONCE)
            async with source:
                assert ["a", "b"] == await data_of(source)

    assert [("POST", b'{"q":1}')] * 3 == [(r.method, r.body) for r in app.requests]


@pytest.mark.parametrize("options", [{"method": "POST", "json": 1}, {"reconnect": None}])
async def test_one_connection(options: dict[str, object]) -> None:
    """A POST is not made again by itself, nothing is with reconnect=None: the end is the end."""
    app = App({"/": stream("data: a\n\n")})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client, client.sse(server.url, **options) as source:
            assert ["a"] == await data_of(source)
            assert [] == await data_of(source)

    assert 1 == len(app.requests)


async def test_leaving_closes_at_once() -> None:
    """The connection of an endless stream is dropped when the block is left, and reading refused."""
    gone = threading.Event()

    def endless(connection: object) -> None:
        connection.sendall(OPEN_HEAD + b"data: a\n\n")
        until_closed(connection)
        gone.set()

    with LoopbackServer(Scripted([endless])) as server:
        async with AsyncClient() as client:
            async with client.sse(f"{server.url}/?key=hunter2") as source:
                async for event in source:
                    assert "a" == event.data
                    break
            assert gone.wait(10)

            with pytest.raises(StreamClosed, match="their block was left") as caught:
                await source.__anext__()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("response", "expected", "words"),
    [
        (answer(404, "no such feed"), NotFoundError, "404 Reason for GET .*: no such feed"),
        (answer(503), ServiceUnavailableError, "503"),
        (answer(201, "x", TYPE), StatusError, "201"),
        (answer(304), StatusError, "304"),
        (answer(302, "", TYPE), StatusError, "302"),
        (answer(200, "hello", {"Content-Type": "text/html"}), ContentTypeError, "'text/html'"),
        (answer(200, "hello"), ContentTypeError, "no Content-Type"),
    ],
)
async def test_answers_that_end_it(response: bytes, expected: type[Exception], words: str) -> None:
    """Any answer but 200 with events is final, at the first connection and at a later one."""
    app = App({"/": response, "/later": Sequence(stream("data: a\n\n"), response)})
    with LoopbackServer(app) as server:
        async with AsyncClient(server.url, raise_for_status=False) as client:
            options = {"reconnect": AT_ONCE, "follow_redirects": False}
            with pytest.raises(expected, match=words) as caught:
                async with client.sse("/", **options):
                    pytest.fail("entered")
            assert expected is type(caught.value)
            async with client.sse("/later", **options) as source:
                assert "a" == (await source.__anext__()).data
                with pytest.raises(expected, match=words) as caught:
                    await source.__anext__()
                assert [] == await events_of(source)

    assert int(response[9:12]) == caught.value.status
    assert ["/", "/later", "/later"] == [request.path for request in app.requests]


async def test_a_retry_of_the_call_counts_for_each_connection() -> None:
    """Statuses are tried again if the call says so; what the client says does not count."""
    routes = {"/": Sequence(answer(503), stream("data: a\n\n"), answer(503), DONE)}
    again = Retry(2, base_delay=0)
    with LoopbackServer(App(routes)) as server:
        async with (
            AsyncClient(retry=again) as client,
            client.sse(server.url, reconnect=AT_ONCE, retry=again) as source,
        ):
            assert ["a"] == await data_of(source)
    with LoopbackServer(App({"/": answer(503)})) as server:
        async with AsyncClient(retry=again) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                async with client.sse(server.url):
                    pytest.fail("entered")

    assert 1 == len(caught.value.attempts)


async def test_events_have_a_limit() -> None:
    """An event over `max_event_bytes` ends it: another connection would get it again."""
    app = App({"/": stream("data: 1\n\ndata: 123456\n\n")})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient() as client,
            client.sse(server.url, reconnect=AT_ONCE, max_event_bytes=9) as source,
        ):
            assert "1" == (await source.__anext__()).data
            with pytest.raises(ResponseTooLargeError, match="max_event_bytes=9"):
                await source.__anext__()
            assert [] == await events_of(source)

    assert 1 == len(app.requests)


class Upper:
    """A codec whose results can be told from those of others."""

    def dumps(self, value: object, /) -> bytes:
        return b"null"

    def loads(self, data: bytes, /) -> object:
        return data.decode().upper()


async def test_json_goes_by_the_client() -> None:
    """`event.json()` uses the codec of the client, at every connection."""
    app = App({"/": Sequence(stream("data: a\n\n"), stream("data: b\n\n"), DONE)})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(json_codec=Upper()) as client,
            client.sse(server.url, reconnect=AT_ONCE) as source,
        ):
            assert ["A", "B"] == [event.json() for event in await events_of(source)]


async def test_wrong_use() -> None:
    """It is entered before it is read, and once; nothing is sent before."""
    app = App({"/": DONE})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            source = client.sse(server.url)
            with pytest.raises(UsageError, match="enter it first: `async with client.sse"):
                await source.__anext__()
            assert [] == app.requests
            async with source:
                with pytest.raises(UsageError, match="entered already"):
                    await source.__aenter__()

    assert 1 == len(app.requests)


async def test_wrong_options() -> None:
    """Values out of range and unknown keywords are refused before anything is sent."""
    async with AsyncClient() as client:
        for options, words in (
            ({"idle_timeout": 0}, "idle_timeout=0"),
            ({"max_event_bytes": 0}, "max_event_bytes=0"),
            ({"last_event_id": "a\nb"}, "last_event_id="),
            ({"reconnect": 3}, "reconnect=3"),
            (
                {"reconnect": AT_ONCE, "method": "PUT", "content": iter([b"x"])},
                "it cannot be sent again",
            ),
            ({"verify": False}, "sse.. has no keyword verify="),
        ):
            with pytest.raises(InvalidOptionError, match=words):
                client.sse("http://a.test/", **options)


async def test_closed_clients() -> None:
    """A closed client makes no source, and one that is closed later ends those it made."""
    app = App({"/": stream("data: a\n\n")})
    with LoopbackServer(app) as server:
        client = AsyncClient()
        source = client.sse(server.url, reconnect=AT_ONCE)
        async with source:
            assert "a" == (await source.__anext__()).data
            await client.aclose()
            with pytest.raises(ClientClosedError):
                await source.__anext__()
        with pytest.raises(ClientClosedError):
            client.sse(server.url)


async def test_repr() -> None:
    """It tells where from and in which state, and no secrets."""
    app = App({"/": Sequence(stream("data: a\n\n"), DONE)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            source = client.sse(f"{server.url}/?key=hunter2", reconnect=AT_ONCE)
            shown = [repr(source)]
            async with source:
                shown.append(repr(source))
                await events_of(source)
                shown.append(repr(source))
            shown.append(repr(source))

    where = f"<{type(source).__name__} GET {server.url}/?key=***"
    states = ["not entered", "open", "ended", "closed"]
    assert [f"{where}, {state}>" for state in states] == shown
