"""`URL`: an absolute http or https URL, normalised once (RFC 3986)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn, final

from antiphon.models.origin import DEFAULT_PORTS, Origin
from antiphon.models.redaction import HIDDEN
from antiphon.models.url_encoding import encode_query, encode_value
from antiphon.models.url_params import encode_params
from antiphon.models.url_parsing import (
    Parts,
    check_characters,
    check_host,
    check_path,
    check_port,
    check_scheme,
    decode_userinfo,
    join_userinfo,
    parse_reference,
)
from antiphon.models.url_refusal import refused_url

if TYPE_CHECKING:
    from antiphon.models.url_params import Params

# Enough for every endpoint of a program. Longer texts carry data and rarely come again.
_CACHE_SIZE = 1024
_CACHED_LENGTH = 2048


class _Fields:
    """The slots of `URL`, open while one is built: `URL` itself lets nothing be set."""

    __slots__ = (
        "_parts",
        "explicit_port",
        "fragment",
        "host",
        "host_header",
        "origin",
        "password",
        "path",
        "port",
        "query",
        "scheme",
        "target",
        "text",
        "username",
    )

    _parts: Parts
    text: str
    scheme: str
    username: str
    password: str
    host: str
    port: int
    explicit_port: int | None
    path: str
    query: str
    fragment: str
    target: str
    host_header: str
    origin: Origin


@final
class URL(_Fields):
    """An absolute http or https URL, immutable and normalised once.

    `URL(text)` and `URL.parse(text)` are the same; what was parsed lately is not parsed again.
    Two URLs are equal if their normalised texts are. docs/urls.md says what is normalised and
    what is refused with `InvalidURLError`.

    - `text`: the whole URL, the password too; `str(url)` shows `***` in its place
    - `scheme`: "http" or "https"
    - `username`, `password`: decoded, "" if there is none
    - `host`: lower case, A-labels; IPv6 without brackets but with its zone (`fe80::1%eth0`)
    - `port`: the port to connect to
    - `explicit_port`: the same, or None if it is the default of the scheme
    - `path`: starts with "/"; `query`: without "?"; `fragment`: without "#"; all three escaped
    - `target`: path and query, what stands in the request line (RFC 9112, section 3.2.1)
    - `host_header`: what stands in the `Host` header (RFC 9110, section 7.2)
    - `origin`: scheme, host and port
    """

    __slots__ = ()

    def __new__(cls, text: str | URL) -> URL:
        """Return the URL that `text` stands for. Raises `InvalidURLError`."""
        return _cached(text) or _parse(text) if isinstance(text, str) else _not_text(text)

    @staticmethod
    def parse(text: str | URL) -> URL:
        """Return the URL that `text` stands for, from the cache if it was parsed lately.

        Raises `InvalidURLError` if `text` is not an absolute http or https URL.
        """
        return _cached(text) or _parse(text) if isinstance(text, str) else _not_text(text)

    def join(self, reference: str | URL) -> URL:
        """Resolve `reference` against this URL (RFC 3986, section 5.2, strict).

        Raises `InvalidURLError` if the result is not an http or https URL.
        """
        if not isinstance(reference, str):
            return _not_text(reference)
        return _build(parse_reference(reference, self._parts))

    def with_params(self, params: Params) -> URL:
        """Return this URL with `params` appended to its query; docs/urls.md has the forms.

        A list repeats its name, None leaves a parameter out. Raises `InvalidURLError` for a value
        that is no str, int, float, bool or None.
        """
        added = encode_params(params)
        if not added:
            return self
        query = f"{self.query}&{added}" if self.query else added
        scheme, userinfo, host, port, path, _, fragment = self._parts
        return _build(Parts(scheme, userinfo, host, port, path, query, fragment))

    def with_(
        self,
        *,
        scheme: str | None = None,
        host: str | None = None,
        port: int | Literal["default"] | None = None,
        path: str | None = None,
        query: str | None = None,
        fragment: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> URL:
        """Return a copy with the named parts replaced; None keeps a part, "" removes it.

        `port="default"` removes the port. `username` and `password` are plain text, the other
        parts are escaped as in a URL. Raises `InvalidURLError`.
        """
        parts = self._parts
        if username is not None or password is not None:
            name = encode_value(_part("username", username, self.username))
            secret = encode_value(_part("password", password, self.password))
            parts = parts._replace(userinfo=join_userinfo(name, secret))
        if scheme is not None:
            parts = parts._replace(scheme=check_scheme(_part("scheme", scheme)))
        if host is not None:
            host = _part("host", host)
            bracketed = f"[{host}]" if ":" in host and host[0] != "[" else host
            parts = parts._replace(host=check_host(bracketed, host))
        if port is not None:
            parts = parts._replace(port=None if port == "default" else check_port(port))
        if path is not None:
            parts = parts._replace(path=check_path(_part("path", path)))
        if query is not None:
            parts = parts._replace(query=encode_query(_part("query", query)) or None)
        if fragment is not None:
            parts = parts._replace(fragment=encode_query(_part("fragment", fragment)))
        return _build(parts)

    def without_userinfo(self) -> URL:
        """Return this URL without user name and password."""
        return _build(self._parts._replace(userinfo="")) if self._parts.userinfo else self

    @property
    def redacted(self) -> str:
        """The URL as it may be logged: no userinfo, no fragment, the values of the query hidden."""
        shown = [_hide_value(pair) for pair in self.query.split("&")] if self.query else []
        return f"{self.origin}{self.path}{'?' if shown else ''}{'&'.join(shown)}"

    def without_secrets(self) -> URL:
        """The URL as it may be kept: no userinfo, and `***` for parameters that sound secret."""
        pairs = self.query.split("&") if self.query else []
        shown = [_hide_secret(pair) for pair in pairs]
        url = self.without_userinfo()
        return url if shown == pairs else url.with_(query="&".join(shown))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a URL is immutable; use url.with_({name}=...)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a URL is immutable: {name} stays")

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, URL) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[type[URL], tuple[str]]:
        return (URL, (self.text,))

    def __str__(self) -> str:
        """The whole URL with `***` in place of the password."""
        if not self.password:
            return self.text
        userinfo = self._parts.userinfo
        shown = f"{userinfo.partition(':')[0]}:{HIDDEN}"
        return self.text.replace(userinfo, shown, 1)

    def __repr__(self) -> str:
        return f"URL({self.redacted!r})"


_cache: dict[str, URL] = {}
_cached = _cache.get


def _parse(text: str) -> URL:
    url = _build(parse_reference(text))
    if len(text) <= _CACHED_LENGTH:
        if len(_cache) >= _CACHE_SIZE:
            # All at once: one atomic step, which no other thread sees half done.
            _cache.clear()
        _cache[text] = url
    return url


def _not_text(value: object) -> URL:
    if isinstance(value, URL):
        return value
    raise refused_url(f"expected a str or a URL, got {type(value).__name__}")


def _hide_value(pair: str) -> str:
    name, equals, value = pair.partition("=")
    # A parameter without a name may be a secret as a whole.
    return name + equals + (HIDDEN if value else "") if equals else HIDDEN


def _hide_secret(pair: str) -> str:
    from urllib.parse import unquote_plus

    from antiphon.models.redaction import is_secret_parameter

    return _hide_value(pair) if is_secret_parameter(unquote_plus(pair.partition("=")[0])) else pair


def _part(name: str, value: object, default: str = "") -> str:
    if value is None:
        return default
    if not isinstance(value, str):
        raise refused_url(f"{name}= is of type {type(value).__name__}, not str")
    check_characters(value, shown=False)
    return value


def _build(parts: Parts) -> URL:
    """Compute all attributes of a URL from its normalised parts."""
    scheme, userinfo, host, port, path, query, fragment = parts
    url = _Fields()
    default_port = DEFAULT_PORTS[scheme]
    if port == default_port:
        # Equal URLs stay equal when another scheme is put in.
        port = None
        parts = Parts(scheme, userinfo, host, None, path, query, fragment)
    if port is None:
        url.explicit_port = None
        url.port = port = default_port
        port_text = ""
    else:
        url.explicit_port = url.port = port
        port_text = f":{port}"
    if ":" in host:
        address, percent, zone = host.partition("%")
        # A zone means something on this machine only and is not sent (RFC 6874, section 4).
        url.host_header = f"[{address}]{port_text}"
        authority = f"[{address}{'%25' if percent else ''}{zone}]{port_text}"
    else:
        url.host_header = authority = host + port_text
    if userinfo:
        username, _, password = userinfo.partition(":")
        url.username = decode_userinfo(username)
        url.password = decode_userinfo(password)
        authority = f"{userinfo}@{authority}"
    else:
        url.username = url.password = ""
    url.scheme = scheme
    url.host = host
    url.path = path
    url.query = query or ""
    url.fragment = fragment
    url.target = target = path if query is None else f"{path}?{query}"
    url.origin = Origin(scheme, host, port)
    url._parts = parts
    url.text = f"{scheme}://{authority}{target}{'#' + fragment if fragment else ''}"
    url.__class__ = URL
    return url  # type: ignore[return-value]
