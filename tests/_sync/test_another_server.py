# GENERATED from _async/test_another_server.py by tools/unasync.py. Do not edit.
"""Calls to a server that is not ours: Werkzeug's, by pytest-httpserver, which parses by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from werkzeug import Request as Received
from werkzeug import Response as Answer

from antiphon import Client, Headers, NotFoundError

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer


def echo(request: Received) -> Answer:
    """Answer with what the other side understood."""
    seen = {
        "method": request.method,
        "path": request.path,
        "args": request.args.to_dict(flat=False),
        "form": request.form.to_dict(flat=False),
        "files": {
            name: [file.filename, file.read().decode()] for name, file in request.files.items()
        },
        "json": request.get_json(silent=True),
        "cookies": dict(request.cookies),
        "auth": None if request.authorization is None else request.authorization.username,
    }
    return Answer(json.dumps(seen), content_type="application/json")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_and_parameters(httpserver: HTTPServer, method: str) -> None:
    """Method, path and query arrive as they were meant."""
    httpserver.expect_request("/a b/ü").respond_with_handler(echo)
    with Client(httpserver.url_for("/")) as client:
        response = client.request(method, "/a b/ü", params={"q": ["1", "2"], "r": "x&y"})
    seen = response.json()
    assert isinstance(seen, dict)
    assert (method, "/a b/ü") == (seen["method"], seen["path"])
    assert {"q": ["1", "2"], "r": ["x&y"]} == seen["args"]


def test_bodies(httpserver: HTTPServer) -> None:
    """JSON, forms and files are understood."""
    httpserver.expect_request("/").respond_with_handler(echo)
    with Client(httpserver.url_for("/")) as client:
        sent = client.post("", json={"name": "Ada", "tags": ["ä", None]})
        form = client.post("", data={"a": ["1", "2"], "b": "ü &="})
        files = client.post("", data={"k": "v"}, files={"f": ("n ü.txt", b"content")})
        chunked = client.post(
            "", content=iter([b"[1,", b"2]"]), headers={"Content-Type": "application/json"}
        )
    assert {"name": "Ada", "tags": ["ä", None]} == sent.json()["json"]  # type: ignore[index,call-overload]
    assert {"a": ["1", "2"], "b": ["ü &="]} == form.json()["form"]  # type: ignore[index,call-overload]
    seen = files.json()
    assert isinstance(seen, dict)
    assert ({"k": ["v"]}, {"f": ["n ü.txt", "content"]}) == (seen["form"], seen["files"])
    assert 200 == chunked.status


def test_credentials_and_cookies(httpserver: HTTPServer) -> None:
    """Basic authentication and cookies are understood, and cookies that it sets come back."""
    httpserver.expect_request("/set").respond_with_data(
        "", headers={"Set-Cookie": 'k="v w"; Path=/; Max-Age=60'}
    )
    httpserver.expect_request("/").respond_with_handler(echo)
    with Client(httpserver.url_for("/"), auth=("ada", "päss")) as client:
        client.get("/set")
        seen = (client.get("/")).json()
    assert isinstance(seen, dict)
    assert ("ada", {"k": "v w"}) == (seen["auth"], seen["cookies"])


def test_redirects_and_errors(httpserver: HTTPServer) -> None:
    """A redirect is followed, and a 404 raises with its body."""
    httpserver.expect_request("/old").respond_with_data("", 307, {"Location": "/new?x=1"})
    httpserver.expect_request("/new").respond_with_handler(echo)
    httpserver.expect_request("/gone").respond_with_json({"error": "it is gone"}, 404)
    with Client(httpserver.url_for("/")) as client:
        response = client.post("/old", json=[1])
        assert [307] == [hop.status for hop in response.history]
        assert [1] == response.json()["json"]  # type: ignore[index,call-overload]
        with pytest.raises(NotFoundError, match="it is gone"):
            client.get("/gone")


def test_streams(httpserver: HTTPServer) -> None:
    """A body that the other side makes piece by piece arrives piece by piece."""
    httpserver.expect_request("/").respond_with_handler(
        lambda request: Answer((f"line {n}\n" for n in range(3)), content_type="text/plain")
    )
    with (
        Client(headers=Headers({"Accept": "text/plain"})) as client,
        client.stream("GET", httpserver.url_for("/")) as stream,
    ):
        lines = [line for line in stream.iter_lines()]
    assert ["line 0", "line 1", "line 2"] == lines
