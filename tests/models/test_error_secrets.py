"""Errors travel, to logs and from worker processes: what would let others act as you stays behind."""

from __future__ import annotations

import pickle

from antiphon.errors import NotFoundError, ReadTimeout
from antiphon.models.attempt import Attempt
from antiphon.models.headers import Headers
from antiphon.models.redaction import mark_secret_parameter
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


KEYED = Request("GET", URL("https://api.test/a?q=1&access_token=hunter2"))


def test_pickled_errors_hold_no_secret_parameters() -> None:
    """Parameters that sound secret, or that an auth marked, are hidden; in attempts as well."""
    mark_secret_parameter("ocp k")
    url = KEYED.url.with_params({"ocp k": "hunter3"})
    first = ReadTimeout("late", request=KEYED)
    error = ReadTimeout("late", request=KEYED.with_(url=url))
    error.attempts = (
        Attempt(1, "GET", KEYED.url, error=first),
        Attempt(2, "GET", url, error=error),
    )
    data = pickle.dumps(error)

    assert b"hunter" not in data
    copy = pickle.loads(data)
    shown = "https://api.test/a?q=1&access_token=***&ocp%20k=***"
    assert shown == copy.request.url.text
    assert [shown.partition("&ocp")[0], shown] == [one.url.text for one in copy.attempts]
    assert url is error.attempts[1].url


def test_pickled_urls_of_errors_hold_no_userinfo() -> None:
    """A redirect may name a user in its Location."""
    error = ReadTimeout("late", request=Request("GET", URL("https://ada:hunter2@api.test/")))

    assert "https://api.test/" == pickle.loads(pickle.dumps(error)).request.url.text


def test_pickled_responses_hold_no_credentials() -> None:
    """What the server said is kept as it is; what it was asked with is hidden."""
    said = Headers({"Set-Cookie": "id=1"})
    first = Response(302, said, b"", REQUEST)
    attempt = Attempt(1, "GET", KEYED.url, status=200)
    response = Response(200, said, b"x", KEYED, history=(first,), attempts=(attempt,))
    data = pickle.dumps(response)

    assert b"hunter2" not in data
    copy = pickle.loads(data)
    assert (said, b"x", said) == (copy.headers, copy.content, copy.history[0].headers)
    assert "https://api.test/a?q=1&access_token=***" == copy.url.text
    assert b"hunter2" not in pickle.dumps(response.redacted())
