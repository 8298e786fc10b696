"""`OAuth2DeviceCode`: the user says yes on another device (RFC 8628)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.errors import DeadlineExceeded, DecodeError, OAuth2Error, TransportError
from antiphon.policies.auth_errands import Ask, MayAsk, Pause, Times
from antiphon.policies.auth_oauth2 import DEVICE_CODE, OAuth2Auth, in_trouble
from antiphon.policies.auth_oauth2_settings import device_url_of
from antiphon.policies.auth_oauth2_token import document_of, refused, seconds_of
from antiphon.policies.setting_checks import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.models.url import URL
    from antiphon.policies.auth_oauth2 import Steps

# RFC 8628 section 3.2: seconds between two questions unless the server says; section 3.5: how many
# more after slow_down.
_INTERVAL = 5.0
_SLOWER = 5.0
# The server has to say for how long the code is good; this is for those who do not.
_EXPIRES_IN = 600.0


@attrs.frozen(eq=False, repr=False, getstate_setstate=False)
class OAuth2DeviceCode(OAuth2Auth):
    """Lets a user grant access in a browser elsewhere: for command lines, televisions, servers.

    Settings as of `OAuth2ClientCredentials`; `client_secret` may be None. The first call that needs
    a token asks `device_authorization_url` for a code, calls `prompt(verification_uri, user_code,
    verification_uri_complete, expires_in)` to have it shown (the third is None or a URL with the
    code in it, the fourth are seconds; an `async def` in an `AsyncClient`), and asks on until the
    user has decided, the code has expired or the call's deadline has come. With a refresh token the
    user is asked once; if that is refused later, again. Raises `OAuth2Error`.
    """

    device_authorization_url: URL = attrs.field(kw_only=True, converter=device_url_of)
    prompt: Callable[[str, str, str | None, float], object] = attrs.field(
        kw_only=True, validator=function
    )

    def _granted(self, request: Request) -> Steps:
        token = self.token
        if token is not None and token.refresh_token is not None:
            try:
                return (yield from self._refreshed(request, token.refresh_token))
            except OAuth2Error as error:
                if error.error != "invalid_grant":
                    raise
        return (yield from self._by_the_user(request))

    def _by_the_user(self, request: Request) -> Steps:
        yield MayAsk(self.prompt)
        form = {} if self.scope is None else {"scope": self.scope}
        response = yield from self._answer(request, self.device_authorization_url, form)
        document = document_of(response, self._secrets(form))
        code, user_code = document.get("device_code"), document.get("user_code")
        # Some wrote verification_url before the standard was one.
        uri = document.get("verification_uri", document.get("verification_url"))
        if not isinstance(code, str) or not _is_shown(user_code) or not _is_shown(uri):
            raise refused(response, "answered without a device_code, user_code or verification_uri")
        complete = document.get("verification_uri_complete")
        expires_in = seconds_of(document.get("expires_in")) or _EXPIRES_IN
        interval = seconds_of(document.get("interval")) or _INTERVAL
        began, _ = yield Times()
        yield Ask(
            self.prompt,
            (uri, user_code, complete if _is_shown(complete) else None, expires_in),
        )
        left = expires_in
        while True:
            yield Pause(min(interval, left), request, "for the user to grant access")
            now, _ = yield Times()
            left = expires_in - (now - began)
            if left <= 0:
                raise refused(
                    response,
                    "gave a code that nobody entered in time",
                    error="expired_token",
                )
            try:
                return (
                    yield from self._asked(
                        request, {"grant_type": DEVICE_CODE, "device_code": code}, None
                    )
                )
            except OAuth2Error as error:
                if error.error == "slow_down":
                    interval += _SLOWER
                elif in_trouble(error):
                    interval *= 2
                elif error.error != "authorization_pending":
                    raise
            except DeadlineExceeded:
                raise
            except (TransportError, DecodeError):
                interval *= 2  # section 3.5: not so often, if the server is hard to reach


def _is_shown(value: object) -> bool:
    """Tell whether it is text for people: nothing that would steer the terminal it is shown in."""
    return isinstance(value, str) and value.isprintable() and value != ""
