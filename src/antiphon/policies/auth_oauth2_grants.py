"""Tokens for programs: `OAuth2ClientCredentials`, and `OAuth2RefreshToken`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.auth_oauth2 import OAuth2Auth
from antiphon.policies.auth_oauth2_settings import secret_of

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.models.secret import Secret
    from antiphon.policies.auth_oauth2 import Steps


@attrs.frozen(eq=False, repr=False, getstate_setstate=False)
class OAuth2ClientCredentials(OAuth2Auth):
    """A program asks for itself, with its own credentials (RFC 6749 section 4.4).

    - `token_url`, `client_id`, `client_secret`; `client_auth` sends them as basic auth ("basic") or
      in the form ("body")
    - `scope`: text or a list; `audience` and `extra`: more parameters, as some servers want them
    - `leeway`: how many seconds before it expires a token is replaced
    - `on_token`: called with each new `OAuth2Token`; an `async def` in an `AsyncClient`. `token`:
      one to start with

    Raises `InvalidOptionError`; its calls may raise `OAuth2Error`.
    """

    def __attrs_post_init__(self) -> None:
        if self.client_secret is None:
            raise InvalidOptionError("OAuth2ClientCredentials(client_secret=None): has to be given")
        super().__attrs_post_init__()

    def _granted(self, request: Request) -> Steps:
        return (yield from self._asked(request, {"grant_type": "client_credentials"}, None))


def _refresh_token(value: object) -> Secret:
    secret = secret_of("OAuth2RefreshToken(refresh_token=...)", value)
    if not secret.get_secret_value():
        raise InvalidOptionError("OAuth2RefreshToken(refresh_token=...): is empty")
    return secret


@attrs.frozen(eq=False, repr=False, getstate_setstate=False)
class OAuth2RefreshToken(OAuth2Auth):
    """Renews what a user has granted before (RFC 6749 section 6).

    Settings as of `OAuth2ClientCredentials`; `client_secret` may be None, and `refresh_token` is
    the one to begin with. Where the server gives another one with a token (rotation), that is used
    from then on: keep it in `on_token`, for the first one is worth nothing any more.
    """

    refresh_token: Secret = attrs.field(kw_only=True, converter=_refresh_token)

    def _granted(self, request: Request) -> Steps:
        return (yield from self._refreshed(request, self._current()))

    def _current(self) -> Secret:
        token = self.token
        if token is None or token.refresh_token is None:
            return self.refresh_token
        return token.refresh_token
