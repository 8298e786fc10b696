"""Errors travel, to logs and from worker processes: what would let others act as you stays behind."""

from __future__ import annotations

import pickle

from antiphon.errors import NotFoundError, ReadTimeout
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.url import URL

REQUEST = Request(
    "GET", URL("https://api.test/"), Headers({"Authorization": "Bearer hunter2", "Accept": "a/b"})
)


def test_pickled_errors_hold_no_credentials() -> None:
    """Secret headers of request, response and history are hidden in a pickle, all else is kept."""
    answer = Headers({"Set-Cookie": "id=hunter2", "X-Kind": "plain"})
    first = Response(302, answer, b"", REQUEST)
    response = Response(404, answer, b"gone", REQUEST, history=(first,))
    error = NotFoundError("404", request=REQUEST, response=response, headers=answer)
    data = pickle.dumps(error)
    assert b"hunter2" not in data
    copy = pickle.loads(data)
    assert "***" == copy.request.headers["authorization"]
    assert ("a/b", "plain") == (copy.request.headers["accept"], copy.response.headers["x-kind"])
    assert (b"gone", 302) == (copy.response.content, copy.response.history[0].status)
    assert "Bearer hunter2" == error.request.headers["authorization"]  # type: ignore[union-attr]


def test_errors_without_secrets_are_kept_as_they_are() -> None:
    """A request without secrets comes out of a pickle equal."""
    request = REQUEST.with_(headers=Headers({"Accept": "a/b"}))
    assert request is request.redacted()
    assert request == pickle.loads(pickle.dumps(ReadTimeout("late", request=request))).request
