"""`Request`: a frozen record of what is asked."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from antiphon.errors import InvalidHeaderError
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL

URL_ = URL("https://ada:s3cret@example.com/p?token=hunter2")
HEADERS = Headers({"Authorization": "Bearer abc", "Content-Type": "text/plain"})


def request(**parts: object) -> Request:
    """Return a POST with a body, parts replaced."""
    body = build_body(content=b"data")
    return attrs.evolve(Request("POST", URL_, HEADERS, body), **parts)


def test_requests_are_frozen() -> None:
    """Nothing can be assigned."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        request().method = "GET"


def test_with_replaces_what_is_named() -> None:
    """`with_` keeps all other parts; None keeps too."""
    changed = request().with_(method="PUT", url=URL("http://x/"))

    assert ("PUT", URL("http://x/")) == (changed.method, changed.url)
    assert (HEADERS, b"data") == (changed.headers, changed.body and changed.body.content)
    assert request() == request().with_()


def test_without_body() -> None:
    """Dropping the body drops the headers that describe it, and no others."""
    bare = request().without_body()

    assert (None, ["Authorization"]) == (bare.body, list(bare.headers))


def test_with_header() -> None:
    """`with_header` replaces one header, whatever its case, and checks the value."""
    assert "text/html" == request().with_header("content-type", "text/html").headers["Content-Type"]
    with pytest.raises(InvalidHeaderError):
        request().with_header("X", "a\nb")


@pytest.mark.parametrize(
    "parts",
    [{"method": "GET"}, {"url": URL("http://x/")}, {"headers": Headers()}, {"body": None}],
    ids=str,
)
def test_equality(parts: dict[str, object]) -> None:
    """Requests are equal when all four parts are; equal ones have the same hash."""
    assert request() == request()
    assert hash(request()) == hash(request())
    assert request() != request(**parts)
    assert request() != "POST"


def test_repr_shows_no_secret() -> None:
    """`repr` has the method and the redacted URL."""
    assert "<Request POST https://example.com/p?token=***>" == repr(request())


def test_pickle_and_copy() -> None:
    """A pickled request comes back equal; a body that was a stream comes back as consumed."""
    assert request() == pickle.loads(pickle.dumps(request()))
    assert request() == copy.deepcopy(request())
    streamed = request(body=build_body(content=iter([b"a"])))
    body = pickle.loads(pickle.dumps(streamed)).body
    assert body is not None
    assert not body.replayable
