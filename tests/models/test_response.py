"""`Response`: a frozen answer with its body loaded."""

from __future__ import annotations

import pickle

import attrs
import pytest

from antiphon.errors import InvalidJSONError, NotFoundError
from antiphon.models.attempt import Attempt
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.timings import Timeline, Timings
from antiphon.models.url import URL

REQUEST = Request("GET", URL("https://example.com/a/b?word=hunter2"))


def response(status: int = 200, content: bytes = b"", **headers: str | list[str]) -> Response:
    """Return a response; content_type= is Content-Type."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, Headers(named), content, REQUEST, reason="Reason")


def test_responses_are_frozen() -> None:
    """Nothing can be assigned."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        response().status = 201


@pytest.mark.parametrize(
    ("status", "success"), [(199, False), (200, True), (299, True), (300, False), (404, False)]
)
def test_is_success(status: int, success: bool) -> None:
    """2xx is success; `status_code` is `status`."""
    assert (status, success) == (response(status).status_code, response(status).is_success)


@pytest.mark.parametrize(
    ("headers", "length"),
    [({}, None), ({"content_length": "12"}, 12), ({"content_length": "x"}, None)],
    ids=str,
)
def test_content_length(headers: dict[str, str], length: int | None) -> None:
    """The declared length, None if there is none that can be read."""
    assert length == response(**headers).content_length


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({}, None),
        ({"x_request_id": "a"}, "a"),
        ({"request_id": "b"}, "b"),
        ({"x_amzn_RequestId": "c"}, "c"),
        ({"x_request_id": "a", "request_id": "b"}, "a"),
    ],
    ids=str,
)
def test_request_id(headers: dict[str, str], request_id: str | None) -> None:
    """The id under whichever of the common names the server uses."""
    assert request_id == response(**headers).request_id


def test_text_is_decoded_once() -> None:
    """`text` follows the charset and is kept."""
    answer = response(content="é".encode("latin-1"), content_type="text/plain; charset=latin-1")

    assert ("é", "iso8859-1") == (answer.text, answer.encoding)
    assert answer.text is answer.text


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"a": "\xc3\xa9"}', "application/json"),
        (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', "application/json"),
        ('{"a": "é"}'.encode("utf-16"), "application/json"),
        (b'{"a": "\xe9"}', "application/json; charset=iso-8859-1"),
        (b'{"a": "\xc3\xa9"}', "text/plain; charset=utf-8"),
    ],
)
def test_json(content: bytes, content_type: str) -> None:
    """JSON is UTF-8, -16 or -32 by itself, and in another charset if the header says so."""
    assert {"a": "é"} == response(content=content, content_type=content_type).json()


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"a":', b"\xff\xfe\x00", b"[" * 100_000])
def test_bodies_that_are_no_json(content: bytes) -> None:
    """The error names the request, redacted, and carries the response."""
    with pytest.raises(InvalidJSONError, match="is not JSON") as caught:
        response(content=content).json()

    assert "hunter2" not in str(caught.value)
    assert content == caught.value.response.content


def test_cookies() -> None:
    """The names and values that this response sets; the last of a name counts."""
    answer = response(set_cookie=["a=1; Path=/", "b=x=y", "novalue", "=nameless", "a=2"])

    assert {"a": "2", "b": "x=y"} == answer.cookies


def test_links() -> None:
    """The Link header by relation type, resolved against the URL."""
    answer = response(link='<?page=2>; rel="next", </last>; rel=last')

    assert URL("https://example.com/a/b?page=2") == answer.links["next"].url
    assert URL("https://example.com/last") == answer.links["last"].url


def test_raise_for_status() -> None:
    """A 2xx or 3xx returns itself; a 4xx raises the error of its name with the response in it."""
    good, bad = response(302), response(404, b"nothing")

    assert good is good.raise_for_status()
    with pytest.raises(NotFoundError) as caught:
        bad.raise_for_status()
    assert bad is caught.value.response


def test_equality_leaves_times_out() -> None:
    """Responses are equal when what was answered is, however long it took."""
    one = response(200, b"x")
    slow = attrs.evolve(one, elapsed=5.0, attempts=(Attempt(1, "GET", REQUEST.url, status=200),))

    assert one == slow
    assert hash(one) == hash(slow)
    for other in (response(201, b"x"), response(200, b"y"), response(200, b"x", a="b")):
        assert one != other
    assert one != "x"


def test_repr_is_short_and_redacted() -> None:
    """`repr` has status, redacted URL, size and type."""
    answer = response(200, b"abc", content_type="text/plain; charset=utf-8")

    assert "<Response 200 GET https://example.com/a/b?word=***, 3 bytes, text/plain>" == repr(
        answer
    )


def test_pickle() -> None:
    """All comes back but the JSON codec."""
    timeline = Timeline(1.0)
    timeline.finished = 3.0
    failed = Attempt(1, "GET", REQUEST.url, error=OSError("cut"))
    whole = Response(
        200,
        Headers({"A": "b"}),
        b"body",
        REQUEST,
        reason="OK",
        history=(response(302),),
        attempts=(failed, Attempt(2, "GET", REQUEST.url, status=200)),
        elapsed=2.5,
        timeline=timeline,
        json_codec=object(),
    )

    copy = pickle.loads(pickle.dumps(whole))

    assert whole == copy
    assert (2.5, 2.0, "OK") == (copy.elapsed, copy.timings.total, copy.reason)
    assert ["cut", "None"] == [str(attempt.error) for attempt in copy.attempts]
    assert copy.json_codec is None


def test_timings() -> None:
    """Each phase is the time between its stamps; what did not happen is None."""
    line = Timeline(10.0)
    assert Timings(pool_wait=None, total=None) == line.timings()
    line.acquired, line.resolve_started, line.resolved = 11.0, 11.0, 13.0
    line.connect_started, line.connected = 13.0, 16.0
    line.tls_started, line.tls_done = 16.0, 20.0
    line.request_sent, line.first_byte, line.finished = 25.0, 31.0, 38.0

    assert Timings(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 28.0) == line.timings()
    reused = Timeline(10.0)
    reused.acquired, reused.request_sent, reused.first_byte = 10.5, 11.0, 10.9
    assert Timings(0.5, None, None, None, 0.5, 0.0, None) == reused.timings()
    assert Timings() == response().timings


def test_attempts_in_one_line() -> None:
    """`repr` of an attempt has its outcome, and of an error the class alone."""
    failed = Attempt(2, "GET", REQUEST.url, error=OSError("secret"), elapsed=0.25)

    assert "<Attempt 2: GET https://example.com/a/b?word=*** -> OSError in 0.250 s>" == repr(failed)
    assert "-> 200 in" in repr(Attempt(1, "GET", REQUEST.url, status=200))
