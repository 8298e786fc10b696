"""Who is asking: credentials as values that work in both voices."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs

from antiphon.errors import InvalidOptionError, WrongFlavourError
from antiphon.models.secret import Secret, reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.secret import SupportsSecretValue
    from antiphon.models.url import URL
    from antiphon.policies.auth_errands import Errand

# Of a code object: `async def`, and `async def` with a yield in it (the inspect module's values).
_ASYNC_FLAGS = 0x80 | 0x200


class AuthResponse(Protocol):
    """What an auth sees of a response: its head, whatever the voice."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Headers:
        """The header fields."""
        ...


class Auth(Protocol):
    """Credentials of your own: a generator without I/O, which so serves both voices.

    `auth_flow` yields the request to send and is given the response to it, as often as it needs
    to; the response to the last request that it yields is the call's::

        class Signed:
            def auth_flow(self, request):
                response = yield request
                if response.status == 401:
                    yield request.with_header("Authorization", answer_to(response.headers))
    """

    def auth_flow(self, request: Request) -> Generator[Request, AuthResponse, None]:
        """Yield requests, each made from `request`; each yield gives the response to it."""
        ...


class SigningAuth(Protocol):
    """Credentials that change with the time, or from request to request.

    `sign` is called inside each attempt, right before it is sent, so that every retry and every
    copy of a hedge is signed anew. It may stand beside an `auth_flow`, which goes around all
    attempts and sees the answers.
    """

    def sign(self, request: Request, now_wall: float) -> Request:
        """Return `request` with its signature; `now_wall` is in seconds since the epoch."""
        ...


class ErrandAuth(Protocol):
    """What antiphon's own auths may be: their flow yields errands, too."""

    def auth_flow(self, request: Request) -> Generator[Request | Errand, Any, None]:
        """Yield requests and errands; each yield gives what came of it."""
        ...


AnyAuth: TypeAlias = "Auth | SigningAuth | ErrandAuth"
"""What was given as `auth=`, once it was checked."""
AuthInput: TypeAlias = (
    "AnyAuth | tuple[str | SupportsSecretValue, str | SupportsSecretValue] | None"
)
"""What `auth=` takes: an auth, a pair of user name and password, or None."""

# What an auth may have, and what is right where it is an `async def`.
_METHODS = {
    "auth_flow": "a plain generator (def, yield request) serves both voices",
    "sign": "a plain function, which does no I/O, serves both voices",
}


def checked_secret(option: str, value: object) -> Secret:
    """Return what was given for `option` as a Secret. Raises InvalidOptionError."""
    try:
        return value if isinstance(value, Secret) else Secret(reveal(value))  # type: ignore[arg-type]
    except InvalidOptionError as error:
        message = f"{option}: must be a str or a Secret, not {type(value).__name__}"
        raise InvalidOptionError(message) from error


def _basic_username(value: object) -> Secret:
    return checked_secret("BasicAuth(username=...)", value)


def _basic_password(value: object) -> Secret:
    return checked_secret("BasicAuth(password=...)", value)


def _bearer_token(value: object) -> Secret | Callable[[], object]:
    if callable(value) and not hasattr(value, "get_secret_value") and not isinstance(value, type):
        return value
    return _checked_token(value, "BearerAuth(token=...)")


def _checked_token(value: object, option: str) -> Secret:
    secret = checked_secret(option, value)
    token = secret.get_secret_value()
    if not token or not all("!" <= character <= "~" for character in token):
        fault = "is empty" if not token else "has spaces, line ends or non-ASCII characters"
        message = f"{option}: {fault}; give the token alone, without 'Bearer '"
        raise InvalidOptionError(message)
    return secret


def is_unsendable(text: str) -> bool:
    """Tell whether neither basic nor digest auth can carry `text`."""
    # Control characters (RFC 7617 section 2), and halves of surrogate pairs, which have no UTF-8.
    return any(sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in text)


@attrs.frozen(repr=False)
class BasicAuth:
    """User name and password in the `Authorization` header, as UTF-8 (RFC 7617).

    Both may be a `Secret`, and neither is ever shown (some services put a key in the user name).
    Raises `InvalidOptionError` for a colon in the user name and for control characters, which
    RFC 7617 section 2 has no way to send.
    """

    username: Secret = attrs.field(converter=_basic_username)
    password: Secret = attrs.field(converter=_basic_password)

    def __attrs_post_init__(self) -> None:
        username = self.username.get_secret_value()
        if ":" in username:
            message = "BasicAuth(username=...): has a colon, which would end it there (RFC 7617)"
            raise InvalidOptionError(message)
        if is_unsendable(username) or is_unsendable(self.password.get_secret_value()):
            message = (
                "BasicAuth(...): user name or password has a control character "
                "or half of a surrogate pair, which cannot be sent (RFC 7617)"
            )
            raise InvalidOptionError(message)

    def auth_flow(self, request: Request) -> Generator[Request, AuthResponse, None]:
        """Send `request` with the credentials, once."""
        yield request.with_header("Authorization", self.header_value)

    @property
    def header_value(self) -> str:
        """What stands in `Authorization`, or in `Proxy-Authorization`: a secret."""
        pair = f"{self.username.get_secret_value()}:{self.password.get_secret_value()}"
        encoded = b2a_base64(pair.encode(), newline=False).decode("ascii")
        return f"Basic {encoded}"

    def __repr__(self) -> str:
        return "BasicAuth('***', '***')"


@attrs.frozen(repr=False)
class BearerAuth:
    """A token in the `Authorization` header (RFC 6750 section 2.1); a str or a `Secret`.

    A function without arguments that returns either is asked once for each request (not for each
    attempt); in an `AsyncClient` it may be an `async def`. Raises `InvalidOptionError` for an empty
    token and for one with spaces, control characters or characters outside ASCII. Other signs that
    RFC 6750 does not list are sent: real tokens have them.
    """

    token: Secret | Callable[[], object] = attrs.field(converter=_bearer_token)

    def auth_flow(self, request: Request) -> Generator[Request | Errand, Any, None]:
        """Send `request` with the token, once."""
        token = self.token
        if not isinstance(token, Secret):
            from antiphon.policies.auth_errands import Ask

            token = _checked_token((yield Ask(token)), "BearerAuth: what its function returned")
        yield request.with_header("Authorization", f"Bearer {token.get_secret_value()}")

    def __repr__(self) -> str:
        return "BearerAuth('***')"


def auth_of(value: AuthInput) -> AnyAuth | None:
    """Return the auth that `auth=` means; a pair of user name and password is `BasicAuth`.

    Raises `InvalidOptionError` for anything else, naming what is right and never showing it, and
    `WrongFlavourError` for an `async def auth_flow`.
    """
    if value is None:
        return None
    if isinstance(value, tuple):
        count = len(value)
        if count != 2:
            message = f"auth=: a tuple of {count}; (user name, password) are two"
            raise InvalidOptionError(message)
        return BasicAuth(*value)
    methods = {name: getattr(value, name, None) for name in _METHODS}
    if isinstance(value, type) or not any(map(callable, methods.values())):
        shown = value.__name__ if isinstance(value, type) else f"a {type(value).__name__}"
        message = (
            f"auth=: {shown} is no auth; give (user name, password), BasicAuth(...), "
            "BearerAuth(token), or an object that has a generator method auth_flow(request) "
            "or a method sign(request, now_wall)"
        )
        raise InvalidOptionError(message)
    for name, method in methods.items():
        code = getattr(getattr(method, "__func__", method), "__code__", None)
        if code is not None and code.co_flags & _ASYNC_FLAGS:
            message = f"auth=: {type(value).__name__}.{name} is async; {_METHODS[name]}"
            raise WrongFlavourError(message)
    return value


def gives_way(auth: AnyAuth, request: Request) -> bool:
    """Tell whether `request` says itself what the client's `auth` would say in its place.

    That is an Authorization header, unless the auth says where else its credentials stand.
    """
    is_given = getattr(auth, "is_given_in", None)
    if is_given is None:
        return "authorization" in request.headers
    return bool(is_given(request))


def replaced_headers(auth: AnyAuth | None) -> tuple[str, ...]:
    """Return the names of default headers of a client that its `auth` stands in for."""
    own = getattr(auth, "header", None)
    return ("Authorization", own) if isinstance(own, str) else ("Authorization",)


def auth_from_url(url: URL) -> BasicAuth | None:
    """Return the credentials in `url`'s userinfo, None if it has none."""
    return BasicAuth(url.username, url.password) if url.username or url.password else None
