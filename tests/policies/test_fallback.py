"""Which errors are answered with something else, and with what."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon import errors
from antiphon.errors import AntiphonError, InvalidHeaderError, InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.url import URL
from antiphon.policies.fallback import Fallback, Substitute

REQUEST = Request("GET", URL("https://site.example/"))
DOWN = errors.ConnectError("down")


def answered(fallback: Fallback, error: AntiphonError = DOWN) -> Substitute | None:
    return fallback.substitute(error, REQUEST)


# --- which errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ConnectError", True),
        ("ReadTimeout", True),
        ("PoolTimeout", True),
        ("DeadlineExceeded", True),
        ("RemoteProtocolError", True),
        ("CertificateVerifyError", True),
        ("PolicyError", True),
        ("CircuitOpenError", True),
        ("BulkheadFullError", True),
        ("ServerStatusError", True),
        ("ServiceUnavailableError", True),
        ("InternalServerError", True),
        ("NotFoundError", False),
        ("RateLimitError", False),
        ("DecodeError", False),
        ("TooManyRedirects", False),
        ("StreamClosed", False),
        ("RequestCancelled", False),
        ("InvalidURLError", False),
        ("ClientClosedError", False),
    ],
)
def test_errors_by_default(name: str, expected: bool) -> None:
    """What went wrong on the way or at the server is answered, what the caller did is not."""
    error = getattr(errors, name)("x")

    assert expected is (answered(Fallback(b""), error) is not None)


def test_own_errors() -> None:
    """`on` replaces the list."""
    fallback = Fallback(b"", on=errors.NotFoundError)

    assert answered(fallback, errors.NotFoundError("x")) is not None
    assert answered(fallback) is None


@pytest.mark.parametrize("name", ["RequestCancelled", "InvalidURLError", "ClientClosedError"])
def test_what_is_never_answered(name: str) -> None:
    """Not even by who names all errors; to name these themselves is refused."""
    kind = getattr(errors, name)

    assert answered(Fallback(b"", on=AntiphonError), kind("x")) is None
    with pytest.raises(InvalidOptionError, match=f"must not name {name}"):
        Fallback(b"", on=[errors.TransportError, kind])


@pytest.mark.parametrize("wrong", [5, None, "TransportError", [ValueError], [5], KeyError])
def test_what_is_no_error_of_ours(wrong: object) -> None:
    """`on=` takes classes of antiphon's errors, one or several, and nothing else."""
    with pytest.raises(InvalidOptionError, match="must be classes of antiphon's errors"):
        Fallback(b"", on=wrong)  # type: ignore[arg-type]


# --- with what ------------------------------------------------------------------------------------


def test_a_body() -> None:
    """Bytes and text are bodies, with a status and headers of one's own."""
    assert Substitute(200, "", Headers(), b"[]") == answered(Fallback(b"[]"))
    assert Substitute(203, "", Headers({"A": "b"}), "é".encode()) == answered(
        Fallback("é", status=203, headers={"A": "b"})
    )


def test_a_response() -> None:
    """A response is given as it is; what was about its bytes on the wire is no longer true."""
    headers = Headers({"A": "b", "Content-Encoding": "gzip", "Content-Length": "3"})
    response = Response(206, headers, b"body", REQUEST, "Some")

    assert Substitute(206, "Some", Headers({"A": "b"}), b"body") == answered(Fallback(response))


def test_a_function() -> None:
    """It is given the error and the request; None means that the error is to be raised."""
    seen: list[tuple[AntiphonError, Request]] = []

    def make(error: AntiphonError, request: Request) -> bytes | None:
        seen.append((error, request))
        return b"made" if len(seen) == 1 else None

    fallback = Fallback(make, status=201)
    assert Substitute(201, "", Headers(), b"made") == answered(fallback)
    assert answered(fallback) is None
    assert answered(fallback, errors.RequestCancelled("x")) is None
    assert [(DOWN, REQUEST)] * 2 == seen


@pytest.mark.parametrize("answer", [None, 5, ["a"], bytearray(b"x")])
def test_what_is_no_answer(answer: object) -> None:
    """It is refused when the policy is made, or when the function returns it."""
    with pytest.raises(InvalidOptionError, match=r"^Fallback\(\): an answer is a Response, bytes"):
        Fallback(answer)  # type: ignore[arg-type]
    if answer is not None:
        made = Fallback(lambda *_: answer)  # type: ignore[arg-type,return-value]
        with pytest.raises(InvalidOptionError, match="^the function of a Fallback: an answer is"):
            answered(made)


async def async_answer(_error: AntiphonError, _request: Request) -> bytes:
    return b""


def test_what_nobody_would_wait_for() -> None:
    """An `async def` is refused when the policy is made, not when the first call fails."""
    with pytest.raises(InvalidOptionError, match=r"^Fallback\(.*must be a plain function"):
        Fallback(async_answer)  # type: ignore[arg-type]


def test_text_that_is_none() -> None:
    """A lone surrogate has no bytes."""
    with pytest.raises(InvalidOptionError, match=r"^Fallback\(\): its text has a lone surrogate"):
        Fallback("\ud800")


def test_a_status_of_the_standard_library() -> None:
    """`http.HTTPStatus` names statuses as well as a number does."""
    assert 203 == Fallback(b"", status=HTTPStatus.NON_AUTHORITATIVE_INFORMATION).status


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"status": 199}, InvalidOptionError),
        ({"status": 600}, InvalidOptionError),
        ({"status": "200"}, InvalidOptionError),
        ({"status": True}, InvalidOptionError),
        ({"headers": {"a b": "c"}}, InvalidHeaderError),
        ({"on": OSError}, InvalidOptionError),
        ({"on": "ConnectError"}, InvalidOptionError),
        ({"on": [503]}, InvalidOptionError),
    ],
)
def test_settings_that_cannot_work(arguments: dict[str, object], error: type[Exception]) -> None:
    """They are refused when the policy is made."""
    with pytest.raises(error):
        Fallback(b"", **arguments)  # type: ignore[arg-type]


def test_how_it_is_shown() -> None:
    """By the errors that it answers, never by its body."""
    assert "Fallback(on=(TransportError, PolicyError, ServerStatusError))" == repr(
        Fallback(b"secret", headers={"X-Token": "secret"})
    )


KINDS = [
    kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, AntiphonError)
]
NEVER = (errors.RequestCancelled, errors.InvalidRequestError, errors.UsageError)


@given(st.sampled_from(KINDS), st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
def test_any_errors(kind: type[AntiphonError], named: list[type[AntiphonError]]) -> None:
    """Answered are the kinds that are named and their children, but never the caller's own."""
    if any(issubclass(name, NEVER) for name in named):
        with pytest.raises(InvalidOptionError, match="must not name"):
            Fallback(b"", on=named)
        return

    expected = issubclass(kind, tuple(named)) and not issubclass(kind, NEVER)

    assert expected is (answered(Fallback(b"", on=named), kind("x")) is not None)
