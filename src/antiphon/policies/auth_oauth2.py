"""OAuth 2.0 (RFC 6749): what all grants share, from a token in each call to the next token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from antiphon.errors import (
    AntiphonError,
    BulkheadFullError,
    CircuitOpenError,
    ClientRateLimitError,
    DeadlineExceeded,
    DecodeError,
    OAuth2Error,
    TransportError,
)
from antiphon.models.body import BytesBody
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.policies.auth import BasicAuth
from antiphon.policies.auth_errands import Ask, Fetch, MayAsk, Note, Times, Turn
from antiphon.policies.auth_oauth2_settings import (
    audience_of,
    client_id_of,
    client_secret_of,
    extra_of,
    listener,
    scope_of,
    token_or_none,
    token_url_of,
)
from antiphon.policies.auth_oauth2_state import TokenState
from antiphon.policies.auth_oauth2_token import OAuth2Token, token_of, without_form
from antiphon.policies.setting_checks import number, one_of
from antiphon.policies.waiting_line import Permit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from antiphon.models.response import Response
    from antiphon.models.secret import Secret
    from antiphon.models.url import URL
    from antiphon.policies.auth_errands import Errand

    Steps: TypeAlias = Generator[Request | Errand, Any, OAuth2Token]

# A token is a few kilobytes; this is what is read of an answer that may be anything.
MAX_ANSWER_BYTES = 1024 * 1024
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
"""The grant type of RFC 8628 section 3.4, which takes no scope."""


@attrs.frozen(eq=False, repr=False, getstate_setstate=False)
class OAuth2Auth(ABC):
    """Sends an access token as RFC 6750 says, and asks for the next one in time; see its children.

    One value serves any number of clients of both voices: of all threads and tasks one asks for the
    token, the others wait for it. Asking is part of the call that needs it, under its deadline and
    its retries, and goes to `token_url` without anything that the call has.
    """

    token_url: URL = attrs.field(converter=token_url_of)
    client_id: str = attrs.field(converter=client_id_of)
    client_secret: Secret | None = attrs.field(default=None, converter=client_secret_of)
    scope: str | None = attrs.field(default=None, kw_only=True, converter=scope_of)
    audience: str | None = attrs.field(default=None, kw_only=True, converter=audience_of)
    extra: Mapping[str, str] = attrs.field(factory=dict, kw_only=True, converter=extra_of)
    client_auth: Literal["basic", "body"] = attrs.field(
        default="basic", kw_only=True, validator=one_of("basic", "body")
    )
    leeway: float = attrs.field(default=30.0, kw_only=True, validator=number(0))
    on_token: Callable[[OAuth2Token], object] | None = attrs.field(
        default=None, kw_only=True, converter=listener
    )
    start: OAuth2Token | None = attrs.field(
        default=None, kw_only=True, alias="token", converter=token_or_none
    )
    _state: TokenState = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_state", TokenState(self.start))

    @property
    def token(self) -> OAuth2Token | None:
        """The token that is used at present, None before the first."""
        return self._state.token

    def auth_flow(self, request: Request) -> Generator[Request | Errand, Any, None]:
        """Send `request` with a token; if that is refused with 401, with a new one, once."""
        token = yield from self._ready(request)
        response = yield _with_token(request, token)
        if response.status != 401:
            return
        if request.body is not None and not request.body.replayable:
            self._state.refused = token
            yield Note(
                "not sent again with a new access token: "
                "the request body is a stream and cannot be sent again"
            )
            return
        token = yield from self._renewed(request, token)
        yield _with_token(request, token)

    def _ready(self, request: Request) -> Steps:
        """Return a token that is good for now."""
        state = self._state
        token = state.token
        if token is None or token is state.refused:
            return (yield from self._renewed(request, token))
        if token.expires_at is None:
            return token
        _, wall = yield Times()
        if token.is_expired(wall):
            return (yield from self._renewed(request, token))
        if not token.is_due(wall, self.leeway) or not state.line.enter():
            return token  # where it is due, somebody else is at it already
        permit = Permit(state.line)
        try:
            if state.token is not None and state.token is not token:
                return state.token
            return (yield from self._obtained(request))
        except AntiphonError as error:
            if not _may_pass(error):
                raise
            return token  # it is good for a while yet
        finally:
            permit.release()

    def _renewed(self, request: Request, refused: OAuth2Token | None) -> Steps:
        """Return another token than `refused`: the one that somebody else got, or a new one."""
        state = self._state
        before = state.round
        permit = yield Turn(state.line, request, "for an access token")
        try:
            token = state.token
            if token is not None and token is not refused:
                return token
            if state.round != before and state.failure is not None:
                raise copy(state.failure)
            return (yield from self._obtained(request))
        finally:
            permit.release()

    def _obtained(self, request: Request) -> Steps:
        """Ask for a token, keep it and tell of it; the caller has the turn."""
        state = self._state
        if self.on_token is not None:
            yield MayAsk(self.on_token)  # a refresh token may be used once
        try:
            token = yield from self._granted(request)
        except DeadlineExceeded:
            raise  # one caller's patience says nothing to the others
        except (OAuth2Error, TransportError, DecodeError) as error:
            state.fail(copy(error))  # without its traceback, which would keep the call alive
            raise
        state.keep(token)
        if self.on_token is not None:
            yield Ask(self.on_token, (token,))
        return token

    @abstractmethod
    def _granted(self, request: Request) -> Steps:
        """Return a new token by the grant of this class."""

    def _refreshed(self, request: Request, refresh_token: Secret) -> Steps:
        """Return a new token for a refresh token (section 6), with that one if it stays good."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.get_secret_value()}
        return (yield from self._asked(request, form, refresh_token))

    def _asked(self, request: Request, form: dict[str, str], former: Secret | None) -> Steps:
        """Return the token that the token endpoint gives for `form`."""
        if self.scope is not None and form["grant_type"] != DEVICE_CODE:
            form["scope"] = self.scope
        response = yield from self._answer(request, self.token_url, form)
        _, wall = yield Times()
        return token_of(response, wall, former, self._secrets(form))

    def _answer(
        self, request: Request, url: URL, form: dict[str, str]
    ) -> Generator[Request | Errand, Any, Response]:
        """Send `form` and the client's identity to an endpoint of the authorization server."""
        form = {**form, **self.extra}
        if self.audience is not None:
            form["audience"] = self.audience
        headers = [("Accept", "application/json")]
        agent = request.headers.get("user-agent")
        if agent is not None:
            headers.append(("User-Agent", agent))
        if self.client_secret is None:
            form["client_id"] = self.client_id
        elif self.client_auth == "body":
            form["client_id"] = self.client_id
            form["client_secret"] = self.client_secret.get_secret_value()
        else:
            headers.append(("Authorization", self._basic(self.client_secret)))
        from urllib.parse import urlencode

        kind = "application/x-www-form-urlencoded"
        headers.append(("Content-Type", kind))
        # Not even what a server gave can make this fail.
        body = BytesBody(urlencode(form, errors="replace").encode(), kind)
        asked = Request("POST", url, Headers(headers), body)
        try:
            response: Response = yield Fetch(asked, MAX_ANSWER_BYTES)
        except AntiphonError as error:
            without_form(error)
            if isinstance(error, TransportError | DecodeError):
                error.add_note(f"while asking {url.redacted} for an access token")
            raise
        return response

    def _basic(self, secret: Secret) -> str:
        # RFC 6749 section 2.3.1: both are encoded as in a form before they are put together.
        from urllib.parse import quote_plus

        pair = (quote_plus(self.client_id), quote_plus(secret.get_secret_value()))
        return BasicAuth(*pair).header_value

    def _secrets(self, form: Mapping[str, str]) -> list[str]:
        """Return what must not be shown where a server echoes it."""
        found = [form[name] for name in ("refresh_token", "device_code") if name in form]
        if self.client_secret is not None:
            found.append(self.client_secret.get_secret_value())
        return [secret for secret in [*found, *self.extra.values()] if secret]

    def __getstate__(self) -> dict[str, object]:
        """Pickle the settings, of whose secrets nothing is left; the token stays here."""
        names = [field.name for field in attrs.fields(type(self)) if field.name != "_state"]
        return {name: getattr(self, name) for name in names if name != "start"}

    def __setstate__(self, settings: dict[str, object]) -> None:
        for name, value in {**settings, "start": None, "_state": TokenState(None)}.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.token_url.redacted!r}, {self.client_id!r})"


def _with_token(request: Request, token: OAuth2Token) -> Request:
    return request.with_header("Authorization", f"Bearer {token.access_token.get_secret_value()}")


def in_trouble(error: OAuth2Error) -> bool:
    """Whether the endpoint is in trouble, rather than of another opinion."""
    return error.status is not None and (error.status >= 500 or error.status == 429)


def _may_pass(error: AntiphonError) -> bool:
    """Whether asking again later is worth it, while the present token is good."""
    if isinstance(error, OAuth2Error):
        # Pages that say 200, and redirects: somebody on the way, not the endpoint.
        is_page = error.error is None and error.status is not None and error.status < 400
        return in_trouble(error) or is_page
    limits = (CircuitOpenError, BulkheadFullError, ClientRateLimitError)
    return isinstance(error, (TransportError, DecodeError, *limits))
