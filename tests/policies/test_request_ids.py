"""`RequestId` by itself: its settings, and which id a request gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.request_id import REQUEST_ID_NAMES
from antiphon.models.url import URL
from antiphon.policies.request_ids import RequestId, random_request_id

REQUEST = Request("GET", URL("http://example.com/"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"header": "no token"}, r"header='no token'"),
        ({"header": 7}, "header=7"),
        ({"read": "x-request-id"}, "read='x-request-id'.*a list"),
        ({"read": ["a b"]}, "read='a b'"),
        ({"make": "text"}, "make='text'.*a plain function"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, Any], words: str) -> None:
    """Each is refused by its name, with its value and what is right."""
    with pytest.raises(InvalidOptionError, match=words):
        RequestId(**settings)


def test_which_id_a_request_gets() -> None:
    """The caller's, then the one that the call has already, then a new one."""
    policy = RequestId(make=lambda: "new")

    given = REQUEST.with_header("x-request-id", "own")
    assert (given, "own") == policy.named(given, "known")
    request, name = policy.named(REQUEST, "known")
    assert ("known", "known") == (name, request.headers["X-Request-ID"])
    request, name = policy.named(REQUEST, None)
    assert ("new", "new") == (name, request.headers["X-Request-ID"])


def test_an_empty_header_is_no_id() -> None:
    """A header that says nothing is replaced."""
    policy = RequestId(make=lambda: "new")

    request, name = policy.named(REQUEST.with_header("X-Request-ID", ""), None)

    assert ("new", "new") == (name, request.headers["X-Request-ID"])


def test_which_id_an_answer_has() -> None:
    """The header that is sent is looked for first, then the others in their order."""
    policy = RequestId("X-Call", read=["A", "B"])

    assert policy.of_answer(None) is None
    assert policy.of_answer(Headers({"X-Request-ID": "no"})) is None
    assert "b" == policy.of_answer(Headers({"B": "b"}))
    assert "a" == policy.of_answer(Headers({"B": "b", "a": "a"}))
    assert "own" == policy.of_answer(Headers({"B": "b", "x-call": "own"}))


def test_the_default_reads_what_servers_send() -> None:
    """All names that are known are read; a name is looked for once."""
    policy = RequestId()

    assert REQUEST_ID_NAMES == policy.read
    for name in REQUEST_ID_NAMES:
        assert name == policy.of_answer(Headers({name: name}))
    assert "RequestId()" == repr(policy)
    assert "RequestId(header='X-Call', make=str)" == repr(RequestId("X-Call", make=str))


def test_random_ids() -> None:
    """They are printable, and none comes twice."""
    assert 1000 == len({random_request_id() for _ in range(1000)})


@given(
    st.none() | st.from_regex(r"[!-~]{1,8}", fullmatch=True),
    st.none() | st.from_regex(r"[!-~]{1,8}", fullmatch=True),
)
def test_one_id_whoever_gives_it(own: str | None, known: str | None) -> None:
    """The request carries the id that is told of it, and keeps it if it is named again."""
    policy = RequestId(make=lambda: "new")
    request = REQUEST if own is None else REQUEST.with_header("X-Request-ID", own)

    named, request_id = policy.named(request, known)

    assert (own or known or "new") == request_id == named.headers["x-request-id"]
    assert (named, request_id) == policy.named(named, "another")
