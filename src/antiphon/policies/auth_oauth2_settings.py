"""What an OAuth2 auth is told: checked when it is given, so that no call finds out later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.models.url import URL
from antiphon.policies.auth import checked_secret
from antiphon.policies.auth_oauth2_token import OAuth2Token
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from antiphon.models.secret import Secret

# What the grants set themselves.
_RESERVED = {"client_id", "client_secret", "device_code", "grant_type", "refresh_token", "scope"}


def token_url_of(value: object) -> URL:
    """Return the URL of the token endpoint."""
    return _endpoint("token_url", value)


def device_url_of(value: object) -> URL:
    """Return the URL of the device authorization endpoint."""
    return _endpoint("device_authorization_url", value)


def client_id_of(value: object) -> str:
    """Return the client's identifier."""
    if not _is_text(value) or not value:
        raise InvalidOptionError(f"client_id={shown(value)}: give the client's identifier")
    return str(value)


def client_secret_of(value: object) -> Secret | None:
    """Return the client's secret, None for a public client."""
    return None if value is None else secret_of("client_secret=", value)


def secret_of(option: str, value: object) -> Secret:
    """Return a secret that a form can carry."""
    secret = checked_secret(option, value)
    if not _is_text(secret.get_secret_value()):
        raise InvalidOptionError(f"{option}: has half of a surrogate pair, which cannot be sent")
    return secret


def scope_of(value: object) -> str | None:
    """Return text, or a list of scopes, as text."""
    if value is None:
        return None
    words = [value] if isinstance(value, str) else value
    if (
        not isinstance(words, Sequence)
        or isinstance(words, bytes | bytearray | memoryview)
        or not all(map(_is_text, words))
    ):
        raise InvalidOptionError(f"scope={shown(value)}: give text, or a list of scopes")
    return " ".join(words) or None


def audience_of(value: object) -> str | None:
    """Return the parameter `audience`."""
    if value is not None and not _is_text(value):
        raise InvalidOptionError(f"audience={shown(value)}: give text, or None")
    return None if value is None else str(value)


def extra_of(value: object) -> dict[str, str]:
    """Return further parameters."""
    if not isinstance(value, Mapping) or not all(
        _is_text(part) for pair in value.items() for part in pair
    ):
        raise InvalidOptionError("extra=: give a mapping of names and texts")
    taken = sorted(_RESERVED & set(value))
    if taken:
        raise InvalidOptionError(f"extra= has {', '.join(taken)}, which the grant sets itself")
    return dict(value)


def token_or_none(value: object) -> OAuth2Token | None:
    """Return the token to start with."""
    if value is not None and not isinstance(value, OAuth2Token):
        raise InvalidOptionError(f"token=: give an OAuth2Token or None, not {type(value).__name__}")
    return value


def listener(value: object) -> Any:
    """Return the function that is told of tokens, if there is one."""
    if value is not None and not callable(value):
        raise InvalidOptionError(
            f"on_token={shown(value)}: give a function that takes an OAuth2Token"
        )
    return value


def _is_text(value: object) -> bool:
    """Tell whether it is text that UTF-8 has bytes for: surrogates stand for none."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _endpoint(name: str, value: object) -> URL:
    try:
        url = URL(value)  # type: ignore[arg-type]
    except InvalidURLError as error:
        raise InvalidOptionError(f"{name}=: {error}") from None
    if url.username or url.password:
        raise InvalidOptionError(
            f"{name}=: has a user name or password in it; give client_id and client_secret"
        )
    return url
