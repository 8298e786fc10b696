"""`Cookie`, one stored cookie, and the rules that say where it goes (RFC 6265bis section 5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from antiphon.policies.public_suffixes import is_public_suffix

if TYPE_CHECKING:
    from antiphon.models.url import URL
    from antiphon.policies.cookie_parsing import SameSite, SetCookie

MAX_LIFETIME = 400 * 86_400
"""Seconds that a server may ask a cookie to live; longer wishes are cut (RFC 6265bis 5.6.1)."""

_NUMERIC_LABEL = re.compile(r"(?:\A|\.)[0-9]+\.?\Z")


@attrs.frozen(kw_only=True)
class Cookie:
    """One cookie as a `CookieJar` keeps it (RFC 6265bis section 5.7).

    `domain` is the host that it goes to, without a leading dot; "" is every host that a caller
    names. With `host_only` it goes to no subdomain. `expires` is in seconds since the epoch, None
    for a cookie without an end. `created` is when its server set it first, 0.0 for one set by
    hand. `same_site` is kept but decides nothing: every call is made by the user, from no site.
    The value is a secret, and `repr` does not show it.
    """

    name: str
    value: str = attrs.field(repr=False)
    domain: str = ""
    path: str = "/"
    host_only: bool = True
    secure: bool = False
    http_only: bool = False
    same_site: SameSite | None = None
    expires: float | None = None
    created: float = 0.0

    @property
    def pair(self) -> str:
        """What stands for the cookie in a `Cookie` header (section 5.8.3, step 5)."""
        return f"{self.name}={self.value}" if self.name else self.value

    def expired(self, now_wall: float) -> bool:
        """Tell whether its time, if it has one, is over at `now_wall` (seconds since the epoch)."""
        return self.expires is not None and self.expires <= now_wall


def received_cookie(parsed: SetCookie, url: URL, now_wall: float) -> Cookie | None:
    """Return the cookie that `url` has set, or None if it may not set this one.

    The storage model of RFC 6265bis section 5.7 up to where the other stored cookies matter.
    `Secure` cookies are taken from https only, from loopback hosts too.
    """
    host = url.host
    secure_origin = url.scheme == "https"
    if parsed.secure and not secure_origin:
        return None
    domain = parsed.domain or ""
    if not domain.isascii():
        return None
    if domain == host and (is_ip_address(host) or is_public_suffix(host)):
        # A public suffix may have cookies of its own, but none for what is registered under it.
        domain = ""
    elif domain and (not domain_matches(host, domain) or is_public_suffix(domain)):
        return None
    cookie = Cookie(
        name=parsed.name,
        value=parsed.value,
        domain=domain or host,
        path=parsed.path or default_path(url.path),
        host_only=not domain,
        secure=parsed.secure,
        http_only=parsed.http_only,
        same_site=parsed.same_site,
        expires=_expiry(parsed, now_wall),
        created=now_wall,
    )
    return None if prefix_broken(cookie, has_path=parsed.path is not None) else cookie


def prefix_broken(cookie: Cookie, *, has_path: bool = True) -> str | None:
    """Say which promise of its name `cookie` breaks, None if none (section 5.7, steps 20 to 22).

    Prefixes are compared without regard to case, as servers that compare so are fooled otherwise.
    """
    # A nameless cookie is sent as its value alone, which a server may take for a name.
    shown = (cookie.name or cookie.value).lower()
    if not shown.startswith(("__secure-", "__host-")):
        return None
    if not cookie.name:
        return "a cookie without a name may not begin with __Secure- or __Host-"
    if not cookie.secure:
        return "a __Secure- or __Host- cookie must be secure"
    if shown.startswith("__host-") and not (cookie.host_only and has_path and cookie.path == "/"):
        return "a __Host- cookie must be for one host and the path /"
    return None


def domain_matches(host: str, domain: str) -> bool:
    """Tell whether `host` is `domain` or a name below it (section 5.1.3); both in lower case."""
    return host == domain or (host.endswith("." + domain) and not is_ip_address(host))


def path_matches(request_path: str, cookie_path: str) -> bool:
    """Tell whether `request_path` is `cookie_path` or lies below it (section 5.1.4)."""
    return request_path.startswith(cookie_path) and (
        len(request_path) == len(cookie_path)
        or cookie_path.endswith("/")
        or request_path[len(cookie_path)] == "/"
    )


def default_path(request_path: str) -> str:
    """Return the directory of `request_path` (section 5.1.4): "/a/b" gives "/a", "/a" gives "/"."""
    if not request_path.startswith("/"):
        return "/"
    return request_path[: request_path.rfind("/")] or "/"


def is_ip_address(host: str) -> bool:
    """Tell whether a host of a valid URL is an address and no name."""
    return ":" in host or _NUMERIC_LABEL.search(host) is not None


def _expiry(parsed: SetCookie, now_wall: float) -> float | None:
    # Section 5.7 step 5: Max-Age beats Expires. The past is 0.0, and the cap is 5.6.1's.
    if parsed.max_age is not None:
        return now_wall + min(parsed.max_age, MAX_LIFETIME) if parsed.max_age > 0 else 0.0
    if parsed.expires is not None:
        return min(parsed.expires, now_wall + MAX_LIFETIME)
    return None
