"""API keys: where they stand, and what cannot be one."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from antiphon.errors import InvalidOptionError, ReadTimeout, UsageError
from antiphon.models.headers import Headers
from antiphon.models.redaction import is_secret_header
from antiphon.models.request import Request
from antiphon.models.secret import Secret
from antiphon.models.url import URL
from antiphon.policies.auth_api_key import APIKeyAuth

REQUEST = Request("GET", URL("https://a.example/p?a=1&k%65y=old&b=2#f"), Headers({"Cookie": "a=b"}))


def sent(auth: APIKeyAuth, request: Request = REQUEST) -> Request:
    (request,) = auth.auth_flow(request)
    return request


def test_places() -> None:
    """One header, one parameter or one cookie; what stood in its place is gone."""
    assert "k" == sent(APIKeyAuth(Secret("k"), header="X-Key")).headers["x-key"]
    assert (
        "https://a.example/p?a=1&b=2&key=k%2F1#f" == sent(APIKeyAuth("k/1", query="key")).url.text
    )
    assert "a=b; key=k" == sent(APIKeyAuth("k", cookie="key")).headers["cookie"]
    assert "a=k" == sent(APIKeyAuth("k", cookie="a")).headers["cookie"]
    plain = Request("GET", URL("https://a.example/"))
    assert "key=k" == sent(APIKeyAuth("k", cookie="key"), plain).headers["cookie"]
    assert "?key=k" == sent(APIKeyAuth("k", query="key"), plain).url.text[-6:]


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (APIKeyAuth("k", header="X-Key"), False),
        (APIKeyAuth("k", header="cookie"), True),
        (APIKeyAuth("k", query="key"), True),
        (APIKeyAuth("k", query="Key"), False),
        (APIKeyAuth("k", cookie="a"), True),
        (APIKeyAuth("k", cookie="b"), False),
    ],
)
def test_what_is_given_already(auth: APIKeyAuth, expected: bool) -> None:
    """A key of the client's gives way to what the request has in its place."""
    assert expected == auth.is_given_in(REQUEST)


@pytest.mark.parametrize(
    ("arguments", "places", "said"),
    [
        (("hunter2",), {}, r"APIKeyAuth\(\): give one of header='X-API-Key'"),
        (("hunter2",), {"header": "a", "query": "b"}, r"APIKeyAuth\(header=\.\.\., query=\.\.\.\)"),
        (("hunter2",), {"query": ""}, r"query=''\): give a name"),
        (("hunter2",), {"query": 3}, r"query=3\): give a name"),
        (("hunter2",), {"query": "\ud800"}, r"query=.*\): give a name"),
        (("hunter2",), {"query": "a\n"}, r"query=.*\): give a name"),
        (("hunter2",), {"header": "a b"}, r"header='a b'"),
        (("hunter2",), {"cookie": "a;b"}, r"cookie='a;b'\): a cookie cannot"),
        (("hunter2;",), {"cookie": "a"}, r"cookie='a'\): a cookie cannot"),
        (("",), {"header": "a"}, r"key=\.\.\.\): is empty"),
        (("hunter2\r\n",), {"header": "a"}, r"key=\.\.\.\): has line ends"),
        (("hunter2é",), {"query": "a"}, r"key=\.\.\.\): has line ends"),
        ((3,), {"query": "a"}, r"key=\.\.\.\): must be a str or a Secret, not int"),
    ],
)
def test_what_is_refused(arguments: tuple[Any], places: dict[str, Any], said: str) -> None:
    """No place, two places and what cannot stand there are refused by name, the key is not shown."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        APIKeyAuth(*arguments, **places)

    assert "hunter2" not in str(caught.value)


def test_nothing_is_shown() -> None:
    """Neither repr nor a pickle holds the key, and the header's name makes its value a secret."""
    assert not is_secret_header("Quite-Plain")
    auth = APIKeyAuth("hunter2", header="Quite-Plain")

    assert is_secret_header("quite_plain")
    assert "APIKeyAuth('***', header='Quite-Plain')" == repr(auth)
    assert "hunter2" not in repr(sent(auth).headers) + repr(sent(auth))
    assert APIKeyAuth("hunter2", header="Quite-Plain") == auth
    pickled = pickle.dumps(auth)
    assert b"hunter2" not in pickled
    with pytest.raises(UsageError, match="out of a pickle"):
        sent(pickle.loads(pickled))


def test_a_key_in_the_query_stays_behind_where_an_error_is_pickled() -> None:
    """Whatever its parameter is called."""
    request = sent(APIKeyAuth("hunter2", query="quite plain"))
    error = ReadTimeout("late", request=request)

    assert "hunter2" in request.url.text
    assert b"hunter2" not in pickle.dumps(error)
