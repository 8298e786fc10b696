"""`OAuth2Token`: what a token endpoint gives (RFC 6749 section 5.1), and why it gives none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from antiphon.errors import AntiphonError, InvalidOptionError, OAuth2Error
from antiphon.policies.auth import checked_secret
from antiphon.policies.setting_checks import number, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.response import Response
    from antiphon.models.secret import Secret

# How much of an error description is shown.
_SHOWN_CHARACTERS = 200
_HINTS = {
    "invalid_client": "check client_id, client_secret and client_auth",
    "invalid_grant": "the refresh token or device code is used up, expired or revoked; ask anew",
    "unauthorized_client": "this client may not use this grant",
    "unsupported_grant_type": "the server does not know this grant",
    "invalid_scope": "check scope",
}


def _access_token(value: object) -> Secret:
    return checked_secret("OAuth2Token(access_token=...)", value)


def _refresh_token(value: object) -> Secret | None:
    return None if value is None else checked_secret("OAuth2Token(refresh_token=...)", value)


def _text_or_none(_token: object, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise InvalidOptionError(f"OAuth2Token({field.name}={shown(value)}): give text or None")


@attrs.frozen(eq=False)
class OAuth2Token:
    """An access token with all that is known about it.

    `expires_at` is in seconds since the epoch, None if the server did not say; `lifetime` are the
    seconds that it had when it was new. Give it as `token=` to start with one that was kept.
    """

    access_token: Secret = attrs.field(converter=_access_token)
    expires_at: float | None = attrs.field(default=None, validator=number(0, optional=True))
    refresh_token: Secret | None = attrs.field(default=None, converter=_refresh_token)
    scope: str | None = attrs.field(default=None, validator=_text_or_none)
    lifetime: float | None = attrs.field(default=None, validator=number(0, optional=True))

    def __attrs_post_init__(self) -> None:
        token = self.access_token.get_secret_value()
        if not token or not all("!" <= character <= "~" for character in token):
            raise InvalidOptionError(
                "OAuth2Token(access_token=...): is empty, or has spaces, line ends or "
                "non-ASCII characters"
            )

    def is_expired(self, now_wall: float) -> bool:
        """Tell whether its time is over."""
        return self.expires_at is not None and now_wall >= self.expires_at

    def is_due(self, now_wall: float, leeway: float) -> bool:
        """Tell whether it is time for the next one: `leeway` seconds before this one expires.

        Of a token that lives shortly, half its lifetime before: it would be due at once otherwise.
        """
        if self.expires_at is None:
            return False
        early = leeway if self.lifetime is None else min(leeway, self.lifetime / 2)
        return now_wall >= self.expires_at - early


def token_of(
    response: Response, now_wall: float, former: Secret | None, secrets: Iterable[str]
) -> OAuth2Token:
    """Return the token in an answer; a refresh token that it does not replace is kept (section 6).

    Raises OAuth2Error for anything else. `secrets` are hidden where the server echoes them.
    """
    document = document_of(response, secrets)
    access_token = document.get("access_token")
    kind = document.get("token_type", "Bearer")
    if not isinstance(access_token, str):
        raise refused(response, "answered without an access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise refused(response, "gave a token that is no bearer token; no other kind is known here")
    lifetime = seconds_of(document.get("expires_in"))
    fresh = document.get("refresh_token")
    scope = document.get("scope")
    try:
        return OAuth2Token(
            access_token,
            None if lifetime is None else now_wall + lifetime,
            fresh if isinstance(fresh, str) and fresh else former,
            scope if isinstance(scope, str) else None,
            lifetime,
        )
    except InvalidOptionError:
        raise refused(response, "gave a token that no header can carry") from None


def document_of(response: Response, secrets: Iterable[str]) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises OAuth2Error for errors and for what is none."""
    try:
        document = response.json()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no JSON
        document = None
    found: dict[str, Any] = document if isinstance(document, dict) else {}
    error = found.get("error")
    # Some say 200 and mean an error.
    if isinstance(error, str) and error:
        word = _shown(error, secrets)
        description = found.get("error_description")
        told = _shown(description, secrets) if isinstance(description, str) else None
        said = f"{word}: {told}" if told else word
        hint = _HINTS.get(error)
        raise refused(
            response, f"said {said}{f' ({hint})' if hint else ''}", error=word, description=told
        )
    if 300 <= response.status <= 399:
        raise refused(response, "answered with a redirect, which is not followed with credentials")
    if not response.is_success:
        raise refused(response, "refused without saying why")
    if not isinstance(document, dict):
        raise refused(response, "answered with no JSON object")
    return found


def seconds_of(value: object) -> float | None:
    """Return a number of seconds; some servers write it as text. None for what is none."""
    try:
        is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
        seconds = float(value) if is_number else math.nan  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def refused(
    response: Response, reason: str, *, error: str | None = None, description: str | None = None
) -> OAuth2Error:
    """Return the error for an answer without a token."""
    refusal = OAuth2Error(
        f"no access token: {response.request.url.redacted} {reason} (status {response.status})",
        status=response.status,
        request_id=response.request_id,
        headers=response.headers,
        request=response.request,
        attempts=response.attempts,
        error=error,
        error_description=description,
    )
    without_form(refusal)
    return refusal


def without_form(error: AntiphonError) -> None:
    """Take the form out of an error and those of its attempts: it holds secrets."""
    for one in (error, *(attempt.error for attempt in error.attempts)):
        if isinstance(one, AntiphonError) and one.request is not None:
            one.request = one.request.without_body()


def _shown(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
