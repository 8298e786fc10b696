# GENERATED from _async/test_client_refusals.py by tools/unasync.py. Do not edit.
"""What bad input gets: an error that names the argument, before anything is sent."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
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
def test_bad_arguments_of_a_call(
    keywords: dict[str, object], error: type[InvalidRequestError], named: str
) -> None:
    """The error names the argument, the value and what is right; the server hears nothing."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        arguments = {"method": "POST", "url": server.url, **keywords}
        with Client() as client:
            with pytest.raises(error) as caught:
                client.request(**arguments)
            with pytest.raises(error):
                with client.stream(**arguments):
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
def test_refusals_show_no_secrets(url: str, secret: str) -> None:
    """Userinfo and query values do not appear in the error of a bad URL."""
    with Client() as client:
        with pytest.raises(InvalidURLError) as caught:
            client.get(url)

    assert secret not in str(caught.value)
    assert secret not in repr(caught.value)


@pytest.mark.parametrize("policies", [None, 5, "retry", {"retry": 3}])
def test_policies_are_a_list(policies: object) -> None:
    """What is no list of policies is refused when the client is made."""
    with pytest.raises(InvalidOptionError, match="policies="):
        Client(policies=policies)


def test_send_takes_requests_only() -> None:
    """A URL given to `send` is refused with the way to make a request."""
    with Client() as client:
        with pytest.raises(InvalidOptionError, match="build_request"):
            client.send("http://example.com/")
        with pytest.raises(InvalidOptionError, match=r"send\(\) has no keyword params="):
            client.send(client.build_request("GET", "http://example.com/"), params={})
        with pytest.raises(InvalidOptionError, match=r"build_request\(\) has no keyword timeout="):
            client.build_request("GET", "http://example.com/", timeout=3)
        with pytest.raises(InvalidOptionError, match=r"with_options\(\) has no keyword limits="):
            client.with_options(limits=3)


def test_streams_are_entered_before_they_are_used() -> None:
    """Forgetting the `with` is told by the first attribute that is asked for."""
    with Client() as client:
        stream = client.stream("GET", "http://example.com/")
        with pytest.raises(AttributeError, match=r"with client\.stream"):
            _ = stream.status


def test_streams_are_entered_once() -> None:
    """The same `client.stream(...)` does not make a second call; its body may be gone."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            stream = client.stream("GET", server.url)
            with stream:
                pass
            with pytest.raises(UsageError, match="entered already"):
                with stream:
                    pass

    assert 1 == len(app.requests)
