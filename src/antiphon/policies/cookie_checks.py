"""What a caller may put into a cookie by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.policies.cookie import Cookie, is_ip_address, prefix_broken
from antiphon.policies.cookie_parsing import MAX_NAME_AND_VALUE, UNUSABLE
from antiphon.policies.public_suffixes import is_public_suffix

if TYPE_CHECKING:
    from typing import NoReturn


def checked_cookie(cookie: Cookie) -> Cookie:
    """Return `cookie`, its domain in the form in which URLs have it.

    Raises `InvalidOptionError` for what no server could have set, or what would not come out of
    a `Cookie` header as it went in; the message names the cookie, never its value.
    """
    name, value = cookie.name, cookie.value
    for part, text in (("name", name), ("value", value), ("path", cookie.path)):
        if not isinstance(text, str):
            _refuse(name, f"its {part} is {type(text).__name__}, not str")
        if UNUSABLE.search(text) or ";" in text or text != text.strip(" \t"):
            _refuse(
                name,
                f"its {part} has a control character, a semicolon, a character outside latin-1, "
                "or spaces around it; quote or encode it (base64, percent-encoding)",
            )
    if "=" in name:
        _refuse(name, "its name has an equals sign")
    if not name and not value:
        _refuse(name, "it has neither a name nor a value")
    if len(name) + len(value) > MAX_NAME_AND_VALUE:
        _refuse(name, f"name and value are longer than {MAX_NAME_AND_VALUE} bytes together")
    if not cookie.path.startswith("/"):
        _refuse(name, f"its path {cookie.path!r} does not begin with /")
    domain = _checked_domain(name, cookie.domain) if cookie.domain else ""
    if not cookie.host_only and (not domain or is_ip_address(domain) or is_public_suffix(domain)):
        _refuse(name, f"host_only=False needs a domain that has subdomains of its own: {domain!r}")
    broken = prefix_broken(cookie)
    if broken:
        _refuse(name, broken)
    if cookie.expires is not None and not _is_time(cookie.expires):
        _refuse(name, f"expires={cookie.expires!r} is no time in seconds since the epoch")
    if domain == cookie.domain:
        return cookie
    return Cookie(
        name=name,
        value=value,
        domain=domain,
        path=cookie.path,
        host_only=cookie.host_only,
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=cookie.same_site,
        expires=cookie.expires,
        created=cookie.created,
    )


def _checked_domain(name: str, domain: str) -> str:
    from antiphon.models.url import URL

    if not isinstance(domain, str):
        _refuse(name, f"its domain is {type(domain).__name__}, not str")
    if any(sign in domain for sign in "/?#@"):
        _refuse(name, f"its domain {domain!r} is not a host name")
    if domain.count(":") == 1:
        _refuse(name, f"its domain {domain!r} has a port; cookies go to every port of a host")
    bare, percent, zone = domain.removeprefix(".").partition("%")
    try:
        # The URL parser knows what a host is: case, IDNA, address literals.
        url = URL(f"http://[{bare}]/" if bare.count(":") > 1 else f"http://{bare}/")
    except InvalidURLError as error:
        _refuse(name, f"its domain {domain!r} is not a host name", error)
    return url.host + percent + zone


def _is_time(value: object) -> bool:
    # The bounds keep out NaN and infinity, which JSON has no numbers for.
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e18 < value < 1e18


def _refuse(name: str, reason: str, cause: BaseException | None = None) -> NoReturn:
    message = f"the cookie {name!r} cannot be set: {reason}"
    raise InvalidOptionError(message) from cause
