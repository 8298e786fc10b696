"""The `Cookie` header of one request, from what was given for it and what the jar has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.policies.cookie import Cookie

if TYPE_CHECKING:
    from collections.abc import Mapping


def cookie_header(cookies: Mapping[str, str]) -> str | None:
    """Return the `Cookie` value for names and values given for one call, None for no cookies.

    Raises `InvalidOptionError` for a name or value that cannot be in the header.
    """
    from antiphon.policies.cookie_checks import checked_cookie

    pairs = [
        # The prefixes promise how a cookie was stored, and these are not.
        checked_cookie(Cookie(name=name, value=value, secure=True)).pair
        for name, value in cookies.items()
    ]
    return "; ".join(pairs) or None


def merged_cookie_header(stored: str | None, given: str | None) -> str | None:
    """Join the jar's `Cookie` value with the request's own; where both have a name, `given` wins.

    The stored ones come first. A request has one `Cookie` line (RFC 6265bis section 5.8).
    """
    if stored is None or given is None:
        return stored if given is None else given
    names = {_name(pair) for pair in given.split(";")}
    kept = [pair for pair in stored.split("; ") if _name(pair) not in names]
    return "; ".join([*kept, given])


def _name(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return name.strip(" \t") if equals else ""
