# GENERATED from _async/test_client_refusals.py by tools/unasync.py. Do not edit.
"""What bad input gets: an error that names the argument, before anything is sent."""

from __future__ import annotations

from pathlib import Path

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
    WrongFlavourError,
)
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
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
    ({"method": []}, InvalidMethodError, "method=[]"),
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


@pytest.mark.parametrize("urls", [None, 5, "http://a.test/", URL("http://a.test/")])
def test_urls_to_warm_up_are_several(urls: object) -> None:
    """What is not several URLs is refused, a single one above all: its letters are no URLs."""
    with Client() as client:
        with pytest.raises(InvalidOptionError, match="urls: give a list of URLs"):
            client.warm_up(urls)


@pytest.mark.parametrize("path", [None, 5, "", b"x", "a\0b", "\ud800", ["x"]])
def test_paths_name_files(path: object) -> None:
    """What names no file is refused by each method that takes a path, numbers too."""
    with Client() as client:
        with pytest.raises(InvalidOptionError, match="path: .* names no file"):
            client.save_cookies(path)
        with pytest.raises(InvalidOptionError, match="path: .* names no file"):
            client.load_cookies(path)
    if path is not None:
        with pytest.raises(InvalidOptionError, match="env_file: .* names no file"):
            Client.from_env(env_file=path)


@pytest.mark.parametrize("value", [None, 5, {}])
def test_settings_of_another_type(value: object) -> None:
    """Configurations and prefixes of other types are refused."""
    with pytest.raises(InvalidOptionError, match="config: got .*, expected a ClientConfig"):
        Client.from_config(value)
    with pytest.raises(InvalidOptionError, match="prefix: got"):
        Client.from_env(value)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("method", None, "the method of the request is of type NoneType, not a str"),
        ("url", "http://a.test/", "the url of the request is of type str, not a URL"),
        ("headers", {"a": "b"}, "the headers of the request is of type dict, not Headers"),
        ("body", b"x", "the body of the request is of type bytes, not a Body or None"),
    ],
)
def test_requests_of_wrong_parts(part: str, value: object, words: str) -> None:
    """A request made by hand of parts that it cannot have is refused before anything is sent."""
    parts = {"method": "GET", "url": URL("http://a.test/"), "headers": Headers(), "body": None}
    request = Request(**{**parts, part: value})  # type: ignore[arg-type]
    with Client() as client:
        with pytest.raises(InvalidOptionError, match=words):
            client.send(request)


class Subclass(Request):
    """A request that knows more."""

    __slots__ = ("note",)


def test_requests_may_be_of_a_subclass() -> None:
    """A subclass of Request is one."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.send(Subclass("GET", URL(server.url)))
    assert 1 == len(app.requests)


def asks_for_nothing(request: Request, call: object, next: object) -> object:
    return next("http://a.test/")  # type: ignore[operator]


def yields_nothing(request: Request, call: object) -> object:
    yield None


class YieldsNothing:
    def auth_flow(self, request: Request) -> object:
        yield "a request"


class GivesNothing:
    def execute(self, request: Request, options: object = None) -> object:
        return None


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        (
            {"policies": [asks_for_nothing]},
            InvalidOptionError,
            r"next\(\) takes a Request, not str",
        ),
        ({"policies": [yields_nothing]}, InvalidOptionError, "`yield` of .* takes a Request, not"),
        ({"auth": YieldsNothing()}, InvalidOptionError, "`yield` of .* takes a Request, not str"),
        ({"transport": GivesNothing()}, WrongFlavourError, "returned NoneType"),
    ],
)
def test_code_that_passes_on_something_else(
    settings: dict[str, object], error: type[Exception], words: str
) -> None:
    """Policies, auths and transports of one's own are told what they got wrong."""
    with Client(**settings) as client:
        with pytest.raises(error, match=words):
            client.get("http://a.test/")


def test_a_file_that_is_closed_before_it_is_sent(tmp_path: Path) -> None:
    """A file that was closed after its request was built is refused by name."""
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with Client() as client:
        with path.open("rb") as file:
            request = client.build_request("POST", "http://127.0.0.1:9/", content=file)
        with pytest.raises(InvalidBodyError, match="the file in content is closed"):
            request.body.chunks()
        with pytest.raises(InvalidBodyError, match="the file in content is closed"):
            request.body.file_span()


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
