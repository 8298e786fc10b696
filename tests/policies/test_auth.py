"""Credentials as values."""

from __future__ import annotations

import base64
import copy
import pickle
from collections.abc import AsyncGenerator, Generator

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError, UsageError, WrongFlavourError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.secret import Secret
from antiphon.models.url import URL
from antiphon.policies.auth import (
    Auth,
    AuthResponse,
    BasicAuth,
    BearerAuth,
    auth_from_url,
    auth_of,
)

REQUEST = Request("GET", URL("https://site.example/"), Headers({"Accept": "*/*"}))


@attrs.frozen
class Answer:
    """The head of a response, as an auth sees it."""

    status: int
    headers: Headers


def authorized(auth: Auth) -> str:
    """Return the Authorization of the one request that `auth` sends."""
    flow = auth.auth_flow(REQUEST)
    request = next(flow)
    with pytest.raises(StopIteration):
        flow.send(Answer(401, Headers()))
    assert request.headers["Accept"] == "*/*"
    return request.headers["Authorization"]


@pytest.mark.parametrize(
    ("username", "password", "expected"),
    [
        # RFC 7617 sections 2 and 2.1.
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123\xa3", "Basic dGVzdDoxMjPCow=="),
        ("user", "", "Basic dXNlcjo="),
        ("", "key", "Basic OmtleQ=="),
        ("user", "a:b:c", "Basic dXNlcjphOmI6Yw=="),
    ],
)
def test_basic_auth(username: str, password: str, expected: str) -> None:
    """User name and password are joined by a colon, encoded as UTF-8 and then as base64."""
    assert authorized(BasicAuth(username, password)) == expected
    assert authorized(BasicAuth(Secret(username), Secret(password))) == expected


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


@given(_TEXT.filter(lambda text: ":" not in text), _TEXT)
def test_basic_auth_round_trip(username: str, password: str) -> None:
    """Whatever is accepted comes out of the header as it went in."""
    scheme, _, encoded = authorized(BasicAuth(username, password)).partition(" ")

    assert scheme == "Basic"
    assert base64.b64decode(encoded, validate=True).decode() == f"{username}:{password}"


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("hunter:2", "x", "colon"),
        ("hunter2\n", "x", "control character"),
        ("user", "hunter2\x00", "control character"),
        ("user", "hunter2\x7f", "control character"),
        (3, "hunter2", r"username=...\): must be a str or a Secret, not int"),
        ("user", None, r"password=...\): must be a str or a Secret, not NoneType"),
        ("user", b"hunter2", r"password=...\): must be a str or a Secret, not bytes"),
        ("user", "\ud800", "surrogate"),
        ("\udfff", "hunter2", "surrogate"),
    ],
)
def test_basic_auth_refuses(username: object, password: object, said: str) -> None:
    """What RFC 7617 cannot carry is refused by an error that names the argument, not the value."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        BasicAuth(username, password)  # type: ignore[arg-type]

    assert "hunter" not in str(caught.value)


def test_bearer_auth() -> None:
    """The token stands in the header as it was given."""
    assert authorized(BearerAuth("mF_9.B5f-4.1JqM")) == "Bearer mF_9.B5f-4.1JqM"
    assert authorized(BearerAuth(Secret("a~+/=="))) == "Bearer a~+/=="
    assert authorized(BearerAuth("!1|key:with#signs~")) == "Bearer !1|key:with#signs~"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "is empty; give the token alone"),
        ("Bearer hunter2", "has spaces"),
        ("hunter2\n", "has spaces, line ends"),
        ("hunter2\r\nX: y", "has spaces"),
        ("hunter2\xe9", "has spaces"),
        ("hunter2\x7f", "has spaces"),
        (3, "must be a str or a Secret, not int"),
        (None, "must be a str or a Secret, not NoneType"),
    ],
)
def test_bearer_auth_refuses(token: object, said: str) -> None:
    """An empty token, spaces, line ends, other letters and other types are refused, unshown."""
    with pytest.raises(InvalidOptionError) as caught:
        BearerAuth(token)  # type: ignore[arg-type]

    assert str(caught.value).startswith(f"BearerAuth(token=...): {said}")
    assert "hunter2" not in str(caught.value)


class PydanticSecret:
    """As pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        return "key"


def test_other_peoples_secrets() -> None:
    """Whatever has `get_secret_value` is a secret."""
    assert authorized(BearerAuth(PydanticSecret())) == "Bearer key"
    assert authorized(BasicAuth("user", PydanticSecret())) == "Basic dXNlcjprZXk="


def test_values_of_credentials() -> None:
    """Credentials are equal by value, hash alike, do not change, and never show what they hold."""
    basic, bearer = BasicAuth("hunter1", "hunter2"), BearerAuth("hunter3")

    assert basic == BasicAuth("hunter1", Secret("hunter2"))
    assert basic != BasicAuth("hunter1", "other")
    assert bearer == BearerAuth("hunter3")
    assert hash(bearer) == hash(BearerAuth("hunter3"))
    assert (repr(basic), str(bearer)) == ("BasicAuth('***', '***')", "BearerAuth('***')")
    assert copy.deepcopy(basic) == basic
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        basic.password = Secret("x")  # type: ignore[misc]


def test_pickles_carry_no_credentials() -> None:
    """What comes out of a pickle says that it has lost its secret, and sends nothing."""
    pickled = pickle.dumps(BearerAuth("hunter2"))

    assert b"hunter2" not in pickled
    with pytest.raises(UsageError, match="pickle"):
        authorized(pickle.loads(pickled))


# --- own auth -------------------------------------------------------------------------------------


class Challenge:
    """Answers a 401 with what the server asks for."""

    def auth_flow(self, request: Request) -> Generator[Request, AuthResponse, None]:
        response = yield request
        if response.status == 401:
            yield request.with_header("Authorization", response.headers["WWW-Authenticate"])


def test_an_own_auth_sees_responses() -> None:
    """A generator gets the response to each request it yields, and may yield another one."""
    flow = Challenge().auth_flow(REQUEST)

    assert next(flow) is REQUEST
    again = flow.send(Answer(401, Headers({"WWW-Authenticate": "Magic"})))
    assert again.headers["Authorization"] == "Magic"


def test_what_auth_takes() -> None:
    """None, a pair of strings or secrets, and anything with `auth_flow`."""
    own = Challenge()

    assert auth_of(None) is None
    assert auth_of(("user", "pw")) == BasicAuth("user", "pw")
    assert auth_of(("user", Secret("pw"))) == BasicAuth("user", "pw")
    assert auth_of(own) is own


class AsyncAuth:
    async def auth_flow(self, request: Request) -> AsyncGenerator[Request, AuthResponse]:
        yield request


class CoroutineAuth:
    async def auth_flow(self, request: Request) -> Request:
        return request


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        b"hunter2",
        3,
        ["user", "hunter2"],
        {"user": "hunter2"},
        BearerAuth,
        Challenge,
        print,
    ],
)
def test_what_auth_refuses(value: object) -> None:
    """Anything else is refused by an error that says what is right and does not show it."""
    with pytest.raises(InvalidOptionError, match=r"^auth=: .*BearerAuth\(token\)") as caught:
        auth_of(value)  # type: ignore[arg-type]

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", [(), ("hunter2",), ("user", "hunter2", "x")])
def test_tuples_of_other_lengths(value: tuple[str, ...]) -> None:
    """A tuple that is no pair is refused, saying how many it has."""
    with pytest.raises(InvalidOptionError, match=f"a tuple of {len(value)}") as caught:
        auth_of(value)  # type: ignore[arg-type]

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", [AsyncAuth(), CoroutineAuth()])
def test_an_async_auth_has_the_wrong_flavour(value: object) -> None:
    """An `async def auth_flow` serves neither voice, and is refused before anything is sent."""
    with pytest.raises(WrongFlavourError, match=r"auth_flow is async; a plain generator"):
        auth_of(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://site.example/", None),
        ("https://user:pw@site.example/", BasicAuth("user", "pw")),
        ("https://user@site.example/", BasicAuth("user", "")),
        ("https://:pw@site.example/", BasicAuth("", "pw")),
        ("https://us%65r:p%40w@site.example/", BasicAuth("user", "p@w")),
    ],
)
def test_userinfo_of_a_url(url: str, expected: BasicAuth | None) -> None:
    """User name and password in a URL are basic auth, decoded."""
    assert auth_from_url(URL(url)) == expected
