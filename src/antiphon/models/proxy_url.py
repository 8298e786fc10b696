"""URLs of proxies: which schemes there are, and what such a URL may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.models.url_parsing import parse_reference

if TYPE_CHECKING:
    from antiphon.models.url_parsing import Parts

ProxyScheme = Literal["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

DEFAULT_PROXY_PORTS: dict[str, int] = {
    "http": 80,
    "https": 443,
    # The port that IANA registered for SOCKS.
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
"""The schemes of a proxy's URL, and the port where the URL names none."""

_KNOWN = ", ".join(f"{scheme}://" for scheme in DEFAULT_PROXY_PORTS)


def parse_proxy_url(option: str, url: object) -> tuple[ProxyScheme, Parts]:
    """Split the URL of a proxy. Raises InvalidOptionError that shows no userinfo."""
    if not isinstance(url, str):
        raise InvalidOptionError(
            f"{option}: expected a URL such as 'http://proxy.example:3128', "
            f"got {type(url).__name__}"
        )
    scheme, separator, rest = url.strip(" ").partition("://")
    if not separator:
        scheme, rest = "http", scheme
    scheme = scheme.lower()
    if scheme not in DEFAULT_PROXY_PORTS:
        shown = "is unknown" if "@" in scheme else f"{scheme[:20]!r} is none of {_KNOWN}"
        raise InvalidOptionError(f"{option}: the scheme of the proxy {shown}")
    try:
        parts = parse_reference(f"http://{rest}")
    except InvalidURLError as error:
        reason = error.message.rpartition(": ")[2]
        raise InvalidOptionError(f"{option}: the URL of the proxy is invalid: {reason}") from None
    if parts.path != "/" or parts.query is not None or parts.fragment:
        raise InvalidOptionError(
            f"{option}: the URL of a proxy has nothing after its host and port; "
            "leave path and query out"
        )
    return cast("ProxyScheme", scheme), parts


def redacted_proxy_url(url: str) -> str:
    """Return the URL of a proxy with `***` for its user name and password."""
    scheme, parts = parse_proxy_url("proxy", url)
    userinfo = "***@" if parts.userinfo else ""
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    port = DEFAULT_PROXY_PORTS[scheme] if parts.port is None else parts.port
    return f"{scheme}://{userinfo}{host}:{port}"
