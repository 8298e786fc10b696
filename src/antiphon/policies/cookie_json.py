"""A jar's cookies as JSON text, for saving."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.cookie import Cookie
from antiphon.policies.cookie_checks import checked_cookie
from antiphon.policies.public_suffixes import is_public_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

_VERSION = 1
_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "value": (str,),
    "domain": (str,),
    "path": (str,),
    "host_only": (bool,),
    "secure": (bool,),
    "http_only": (bool,),
    "same_site": (str, type(None)),
    "expires": (float, int, type(None)),
    "created": (float, int),
}


def cookies_to_json(cookies: Iterable[Cookie]) -> str:
    """Return `cookies` as JSON text, values included."""
    rows = [{name: getattr(cookie, name) for name in _TYPES} for cookie in cookies]
    return json.dumps({"version": _VERSION, "cookies": rows}, indent=1) + "\n"


def cookies_from_json(text: str) -> list[Cookie]:
    """Return the cookies that `cookies_to_json` wrote.

    Those of a domain that is now known as a public suffix are left out. Raises
    `InvalidOptionError` for any other text; the message shows none of it.
    """
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Not chained: the cause would show the text.
        _refuse(f"it is not JSON ({type(error).__name__})")
    if not isinstance(saved, dict) or saved.get("version") != _VERSION:
        _refuse(f'it has no "version": {_VERSION}')
    rows = saved.get("cookies")
    if not isinstance(rows, list):
        _refuse('its "cookies" is not a list')
    cookies = [_cookie(row, number) for number, row in enumerate(rows)]
    return [
        checked_cookie(cookie)
        for cookie in cookies
        if cookie.host_only or not is_public_suffix(cookie.domain)
    ]


def _cookie(row: object, number: int) -> Cookie:
    if not isinstance(row, dict):
        _refuse(f"cookie {number} is not an object")
    for name, types in _TYPES.items():
        if type(row.get(name)) not in types:
            _refuse(f"cookie {number} has no usable {name!r}")
    if row["same_site"] not in ("Strict", "Lax", "None", None):
        _refuse(f"cookie {number} has an unknown 'same_site'")
    return Cookie(**{field.name: row[field.name] for field in attrs.fields(Cookie)})


def _refuse(reason: str) -> NoReturn:
    message = f"this is not a saved cookie jar: {reason}; use text that CookieJar.to_json() wrote"
    raise InvalidOptionError(message) from None
