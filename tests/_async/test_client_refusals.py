# Source of _sync/test_client_refusals.py; after editing run: tox -e codegen
"""What bad input gets: an error that names the argument, before anything is sent."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    InvalidBodyError,
    InvalidHeaderError,
    InvalidMethodError,
    InvalidOptionError,
    InvalidRequestError,
    InvalidURLError,
    UsageError,
)
from tests.app import App, answer
from tests.loopback import LoopbackServer

REFUSED = [
    ({"url": "ftp://example.com/"}, InvalidURLError, "ftp"),
    ({"url": "http://exa mple/"}, InvalidURLError, ""),
    ({"url": 5}, InvalidURLError, "int"),
    ({"url": ["http://x/"]}, InvalidURLError, "list"),
    ({"method": "GE T"}, InvalidMethodError, "'GE T'"),
    ({"method": "GET\r\nX: y"}, InvalidMethodError, "method="),
    ({"method": ""}, InvalidMethodError, "method=''"),
    ({"method": 3}, InvalidMethodError, "method=3"),
    ({"method": "connect"}, InvalidMethodError, "tunnel"),
    ({"headers": {"X-A": "a\r\nX-B: b"}}, InvalidHeaderError, "X-A"),
    ({"headers": {"X A": "a"}}, InvalidHeaderError, "header name"),
    ({"headers": "X-A: a"}, InvalidHeaderError, "str"),
    ({"headers": {"Authorization": "to\nken"}}, InvalidHeaderError, "Authorization"),
    ({"params": 5}, InvalidURLError, "params"),
    ({"params": {"a": object()}}, InvalidURLError, "params['a']"),
    ({"json": {1, 2}}, InvalidBodyError, "json"),
    ({"json": float("nan")}, InvalidBodyError, "json"),
    ({"content": 5}, InvalidBodyError, "content"),
    ({"content": b"", "json": 1}, InvalidBodyError, "together"),
    ({"data": 5}, InvalidBodyError, "data"),
    ({"files": 5}, InvalidBodyError, "files"),
    ({"cookies": "a=1"}, InvalidOptionError, "cookies="),
    ({"cookies": {"a": "1;2"}}, InvalidOptionError, "'a'"),
    ({"timeout": "5"}, InvalidOptionError, "timeout"),
    ({"timeout": True}, InvalidOptionError, "timeout"),
    ({"retry": -1}, InvalidOptionError, "-1"),
    ({"auth": 5}, InvalidOptionError, "auth="),
    ({"cancel": 5}, InvalidOptionError, "CancelToken"),
    ({"observer": 5}, InvalidOptionError, "TransportObserver"),
    ({"follow_redirects": "no"}, InvalidOptionError, "follow_redirects='no'"),
    ({"max_response_bytes": -1}, InvalidOptionError, "max_response_bytes=-1"),
    ({"verify": False}, InvalidOptionError, "tls=TLSConfig"),
    ({"cert": "a"}, InvalidOptionError, "tls=TLSConfig"),
    ({"stream": True}, InvalidOptionError, "client.stream("),
    ({"allow_redirects": True}, InvalidOptionError, "follow_redirects="),
    ({"parms": {}}, InvalidOptionError, "did you mean params="),
    ({"proxy": "http://p"}, InvalidOptionError, "no keyword proxy="),
    ({"max_redirects": 1}, InvalidOptionError, "max_redirects="),
]


@pytest.mark.parametrize(("keywords", "error", "named"), REFUSED)
async def test_bad_arguments_of_a_call(
    keywords: dict[str, object], error: type[InvalidRequestError], named: str
) -> None:
    """The error names the argument, the value and what is right; the server hears nothing."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        arguments = {"method": "POST", "url": server.url, **keywords}
        async with AsyncClient() as client:
            with pytest.raises(error) as caught:
                await client.request(**arguments)
            with pytest.raises(error):
                async with client.stream(**arguments):
                    pass

    assert named in str(caught.value)
    assert [] == app.requests
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("ftp://user:hunter2@example.com/", "hunter2"),
        ("ftp://example.com/?key=hunter2", "hunter2"),
    ],
)
async def test_refusals_show_no_secrets(url: str, secret: str) -> None:
    """Userinfo and query values do not appear in the error of a bad URL."""
    async with AsyncClient() as client:
        with pytest.raises(InvalidURLError) as caught:
            await client.get(url)

    assert secret not in str(caught.value)
    assert secret not in repr(caught.value)


@pytest.mark.parametrize("policies", [None, 5, "retry", {"retry": 3}])
async def test_policies_are_a_list(policies: object) -> None:
    """What is no list of policies is refused when the client is made."""
    with pytest.raises(InvalidOptionError, match="policies="):
        AsyncClient(policies=policies)


async def test_send_takes_requests_only() -> None:
    """A URL given to `send` is refused with the way to make a request."""
    async with AsyncClient() as client:
        with pytest.raises(InvalidOptionError, match="build_request"):
            await client.send("http://example.com/")
        with pytest.raises(InvalidOptionError, match=r"send\(\) has no keyword params="):
            await client.send(client.build_request("GET", "http://example.com/"), params={})
        with pytest.raises(InvalidOptionError, match=r"build_request\(\) has no keyword timeout="):
            client.build_request("GET", "http://example.com/", timeout=3)
        with pytest.raises(InvalidOptionError, match=r"with_options\(\) has no keyword limits="):
            client.with_options(limits=3)


async def test_streams_are_entered_before_they_are_used() -> None:
    """Forgetting the `with` is told by the first attribute that is asked for."""
    async with AsyncClient() as client:
        stream = client.stream("GET", "http://example.com/")
        with pytest.raises(AttributeError, match=r"with client\.stream"):
            _ = stream.status


async def test_streams_are_entered_once() -> None:
    """The same `client.stream(...)` does not make a second call; its body may be gone."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            stream = client.stream("GET", server.url)
            async with stream:
                pass
            with pytest.raises(UsageError, match="entered already"):
                async with stream:
                    pass

    assert 1 == len(app.requests)
