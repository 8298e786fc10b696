"""The server that examples in the documentation talk to as https://api.example.com."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.app import Received, answer, receive, redirect
from tests.servers import until_closed

if TYPE_CHECKING:
    import socket


def as_json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> bytes:
    """Return a response with a JSON body."""
    return answer(
        status, json.dumps(value), {"Content-Type": "application/json", **(headers or {})}
    )


COMPLETION = "".join(
    f"event: delta\ndata: {data}\n\n"
    for data in ('{"text": "Hello"}', '{"text": ", Ada"}', "[DONE]")
)


def events_after(last: int) -> bytes:
    """Return the next two events of three; there are no more after the third."""
    words = list(enumerate(("started", "working", "done"), 1))[last : last + 2]
    if not words:
        return answer(204)
    text = "retry: 1\n" + "".join(f"id: {number}\ndata: {word}\n\n" for number, word in words)
    return answer(200, text, {"Content-Type": "text/event-stream"})


class ExampleServer:
    """Answers by path, below `/v1` as at the root; `/slow` never answers.

    `/uneven` answers every second request, and no other.
    """

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        while (request := receive(connection)) is not None:
            path = request.path.removeprefix("/v1")
            self.seen[path] = self.seen.get(path, 0) + 1
            if path == "/slow" or (path == "/uneven" and self.seen[path] % 2):
                until_closed(connection)
                return
            response = self.respond(path, request)
            if request.method == "HEAD":
                response = response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            status = HTTPStatus(int(response[9:12]))
            connection.sendall(response.replace(b" Reason", b" " + status.phrase.encode(), 1))

    def respond(self, path: str, request: Received) -> bytes:
        """Return the answer to a request."""
        match path:
            case "/users/1":
                return as_json({"id": 1, "name": "Ada"}, headers={"X-Request-Id": "req-7"})
            case "/users" if request.method == "POST":
                return as_json({"id": 2, **json.loads(request.body)}, 201)
            case "/users":
                link = '<https://api.example.com/users?page=2>; rel="next"'
                return as_json([{"id": 1, "name": "Ada"}], headers={"Link": link})
            case "/echo":
                return as_json(
                    {
                        "method": request.method,
                        "query": request.query,
                        "headers": request.headers,
                        "body": request.body.decode("latin-1"),
                    }
                )
            case "/private" if "authorization" not in request.headers:
                return as_json({"error": "who are you?"}, 401, {"WWW-Authenticate": "Token"})
            case "/private":
                return as_json({"hello": request.headers["authorization"].split()[0]})
            case "/digest" if not request.headers.get("authorization", "").startswith("Digest "):
                challenge = 'Digest realm="r", nonce="abc", qop="auth", algorithm=SHA-256'
                return as_json({"error": "who are you?"}, 401, {"WWW-Authenticate": challenge})
            case "/digest":
                return as_json({"hello": "Digest"})
            case "/token":
                token = f"token-{self.seen[path]}"
                return as_json({"access_token": token, "token_type": "Bearer", "expires_in": 3600})
            case "/device":
                return as_json(
                    {
                        "device_code": "GmRhmhcxhwAzkoEqiMEg",
                        "user_code": "WDJB-MJHT",
                        "verification_uri": "https://api.example.com/enter",
                        "expires_in": 1800,
                        "interval": 0.01,
                    }
                )
            case "/login":
                return redirect("/me", 303, {"Set-Cookie": "session=abc; HttpOnly; Path=/"})
            case "/me":
                return as_json({"cookie": request.headers.get("cookie", "")})
            case "/old":
                return redirect("/new", 301)
            case "/loop":
                return redirect("/loop")
            case "/uneven":
                return answer(200, "at last")
            case "/new":
                return answer(200, "here now", {"Content-Type": "text/plain"})
            case "/flaky" if self.seen[path] % 3:
                return as_json({"error": "try again"}, 503)
            case "/busy":
                return as_json({"error": "slow down"}, 429, {"Retry-After": "120"})
            case "/flaky" | "/upload" | "/reports":
                return as_json({"received": len(request.body)})
            case "/export":
                return answer(200, "id,name\n1,Ada\n", {"Content-Type": "text/csv"})
            case "/log":
                chunks = "".join(f"{len(x):x}\r\n{x}\r\n" for x in ("one\ntw", "o\nthree\n", ""))
                head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                return f"{head}Transfer-Encoding: chunked\r\n\r\n{chunks}".encode()
            case "/big":
                return answer(200, b"x" * 1_000_000)
            case "/events":
                return events_after(int(request.headers.get("last-event-id", "0")))
            case "/completions":
                return answer(200, COMPLETION, {"Content-Type": "text/event-stream"})
            case "/rows":
                return answer(200, '{"id": 1, "name": "Ada"}\n\n{"id": 2, "name": "Grace"}\n')
            case "/catalogue":
                return as_json({"items": 3}, headers={"Cache-Control": "max-age=60"})
            case "/html":
                return answer(200, "<!doctype html>", {"Content-Type": "text/html"})
            case _:
                return as_json({"error": "there is nothing here"}, 404)
