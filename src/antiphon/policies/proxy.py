"""`Proxy`: a proxy to connect through, and what only it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.origin import Origin
from antiphon.models.proxy_url import DEFAULT_PROXY_PORTS, ProxyScheme, parse_proxy_url
from antiphon.models.redaction import HIDDEN
from antiphon.models.tls_config import TLSConfig
from antiphon.models.url_parsing import decode_userinfo
from antiphon.policies.auth import BasicAuth

if TYPE_CHECKING:
    import ssl

    from antiphon.models.headers import HeadersInput
    from antiphon.models.secret import SupportsSecretValue

ProxyInput: TypeAlias = "Proxy | str | None"
"""What `proxy=` takes: a URL, a `Proxy`, or None for direct connections."""


def _auth(value: object) -> BasicAuth | None:
    if value is None or isinstance(value, BasicAuth):
        return value
    if isinstance(value, tuple) and len(value) == 2:
        return BasicAuth(*value)
    raise InvalidOptionError(
        f"Proxy(auth=...): expected (user name, password) or BasicAuth, got {type(value).__name__}"
    )


def _headers(value: HeadersInput) -> Headers:
    return value if isinstance(value, Headers) else Headers(value)


def _check_socks_credentials(scheme: str, auth: BasicAuth) -> None:
    username, password = auth.username.get_secret_value(), auth.password.get_secret_value()
    if scheme.startswith("socks4"):
        if password:
            raise InvalidOptionError(
                f"Proxy(auth=...): {scheme}:// proxies know user names only; "
                "leave the password empty, or use socks5://"
            )
    elif not 1 <= len(username.encode()) <= 255 or not 1 <= len(password.encode()) <= 255:
        raise InvalidOptionError(
            "Proxy(auth=...): SOCKS5 wants a user name and a password of 1 to 255 bytes (RFC 1929)"
        )


@attrs.frozen(init=False, repr=False)
class Proxy:
    """A proxy, by its URL: `http://`, `https://` (TLS to the proxy), `socks4://`, `socks4a://`,
    `socks5://` or `socks5h://`; without a scheme it is an http proxy.

    `auth` is (user name, password) or a `BasicAuth`, as the URL's userinfo is; `tls` are the TLS
    settings towards an https proxy, by default its own `TLSConfig()`; `headers` go to an HTTP proxy
    and to nobody else. With `socks4` and `socks5` names are resolved here, with `socks4a` and
    `socks5h` by the proxy. Raises InvalidOptionError; user name and password are never shown.
    """

    scheme: ProxyScheme
    host: str
    port: int
    auth: BasicAuth | None
    tls: TLSConfig | ssl.SSLContext
    headers: Headers

    def __init__(
        self,
        url: str,
        *,
        auth: BasicAuth | tuple[str | SupportsSecretValue, str | SupportsSecretValue] | None = None,
        tls: TLSConfig | ssl.SSLContext | None = None,
        headers: HeadersInput = EMPTY_HEADERS,
    ) -> None:
        scheme, parts = parse_proxy_url("Proxy(url=...)", url)
        given = _auth(auth)
        if parts.userinfo and given is not None:
            raise InvalidOptionError(
                "Proxy(auth=...): the URL has a user name too; give one of the two"
            )
        if parts.userinfo:
            username, _, password = parts.userinfo.partition(":")
            given = BasicAuth(decode_userinfo(username), decode_userinfo(password))
        if tls is not None and not isinstance(tls, TLSConfig) and not hasattr(tls, "wrap_bio"):
            raise InvalidOptionError(
                f"Proxy(tls={tls!r}): give TLSConfig(ca_file=...) or an ssl.SSLContext"
            )
        if tls is not None and scheme != "https":
            raise InvalidOptionError(
                "Proxy(tls=...): TLS is spoken with https:// proxies only; "
                "settings for the servers behind it belong in the client's tls="
            )
        if given is not None and scheme.startswith("socks"):
            _check_socks_credentials(scheme, given)
        port = DEFAULT_PROXY_PORTS[scheme] if parts.port is None else parts.port
        values = {
            "scheme": scheme,
            "host": parts.host,
            "port": port,
            "auth": given,
            "tls": TLSConfig() if tls is None else tls,
            "headers": _headers(headers),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the class is frozen

    @staticmethod
    def of(value: ProxyInput, option: str = "proxy=...") -> Proxy | None:
        """Return what `proxy=` means. Raises InvalidOptionError that names `option`."""
        if value is None or isinstance(value, Proxy):
            return value
        parse_proxy_url(option, value)
        return Proxy(value)

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, not HTTP."""
        return self.scheme.startswith("socks")

    @property
    def origin(self) -> Origin:
        """Where it listens, in the form in which errors and observers name a peer."""
        return Origin(self.scheme, self.host, self.port)

    @property
    def own_lines(self) -> Headers:
        """The header fields that are for this HTTP proxy alone, its credentials among them."""
        if self.auth is None or "proxy-authorization" in self.headers:
            return self.headers
        return self.headers.with_("Proxy-Authorization", self.auth.header_value)

    @property
    def raw_credentials(self) -> tuple[bytes, bytes] | None:
        """User name and password as SOCKS sends them (RFC 1929); a secret."""
        if self.auth is None:
            return None
        username, password = self.auth.username, self.auth.password
        return username.get_secret_value().encode(), password.get_secret_value().encode()

    def masked(self, words: str) -> str:
        """What the proxy said, with `***` where it repeats our credentials."""
        if self.auth is None:
            return words
        for secret in (
            self.auth.header_value,
            self.auth.header_value.removeprefix("Basic "),
            self.auth.password.get_secret_value(),
        ):
            words = words.replace(secret, HIDDEN) if secret else words
        return words

    def masked_headers(self, headers: Headers) -> Headers:
        """What the proxy said in its header fields, with `***` where they repeat credentials."""
        if self.auth is None:
            return headers
        return Headers.trusted(tuple((name, self.masked(value)) for name, value in headers.pairs))

    def __hash__(self) -> int:
        # Each use of the pool asks for it: not all fields, of which some are costly.
        return hash((self.scheme, self.host, self.port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"Proxy({str(self)!r}{'' if self.auth is None else ', auth=***'})"


class ProxiedOrigin(NamedTuple):
    """An origin that is reached through a proxy: a pool never takes it for the origin itself."""

    scheme: str
    host: str
    port: int
    proxy: Proxy

    def __str__(self) -> str:
        return f"{Origin(self.scheme, self.host, self.port)} (through {self.proxy})"


Route: TypeAlias = Origin | ProxiedOrigin
"""What connections are pooled by: the origin they lead to, and the proxy on the way if any."""
