"""`APIKeyAuth`: a key in a header, in the query or in a cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.header_checks import checked_name
from antiphon.models.redaction import mark_secret_header, mark_secret_parameter
from antiphon.models.url_encoding import encode_value
from antiphon.policies.auth import checked_secret, is_unsendable
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon.models.request import Request
    from antiphon.models.secret import Secret
    from antiphon.policies.auth import AuthResponse

_PLACES = ("header", "query", "cookie")


def _key(value: object) -> Secret:
    secret = checked_secret("APIKeyAuth(key=...)", value)
    key = secret.get_secret_value()
    if not key or not key.isascii() or not key.isprintable():
        fault = "is empty" if not key else "has line ends, controls or non-ASCII characters"
        raise InvalidOptionError(f"APIKeyAuth(key=...): {fault}")
    return secret


@attrs.frozen(repr=False)
class APIKeyAuth:
    """Sends `key` as the value of one header, query parameter or cookie; which one has to be said.

    A client's key gives way to a call that fills that place itself. The value is hidden wherever
    headers and URLs are shown, whatever the name. Raises `InvalidOptionError`.
    """

    key: Secret = attrs.field(converter=_key)
    header: str | None = attrs.field(default=None, kw_only=True)
    query: str | None = attrs.field(default=None, kw_only=True)
    cookie: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        given = [place for place in _PLACES if getattr(self, place) is not None]
        if len(given) != 1:
            raise InvalidOptionError(
                f"APIKeyAuth({', '.join(f'{place}=...' for place in given)}): give one of "
                "header='X-API-Key', query='api_key' and cookie='session'"
            )
        name = getattr(self, given[0])
        if not isinstance(name, str) or not name or is_unsendable(name):
            raise InvalidOptionError(f"APIKeyAuth({given[0]}={shown(name)}): give a name")
        if given[0] == "header":
            try:
                checked_name(name)
            except InvalidHeaderError as error:
                raise InvalidOptionError(f"APIKeyAuth(header={shown(name)}): {error}") from None
            mark_secret_header(name)
        elif given[0] == "query":
            mark_secret_parameter(name)
        else:
            self._cookie()

    def auth_flow(self, request: Request) -> Generator[Request, AuthResponse, None]:
        """Send `request` with the key, once."""
        if self.header is not None:
            yield request.with_header(self.header, self.key.get_secret_value())
        elif self.query is not None:
            name = encode_value(self.query)
            url = request.url
            kept = [pair for pair in url.query.split("&") if pair and _name(pair) != name]
            kept.append(f"{name}={encode_value(self.key.get_secret_value())}")
            yield request.with_(url=url.with_(query="&".join(kept)))
        else:
            from antiphon.policies.cookie_header import merged_cookie_header

            cookie = self._cookie()
            merged = merged_cookie_header(request.headers.get("cookie"), cookie)
            yield request.with_header("Cookie", merged or cookie)

    def is_given_in(self, request: Request) -> bool:
        """Tell whether the request has something in the place of the key already."""
        if self.header is not None:
            return self.header in request.headers
        if self.query is not None:
            name = encode_value(self.query)
            return any(_name(pair) == name for pair in request.url.query.split("&"))
        pairs = request.headers.get("cookie", "").split(";")
        return any(pair.partition("=")[0].strip() == self.cookie for pair in pairs)

    def _cookie(self) -> str:
        from antiphon.policies.cookie_header import cookie_header

        try:
            return cookie_header({str(self.cookie): self.key.get_secret_value()}) or ""
        except InvalidOptionError:
            raise InvalidOptionError(
                f"APIKeyAuth(cookie={shown(self.cookie)}): a cookie cannot have this name, or not "
                "this key as its value (RFC 6265bis section 4.1.1)"
            ) from None

    def __repr__(self) -> str:
        place = next(place for place in _PLACES if getattr(self, place) is not None)
        return f"APIKeyAuth('***', {place}={getattr(self, place)!r})"


def _name(pair: str) -> str:
    """Return the name of a query parameter, escaped as `encode_value` does it."""
    from urllib.parse import unquote_plus

    return encode_value(unquote_plus(pair.partition("=")[0]))
