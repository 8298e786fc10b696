"""Errors form one tree, pickle with all they carry, and never show a secret."""

from __future__ import annotations

import builtins
import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import errors
from antiphon.errors import AntiphonError, error_class_for, status_error
from antiphon.models.attempt import Attempt
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.url import URL

DOCS = Path(__file__).parents[2] / "docs" / "errors.md"
CLASSES = [
    value
    for name in errors.__all__
    if isinstance(value := getattr(errors, name), type) and issubclass(value, AntiphonError)
]
STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    406: "NotAcceptableError",
    407: "ProxyAuthenticationError",
    408: "RequestTimeoutError",
    409: "ConflictError",
    410: "GoneError",
    411: "LengthRequiredError",
    412: "PreconditionFailedError",
    413: "PayloadTooLargeError",
    414: "URITooLongError",
    415: "UnsupportedMediaTypeError",
    416: "RangeNotSatisfiableError",
    417: "ExpectationFailedError",
    418: "ClientStatusError",
    421: "MisdirectedRequestError",
    422: "UnprocessableEntityError",
    423: "LockedError",
    425: "TooEarlyError",
    426: "UpgradeRequiredError",
    428: "PreconditionRequiredError",
    429: "RateLimitError",
    431: "HeaderFieldsTooLargeError",
    451: "UnavailableForLegalReasonsError",
    499: "ClientStatusError",
    500: "InternalServerError",
    501: "NotImplementedStatusError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError",
    504: "GatewayTimeoutError",
    507: "InsufficientStorageError",
    599: "InternalServerError",
    304: "StatusError",
    600: "StatusError",
}


def a_response(
    status: int = 404,
    content: bytes = b"",
    headers: dict[str, str] | None = None,
    url: str = "https://example.com/users/1?page=2&word=hunter2",
    request_headers: dict[str, str] | None = None,
    reason: str = "Not Found",
) -> Response:
    request = Request("GET", URL(url), Headers(request_headers or {}))
    return Response(status, Headers(headers or {}), content, request, reason=reason)


def full(cls: type[AntiphonError]) -> AntiphonError:
    """Make an error of `cls` in which every field and a note are set."""
    response = a_response(status=418, headers={"X-Request-Id": "r-1"})
    failed = errors.ReadTimeout("first try", sent="maybe")
    error = cls(
        "boom",
        status=418,
        request_id="r-1",
        headers=response.headers,
        request=response.request,
        response=response,
        attempts=(Attempt(1, "GET", response.url, error=failed),),
    )
    if hasattr(error, "sent"):
        error.sent = "maybe"
    error.add_note("not retried: the request body is a stream and cannot be sent again")
    return error


def comparable(error: AntiphonError) -> dict[str, object]:
    """Return the fields of an error with its attempts made comparable by value."""
    state = dict(vars(error))
    state["attempts"] = [
        (attempt.number, type(attempt.error), str(attempt.error), vars(attempt.error))
        for attempt in error.attempts
    ]
    return state


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_keeps_everything(cls: type[AntiphonError], protocol: int) -> None:
    """A pickled error comes back with its class, every field, its args and its notes."""
    error = full(cls)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is cls
    assert comparable(again) == comparable(error)
    assert again.args == error.args == ("boom",)
    assert again.__notes__ == error.__notes__


@pytest.mark.parametrize("cls", CLASSES)
def test_copies_are_independent(cls: type[AntiphonError]) -> None:
    """A copy has the same fields, and a note added to it does not reach the original."""
    error = full(cls)
    again = copy.copy(error)
    assert type(again) is cls
    assert vars(again) == vars(error)
    again.add_note("more")
    assert len(error.__notes__) == 1
    assert comparable(copy.deepcopy(error)) == comparable(error)


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_equals_only_itself(cls: type[AntiphonError]) -> None:
    """Errors are told apart by identity, and can be kept in sets."""
    one, other = cls("boom"), cls("boom")
    assert one == one
    assert one != other
    assert {one, other} == {other, one}
    assert len({one, other}) == 2


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_is_raised_and_caught_by_each_of_its_parents(cls: type[AntiphonError]) -> None:
    """`except` works with the class itself, with every parent, and shows the message."""
    for parent in cls.__mro__[:-2]:
        with pytest.raises(parent) as caught:
            raise cls("what happened")
        assert str(caught.value) == "what happened"
        assert caught.value.args == ("what happened",)


def test_an_error_may_be_its_own_attempt() -> None:
    """The last attempt of an error holds the error itself, also after a pickle."""
    error = errors.ReadTimeout("slow")
    error.attempts = (Attempt(1, "GET", URL("https://example.com/"), error=error),)
    again = pickle.loads(pickle.dumps(error))
    assert again.attempts[0].error is again


def test_subclasses_with_an_own_init_pickle() -> None:
    """A user's subclass may have another constructor, and still pickles."""
    error = OwnError(7)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.number, str(again)) == (OwnError, 7, "own 7")
    assert OwnError.__module__ == __name__


class OwnError(errors.TransportError):
    code = "own"

    def __init__(self, number: int) -> None:
        super().__init__(f"own {number}", sent="maybe")
        self.number = number


def test_builtin_parents() -> None:
    """Who catches the builtin catches ours."""
    assert issubclass(errors.TimeoutError, builtins.TimeoutError)
    assert issubclass(errors.ConnectError, builtins.ConnectionError)
    assert issubclass(errors.InvalidRequestError, ValueError)
    assert issubclass(errors.UsageError, RuntimeError)
    timeout = errors.ConnectTimeout("slow", sent="no")
    assert isinstance(timeout, errors.ConnectError)
    assert isinstance(timeout, errors.TimeoutError)
    assert isinstance(timeout, builtins.TimeoutError)
    assert isinstance(timeout, builtins.ConnectionError)


def test_a_cancelled_request_is_no_transport_error() -> None:
    """What retries transport errors does not retry what a user cancelled."""
    assert not issubclass(errors.RequestCancelled, errors.TransportError)
    assert errors.RequestCancelled("stop", sent="maybe").sent == "maybe"


@pytest.mark.parametrize("cls", [errors.TransportError, errors.RequestCancelled])
def test_sent_is_no_unless_said(cls: type[errors.TransportError]) -> None:
    """Without further knowledge nothing was sent."""
    assert cls("boom").sent == "no"


def test_codes_are_unique_snake_case_words() -> None:
    """Every class has a code of its own, fit for a metric label."""
    codes = [vars(cls)["code"] for cls in CLASSES]
    assert sorted(set(codes)) == sorted(codes)
    assert [] == [code for code in codes if not re.fullmatch(r"[a-z]+(?:_[a-z]+)*", code)]


def test_the_docs_list_every_class() -> None:
    """The table in docs/errors.md has the parents and the code of every class, and no others."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| `(\w+)` \| \S", DOCS.read_text(), re.MULTILINE)
    told = {name: (re.findall(r"`(\w+)`", parents), code) for name, parents, code in rows}
    assert len(rows) == len(told)
    assert told == {
        cls.__name__: ([base.__name__ for base in cls.__bases__], cls.code) for cls in CLASSES
    }


def test_every_class_shows_the_public_module() -> None:
    """Tracebacks and pickles name `antiphon.errors`, where users import from."""
    assert {cls.__module__ for cls in CLASSES} == {"antiphon.errors"}


def test_unknown_names_are_attribute_errors() -> None:
    """A misspelled error is told apart from a missing module."""
    with pytest.raises(AttributeError, match="NotFoundEror"):
        _ = errors.NotFoundEror  # type: ignore[attr-defined]
    assert set(errors.__all__) <= set(dir(errors))


def test_importing_the_package_alone_loads_no_class() -> None:
    """A call that raises nothing pays for no error class."""
    code = (
        "import sys, antiphon.errors\n"
        "print([m for m in sys.modules if m.startswith('antiphon.errors.') or m == 'attrs'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_repr_is_bounded() -> None:
    """`repr` has the class, the start of the message and the status."""
    assert repr(errors.NotFoundError("gone", status=404)) == "NotFoundError('gone', status=404)"
    assert repr(errors.UsageError("why")) == "UsageError('why')"
    assert len(repr(errors.UsageError("x" * 10_000))) < 400


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_each_status_has_its_class(status: int, name: str) -> None:
    """Common statuses have their own class, others that of their hundred."""
    assert error_class_for(status).__name__ == name


def test_server_errors_have_one_parent() -> None:
    """InternalServerError catches every 5xx, and no class of ours is out of its hundred."""
    for status in range(400, 600):
        parent = errors.ClientStatusError if status < 500 else errors.InternalServerError
        assert issubclass(error_class_for(status), parent)


def test_status_error_carries_the_response() -> None:
    """The error has the response, its parts, and a message that names both sides."""
    response = a_response(content=b'{"detail": "no user 1"}', headers={"x-request-id": "abc"})
    error = status_error(response)
    assert type(error) is errors.NotFoundError
    assert str(error) == (
        '404 Not Found for GET https://example.com/users/1?[2 parameters]: {"detail": "no user 1"}'
    )
    assert (error.status, error.request_id) == (404, "abc")
    assert error.response is response
    assert error.request is response.request
    assert error.headers is response.headers
    assert error.attempts == response.attempts


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com", "https://example.com/"),
        ("http://u:secret@example.com:8080/a", "http://example.com:8080/a"),
        ("http://[::1]:8080/?a", "http://[::1]:8080/?[1 parameter]"),
        ("https://example.com/a#part", "https://example.com/a"),
    ],
)
def test_message_shows_no_userinfo_query_or_fragment(url: str, shown: str) -> None:
    """Of the URL, the message has origin, path and the number of parameters."""
    assert str(status_error(a_response(url=url))) == f"404 Not Found for GET {shown}"


def test_a_missing_reason_is_the_registered_one() -> None:
    """HTTP/2 sends no reason, and the message has one all the same."""
    assert str(status_error(a_response(503, reason=""))).startswith("503 Service Unavailable for")
    assert str(status_error(a_response(599, reason=""))).startswith("599 for GET")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "9" * 400}, float(2**31)),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "\u00b2"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        (
            {
                "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT",
                "Date": "Wed, 21 Oct 2015 07:27:30 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT",
                "Date": "Wed, 21 Oct 2015 07:29:00 GMT",
            },
            0.0,
        ),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """Retry-After is seconds; a date counts from the Date of the response."""
    error = status_error(a_response(429, headers=headers))
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after == expected


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_retry_after_dates_of_all_three_forms(text: str) -> None:
    """All forms of RFC 9110 section 5.6.7 are read, relative to a given now."""
    headers = Headers({"Retry-After": text})
    assert errors.retry_after_seconds(headers, now=784111777.0 - 10.0) == 10.0


def test_rate_limit_error_without_headers() -> None:
    """An error made by hand knows no waiting time."""
    assert errors.RateLimitError("slow down").retry_after is None


def test_pickled_status_error() -> None:
    """A raised status error with attempts that end in itself survives a pickle."""
    error = status_error(a_response(content=b"no"))
    error.attempts = (Attempt(1, "GET", URL("https://example.com/"), error=error),)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.response == error.response
    assert again.attempts[0].error is again
