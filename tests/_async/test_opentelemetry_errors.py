# Source of _sync/test_opentelemetry_errors.py; after editing run: tox -e codegen
"""How spans of OpenTelemetry end when calls fail, and what they say of it."""

from __future__ import annotations

import pytest
from opentelemetry.context import get_current
from opentelemetry.trace import StatusCode

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    ConnectError,
    ContentDecodingError,
    NotFoundError,
    RemoteProtocolError,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer
from tests.spans import Spans, facts

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing"), "/old": redirect("/")}


@pytest.fixture
def spans() -> Spans:
    return Spans()


async def test_the_context_is_put_back_after_errors(spans: Spans) -> None:
    """However a call ends, what was current before it is current again."""
    before = get_current()
    token = CancelToken()
    token.cancel()
    with LoopbackServer(App({**PLAIN, "/lost": b""})) as server:
        async with AsyncClient(policies=[spans.policy()], retry=None) as client:
            with pytest.raises(NotFoundError):
                await client.get(f"{server.url}/no")
            with pytest.raises(RemoteProtocolError):
                await client.get(f"{server.url}/lost")
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)
            async with client.stream("GET", server.url) as stream:
                assert before == get_current()
                await stream.read()
            assert before == get_current()

    missing, _, lost, lost_call, cancelled, *_ = spans.ended()
    assert (StatusCode.ERROR, None) == (missing.status.status_code, missing.status.description)
    assert "404" == facts(missing)["error.type"]
    for span in (lost, lost_call):
        assert "remote_protocol_error" == facts(span)["error.type"]
        assert StatusCode.ERROR is span.status.status_code
        assert span.status.description is not None
        assert "closed" in span.status.description
    assert "request_cancelled" == facts(cancelled)["error.type"]


async def test_no_connection(spans: Spans) -> None:
    """A request that never was sent has a span with its error, and no status."""
    async with AsyncClient(policies=[spans.policy()], retry=None) as client:
        with pytest.raises(ConnectError):
            await client.get("http://127.0.0.1:9/")

    request, _ = spans.ended()
    assert "connect_error" == facts(request)["error.type"]
    assert "http.response.status_code" not in facts(request)


async def test_an_error_of_others(spans: Spans) -> None:
    """Of an error that is not antiphon's the text is not shown: it may hold anything."""

    class Wrong:
        async def execute(self, request, options):
            raise LookupError("a secret")

    async with AsyncClient(transport=Wrong(), policies=[spans.policy()]) as client:
        with pytest.raises(LookupError):
            await client.get("http://example.com/")

    assert [("LookupError", "LookupError")] * 2 == [
        (facts(span)["error.type"], span.status.description) for span in spans.ended()
    ]


@pytest.mark.parametrize(
    ("answered", "error_type", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nSet-Cookie a-secret\r\n\r\n", "remote_protocol_error", "no colon"),
        (
            answer(200, "a-secret", {"Content-Encoding": "gzip"}),
            "content_decoding",
            "not valid gzip",
        ),
    ],
)
async def test_errors_that_quote_the_server(
    spans: Spans, answered: bytes, error_type: str, words: str
) -> None:
    """What the server sent is in the error for its caller, and not in the trace."""
    with LoopbackServer(App({"/": answered})) as server:
        async with AsyncClient(policies=[spans.policy()], retry=None) as client:
            with pytest.raises((RemoteProtocolError, ContentDecodingError), match="a-secret"):
                await client.get(server.url)

    for span in spans.ended():
        assert error_type == facts(span)["error.type"]
        assert span.status.description is not None
        assert words in span.status.description
        assert "secret" not in span.status.description
