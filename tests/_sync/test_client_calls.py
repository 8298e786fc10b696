# GENERATED from _async/test_client_calls.py by tools/unasync.py. Do not edit.
"""What a call sends and what it returns, over real connections."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import pytest

from antiphon import __version__
from antiphon._sync.client import Client
from antiphon.errors import (
    InternalServerError,
    InvalidJSONError,
    NotFoundError,
    RateLimitError,
    ResponseTooLargeError,
)
from antiphon.models.body import BytesBody
from antiphon.models.events import TransportObserver
from antiphon.models.headers import Headers
from antiphon.models.url import URL
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer


def test_the_plain_call() -> None:
    """A client without any setting fetches a URL; it needs no `with` and warns of nothing."""
    app = App({"/hello": answer(200, "hi", {"Content-Type": "text/plain", "X-Request-Id": "r1"})})
    with LoopbackServer(app) as server:
        response = Client().get(f"{server.url}/hello")

    assert (200, "hi", "GET", True) == (
        response.status,
        response.text,
        response.method,
        response.is_success,
    )
    assert "r1" == response.request_id
    assert URL(f"{server.url}/hello") == response.url


def test_default_headers() -> None:
    """A client names itself, takes anything and says which codings it can undo."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.get(server.url)

    assert f"antiphon/{__version__}" == app.last.headers["user-agent"]
    assert "*/*" == app.last.headers["accept"]
    assert app.last.headers["accept-encoding"].startswith("gzip, deflate")


@pytest.mark.parametrize(
    "method", ["GET", "OPTIONS", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"]
)
def test_verbs(method: str) -> None:
    """Each verb sends the method of its name."""
    app = App({"/": answer(200, "x")})
    with LoopbackServer(app) as server:
        with Client() as client:
            response = getattr(client, method.lower())(server.url)

    assert [method] == [request.method for request in app.requests]
    assert (b"" if method == "HEAD" else b"x") == response.content


def test_request_with_a_method_of_ones_own() -> None:
    """`request` writes standard methods in upper case and sends others as they are."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.request("get", server.url)
            client.request("Purge", server.url)

    assert ["GET", "Purge"] == [request.method for request in app.requests]


def test_params_are_added_to_the_query() -> None:
    """Lists repeat, booleans are in lower case, None is left out, the URL's own query stays."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(params={"key": "k", "page": 1}) as client:
            client.get(f"{server.url}/?a=1", params={"b": [2, 3], "c": True, "d": None})
            client.get(f"{server.url}/", params={"page": 2})

    assert ["a=1&key=k&page=1&b=2&b=3&c=true", "key=k&page=2"] == [r.query for r in app.requests]


def test_headers_of_the_call_go_over_those_of_the_client() -> None:
    """A header of the call replaces the client's, and None drops it."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(headers={"X-One": "1", "X-Two": "2", "User-Agent": None}) as client:
            client.get(server.url, headers={"x-one": "call", "X-Two": None})
            client.get(server.url, headers=Headers({"X-Three": "3"}))

    first, second = (request.headers for request in app.requests)
    assert ("call", False, False) == (first["x-one"], "x-two" in first, "user-agent" in first)
    assert ("1", "2", "3") == (second["x-one"], second["x-two"], second["x-three"])


@pytest.mark.parametrize(
    ("keywords", "content_type", "body"),
    [
        ({"json": {"a": [1, "é"]}}, "application/json", '{"a":[1,"é"]}'.encode()),
        ({"json": None}, "application/json", b"null"),
        ({"data": {"a": "1 2", "b": ["x", "y"]}}, "application/x-www-form-urlencoded", None),
        ({"content": b"\x00\x01"}, None, b"\x00\x01"),
        ({"content": "text"}, "text/plain; charset=utf-8", b"text"),
        ({"content": [b"a", b"b"]}, None, b"ab"),
        (lambda: {"content": iter([b"a", b"b"])}, None, b"ab"),
        (lambda: {"content": io.BytesIO(b"file")}, None, b"file"),
    ],
)
def test_bodies(keywords: object, content_type: str | None, body: bytes | None) -> None:
    """json, data and content are sent with the type that belongs to them."""
    given = keywords() if callable(keywords) else keywords
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.post(server.url, **given)

    assert content_type == app.last.headers.get("content-type")
    assert (b"a=1+2&b=x&b=y" if body is None else body) == app.last.body


def test_files_are_sent_as_a_multipart_form() -> None:
    """Files and fields make one multipart body, whose boundary stands in the header."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.post(server.url, data={"a": "1"}, files={"f": ("n.txt", b"data")})

    kind, _, boundary = app.last.headers["content-type"].partition("; boundary=")
    assert "multipart/form-data" == kind
    assert boundary.strip('"').encode() in app.last.body
    assert b'name="a"' in app.last.body
    assert b'filename="n.txt"' in app.last.body


def test_a_content_type_of_the_call_wins() -> None:
    """The caller knows better what the body is; a default of the client does not."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(headers={"Content-Type": "text/x-default"}) as client:
            client.post(server.url, json=1, headers={"Content-Type": "application/x+json"})
            client.post(server.url, json=1)
            client.post(server.url, content=b"raw")

    assert ["application/x+json", "application/json", "text/x-default"] == [
        request.headers["content-type"] for request in app.requests
    ]


def test_status_errors_are_raised_with_the_body() -> None:
    """A 4xx raises the error of its name: body, headers, request and attempts are in it."""
    app = App({"/limit": answer(429, '{"error": "slow down"}', {"Retry-After": "600"})})
    with LoopbackServer(app) as server:
        with Client() as client:
            with pytest.raises(NotFoundError) as not_found:
                client.get(f"{server.url}/nothing")
            with pytest.raises(RateLimitError) as limited:
                client.get(f"{server.url}/limit")

    error = not_found.value
    assert error.response is not None
    assert error.request is not None
    assert (404, b"nothing here") == (error.status, error.response.content)
    assert f"404 Reason for GET {server.url}/nothing: nothing here" == str(error)
    assert [404] == [attempt.status for attempt in error.attempts]
    assert 600.0 == limited.value.retry_after
    copy = pickle.loads(pickle.dumps(error))
    assert (str(error), 404, error.response) == (str(copy), copy.status, copy.response)


def test_raise_for_status_can_be_turned_off() -> None:
    """With `raise_for_status=False`, on the client or the call, the response is returned."""
    app = App({"/": answer(404, "gone")})
    with LoopbackServer(app) as server:
        with Client() as client:
            from_call = client.get(server.url, raise_for_status=False)
        with Client(raise_for_status=False) as client:
            from_client = client.get(server.url)
            with pytest.raises(NotFoundError):
                client.get(server.url, raise_for_status=True)

    assert (404, "gone") == (from_call.status, from_call.text)
    assert from_call == from_client
    with pytest.raises(NotFoundError):
        from_call.raise_for_status()


def test_max_response_bytes() -> None:
    """A body longer than the cap is not loaded; of an error the status stays the news."""
    app = App({"/": answer(200, b"x" * 100), "/broken": answer(500, b"y" * 100)})
    with LoopbackServer(app) as server:
        with Client(max_response_bytes=99, retry=None) as client:
            with pytest.raises(ResponseTooLargeError) as too_large:
                client.get(server.url)
            whole = client.get(server.url, max_response_bytes=100)
            with pytest.raises(InternalServerError) as failed:
                client.get(f"{server.url}/broken")

    assert (200, True) == (too_large.value.status, "max_response_bytes=99" in str(too_large.value))
    assert 100 == len(whole.content)
    assert failed.value.response is not None
    assert b"y" * 99 == failed.value.response.content
    assert ["the body goes on after these 99 bytes; not read"] == failed.value.__notes__


def test_compressed_bodies_are_decoded() -> None:
    """`content` is decoded, `content_length` is what went over the wire."""
    import gzip

    packed = gzip.compress(b"z" * 1000)
    app = App({"/": answer(200, packed, {"Content-Encoding": "gzip"})})
    with LoopbackServer(app) as server:
        with Client() as client:
            response = client.get(server.url)

    assert b"z" * 1000 == response.content
    assert len(packed) == response.content_length


def test_json_and_its_refusal() -> None:
    """`json()` parses the body; a body that is no JSON is named with its place and a snippet."""
    app = App({"/": answer(200, '{"a": 1}'), "/html": answer(200, "<html>")})
    with LoopbackServer(app) as server:
        with Client() as client:
            assert {"a": 1} == (client.get(server.url)).json()
            page = client.get(f"{server.url}/html")

    with pytest.raises(InvalidJSONError, match="is not JSON .*<html>") as caught:
        page.json()
    assert page is caught.value.response


def test_a_json_codec_of_ones_own() -> None:
    """`json_codec` writes the bodies and reads the responses of a client."""

    class Upper:
        def dumps(self, value: object) -> str:
            return json.dumps(value).upper()

        def loads(self, data: bytes) -> object:
            return data.decode().lower()

    app = App({"/": answer(200, "DONE")})
    with LoopbackServer(app) as server:
        with Client(json_codec=Upper()) as client:
            response = client.post(server.url, json={"a": "b"})

    assert (b'{"A": "B"}', "done") == (app.last.body, response.json())


def test_built_requests_are_sent_later_and_again() -> None:
    """`build_request` makes the request that a verb would send; `send` may send it many times."""
    app = App({"/a": answer(200, "done")})
    with LoopbackServer(app) as server:
        with Client(server.url, headers={"X-Default": "d"}) as client:
            request = client.build_request("post", "/a", params={"x": 1}, json=[1])
            first = client.send(request)
            second = client.send(request.with_header("X-More", "m"), timeout=5)

    assert (200, 200) == (first.status, second.status)
    sent = [(r.method, r.target, r.body, r.headers["x-default"]) for r in app.requests]
    assert [("POST", "/a?x=1", b"[1]", "d")] * 2 == sent
    assert "m" == app.last.headers["x-more"]


def test_a_body_is_read_anew_for_each_send(tmp_path: Path) -> None:
    """A request whose body is a file can be sent twice."""
    path = tmp_path / "body"
    path.write_bytes(b"0123456789")
    app = App({"/": answer()})
    with LoopbackServer(app) as server, path.open("rb") as file:
        with Client() as client:
            request = client.build_request("PUT", server.url, content=file)
            client.send(request)
            client.send(request)

    assert [b"0123456789"] * 2 == [request.body for request in app.requests]


def test_connections_are_reused() -> None:
    """Calls of one client go over one connection as long as one is enough."""
    app = App({"/": answer(200, b"x" * 100_000)})
    with LoopbackServer(app) as server:
        with Client() as client:
            for _ in range(3):
                client.get(server.url)

    assert {1} == {request.connection for request in app.requests}


def test_both_observers_are_told() -> None:
    """The client's observer and the call's hear the same events."""

    class Counting(TransportObserver):
        def __init__(self) -> None:
            self.heads: list[int] = []

        def response_started(self, status: int, headers: Headers) -> None:
            self.heads.append(status)

    ours, theirs = Counting(), Counting()
    app = App({"/": answer(204)})
    with LoopbackServer(app) as server:
        with Client(observer=ours) as client:
            client.get(server.url)
            client.get(server.url, observer=theirs)

    assert ([204, 204], [204]) == (ours.heads, theirs.heads)


def test_timings_and_elapsed() -> None:
    """A response knows how long each phase took; a reused connection was not opened again."""
    app = App({"/": answer(200, "x")})
    with LoopbackServer(app) as server:
        with Client() as client:
            first = client.get(server.url)
            second = client.get(server.url)

    assert first.timings.connect is not None
    assert first.timings.total is not None
    assert 0 < first.timings.total <= first.elapsed
    assert (None, None) == (second.timings.connect, second.timings.tls)
    assert [1] == [attempt.number for attempt in second.attempts]


def test_the_server_sees_the_host_header_of_the_call() -> None:
    """A Host header given by the caller replaces the one of the URL."""
    seen: list[str] = []

    def remember(request: Received) -> bytes:
        seen.append(request.headers["host"])
        return answer()

    with LoopbackServer(App({"/": remember})) as server:
        with Client() as client:
            client.get(server.url)
            client.get(server.url, headers={"Host": "other.example"})

    assert [f"127.0.0.1:{server.port}", "other.example"] == seen


def test_send_without_a_body() -> None:
    """A request that was built before is sent as it is."""
    app = App({"/": answer(200, "sent")})
    with LoopbackServer(app) as server:
        with Client() as client:
            response = client.send(client.build_request("GET", server.url))

    assert ("sent", "GET") == (response.text, app.last.method)


def test_what_is_kept_for_speed_is_bounded() -> None:
    """A client keeps what it built for 512 URLs and 16 content types at most."""
    with Client("http://example.com") as client:
        for number in range(600):
            request = client.build_request("GET", f"/{number}")
            assert f"/{number}" == request.url.path
            assert request is client.build_request("GET", f"/{number}")
        for number in range(20):
            body = BytesBody(b"x", f"application/x-{number}")
            request = client.build_request("POST", "/", content=body)
            assert body.content_type == request.headers["content-type"]
        assert len(client._builder.plain) <= 512
        assert len(client._builder._bodied_headers) <= 16
