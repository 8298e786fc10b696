"""`DigestAuth`: proves that the password is known without sending it (RFC 7616)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.auth import checked_secret, is_unsendable
from antiphon.policies.auth_challenges import parameters_of
from antiphon.policies.auth_digest_response import DigestChallenge, strongest_challenge
from antiphon.policies.auth_errands import Note
from antiphon.policies.keyed_states import KeyedStates

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.secret import Secret
    from antiphon.policies.auth_errands import Errand

# A wrong password, and before it a nonce that has run out: more answers than these are not news.
_MOST_CHALLENGES = 2
# As many nonces as answers may overtake each other, and little memory.
_FORMER_NONCES = 16


class _Space:
    """What one origin asked for, and how often its nonce was used."""

    __slots__ = ("challenge", "cnonce", "count", "former", "nonce", "secret")

    def __init__(self) -> None:
        self.challenge: DigestChallenge | None = None
        self.secret = ""
        self.cnonce = ""
        self.nonce = ""
        self.count = 0
        self.former: dict[str, int] = {}

    def turn_to(self, nonce: str) -> None:
        """Use `nonce` from now on, from where its count stands.

        Servers give many the same nonce, and answers overtake each other: each count of a nonce
        may be used once, also when it comes back.
        """
        if nonce != self.nonce:
            self.former[self.nonce] = self.count
            self.nonce, self.count = nonce, self.former.pop(nonce, 0)
            if len(self.former) > _FORMER_NONCES:
                del self.former[next(iter(self.former))]


def _username(value: object) -> Secret:
    return checked_secret("DigestAuth(username=...)", value)


def _password(value: object) -> Secret:
    return checked_secret("DigestAuth(password=...)", value)


def _random() -> str:
    return os.urandom(16).hex()


@attrs.frozen(eq=False, repr=False, getstate_setstate=False)
class DigestAuth:
    """User name and password by challenge and response, the password is never sent (RFC 7616).

    The first request to an origin goes without; its 401 says what to answer, and from then on each
    attempt is signed before it is sent, with a count that no other attempt has. One value serves
    any number of clients, threads and tasks at once; it remembers 1,024 origins. Knows SHA-512-256
    (where this Python has it), SHA-256 and MD5, each with -sess, and takes the strongest that is
    offered. Raises `InvalidOptionError` for a colon in the user name and control characters.
    """

    username: Secret = attrs.field(converter=_username)
    password: Secret = attrs.field(converter=_password)
    _spaces: KeyedStates[_Space] = attrs.field(
        init=False, factory=lambda: KeyedStates(_Space), repr=False
    )

    def __attrs_post_init__(self) -> None:
        username = self.username.get_secret_value()
        if ":" in username:
            raise InvalidOptionError(
                "DigestAuth(username=...): has a colon, which would end it there (RFC 7616)"
            )
        if is_unsendable(username) or is_unsendable(self.password.get_secret_value()):
            raise InvalidOptionError(
                "DigestAuth(...): user name or password has a control character "
                "or half of a surrogate pair, which cannot be sent (RFC 7616)"
            )

    def auth_flow(self, request: Request) -> Generator[Request | Errand, Any, None]:
        """Send `request`, and again once the server has said what it wants to know."""
        request = request.with_(headers=request.headers.without("Authorization"))
        response = yield request
        for number in range(_MOST_CHALLENGES):
            if response.status != 401:
                break
            challenge = strongest_challenge(response.headers.get_list("www-authenticate"))
            if challenge is None:
                return
            if number and not challenge.stale:
                self._forget(request)
                return
            self._remember(request, challenge)
            if request.body is not None and not request.body.replayable:
                yield Note(
                    "the digest challenge was not answered: "
                    "the request body is a stream and cannot be sent again"
                )
                return
            response = yield request
        self._learn(request, response.headers)

    def sign(self, request: Request, now_wall: float) -> Request:  # noqa: ARG002 - the protocol's
        """Return `request` with the next answer to the last challenge, itself before the first."""
        spaces = self._spaces
        with spaces.lock:
            space = spaces.peek(str(request.url.origin))
            challenge = None if space is None else space.challenge
            if space is None or challenge is None or challenge.protection(request) is None:
                return request
            space.count += 1
            count, nonce, secret, cnonce = space.count, space.nonce, space.secret, space.cnonce
        # Hashing a body may take its time: not under the lock.
        header = challenge.authorization(
            request,
            username=self.username.get_secret_value(),
            secret=secret,
            nonce=nonce,
            count=count,
            # A session is one by its first cnonce; elsewhere a new one each time is safer.
            cnonce=cnonce if challenge.is_session else _random(),
        )
        return request.with_header("Authorization", header)

    def _remember(self, request: Request, challenge: DigestChallenge) -> None:
        cnonce = _random()
        secret = challenge.secret(
            self.username.get_secret_value(), self.password.get_secret_value(), cnonce
        )
        spaces = self._spaces
        with spaces.lock:
            space = spaces.of(str(request.url.origin))
            if not challenge.continues(space.challenge):
                space.secret, space.cnonce = secret, cnonce
            space.challenge = challenge
            space.turn_to(challenge.nonce)

    def _forget(self, request: Request) -> None:
        """The answer was wrong: the next call asks first, and does not try the password again."""
        spaces = self._spaces
        with spaces.lock:
            spaces.of(str(request.url.origin)).challenge = None

    def _learn(self, request: Request, headers: Headers) -> None:
        """Take over the nonce for the next request, if the answer has one (section 3.5)."""
        following = parameters_of(headers.get("authentication-info", "")).get("nextnonce")
        if following:
            spaces = self._spaces
            with spaces.lock:
                spaces.of(str(request.url.origin)).turn_to(following)

    def __getstate__(self) -> tuple[Secret, Secret]:
        return self.username, self.password

    def __setstate__(self, state: tuple[Secret, Secret]) -> None:
        values = (*state, KeyedStates(_Space))
        for name, value in zip(("username", "password", "_spaces"), values, strict=True):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return "DigestAuth('***', '***')"
