"""The settings of a client that can be written as data: in a file, or in the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.limits import Limits
from antiphon.models.proxy_url import parse_proxy_url, redacted_proxy_url
from antiphon.models.timeout import DEFAULT_TIMEOUT, Timeout
from antiphon.models.tls_config import TLSConfig
from antiphon.models.unset import UNSET, Unset
from antiphon.models.url import URL
from antiphon.models.url_params import encode_params

if TYPE_CHECKING:
    from antiphon.models.headers import HeadersInput

_T = TypeVar("_T")


def _headers(value: HeadersInput) -> Headers:
    return value if isinstance(value, Headers) else Headers(value)


def _timeout(value: Timeout | float | None) -> Timeout:
    return Timeout.of(value)


def _shown_url(value: str) -> str:
    return repr(URL(value).redacted if value else "")


def _shown_query(value: str) -> str:
    """Show the names of a query; its values may be secret."""
    return repr("&".join(f"{pair.partition('=')[0]}=***" for pair in value.split("&") if pair))


def _shown_proxy(value: str | Unset | None) -> str:
    return repr(redacted_proxy_url(value) if isinstance(value, str) else value)


@attrs.frozen(kw_only=True)
class ClientConfig:
    """Settings of a client, with the defaults of `Client` and `AsyncClient`.

    Raises InvalidOptionError, InvalidURLError or InvalidHeaderError for what no client would take.
    """

    base_url: str = attrs.field(default="", repr=_shown_url)
    """A prefix for URLs that are not absolute, "" for none."""
    headers: Headers = attrs.field(default=EMPTY_HEADERS, converter=_headers)
    """Sent with every request."""
    params: str = attrs.field(default="", converter=encode_params, repr=_shown_query)
    """Added to the query of every request; whatever it is given as, it is kept as query text."""
    timeout: Timeout = attrs.field(default=DEFAULT_TIMEOUT, converter=_timeout)
    """Limits in seconds; a number or None is taken as `Timeout` takes it."""
    limits: Limits = attrs.field(factory=Limits)
    """Bounds of the connection pool."""
    tls: TLSConfig = attrs.field(factory=TLSConfig)
    """Whom to trust, and who we are."""
    retry: int | None = 3
    """Attempts in all; 1 or None never tries again."""
    follow_redirects: bool = True
    """Follow 3xx responses that name another place."""
    max_redirects: int = 20
    """How many in a row."""
    raise_for_status: bool = True
    """Raise for 4xx and 5xx."""
    max_response_bytes: int | None = None
    """The largest body that is loaded, counted after decoding; None is no limit."""
    trust_env: bool = True
    """Let the environment name CA files where the settings name none, and proxies likewise."""
    proxy: str | Unset | None = attrs.field(default=UNSET, repr=_shown_proxy)
    """The URL of a proxy for all requests; None is none, whatever the environment names."""

    def __attrs_post_init__(self) -> None:
        _require("base_url", self.base_url, (str,), "a URL")
        if self.base_url:
            URL(self.base_url)
        _require("limits", self.limits, (Limits,), "Limits")
        _require("tls", self.tls, (TLSConfig,), "a TLSConfig")
        if self.proxy is not UNSET and self.proxy is not None:
            parse_proxy_url("proxy", self.proxy)
        for name in ("follow_redirects", "raise_for_status", "trust_env"):
            _require(name, getattr(self, name), (bool,), "True or False")
        _require_count("retry", self.retry, least=1)
        _require_count("max_redirects", self.max_redirects, least=0, optional=False)
        _require_count("max_response_bytes", self.max_response_bytes, least=0)

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> ClientConfig:
        """Make settings from a mapping, as a TOML or JSON file has them.

        `timeout`, `limits` and `tls` may be mappings of their parts; `timeout.all` is the number
        for the four phases. Unknown keys raise InvalidOptionError, which lists the known ones.
        """
        _require("settings", settings, (Mapping,), "a mapping of names to values")
        _refuse_unknown("", settings, KNOWN_SETTINGS)
        values = dict(settings)
        for name, (make, known) in _GROUPS.items():
            part = values.get(name)
            if isinstance(part, Mapping):
                _refuse_unknown(f"{name}.", part, known)
                values[name] = _construct(make, part)
        return _construct(cls, values)


def check_config(config: object) -> None:
    """Raise InvalidOptionError for what are no settings of a client."""
    _require("config", config, (ClientConfig,), "a ClientConfig")


def config_from_env(
    prefix: str, environ: Mapping[str, str], env_file_text: str = ""
) -> ClientConfig:
    """Make settings from the variables whose names begin with `prefix`, such as "MYAPI_".

    `MYAPI_TIMEOUT__CONNECT=3` is `timeout.connect`; values are typed by the setting. The text of a
    .env file may give variables too; `environ` beats it. Raises InvalidOptionError, which names the
    variable and what is expected, never the value.
    """
    from antiphon.models.config_variables import read_variables
    from antiphon.models.env_file import parse_env_file

    return read_variables(prefix, {**parse_env_file(env_file_text), **environ})


KNOWN_SETTINGS: tuple[str, ...] = tuple(field.name for field in attrs.fields(ClientConfig))
"""The keys of `ClientConfig.from_mapping`."""

TIMEOUT_PARTS: tuple[str, ...] = ("all", *(field.name for field in attrs.fields(Timeout)))
"""The keys of its `timeout`."""

_GROUPS: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "timeout": (Timeout, TIMEOUT_PARTS),
    "limits": (Limits, tuple(field.name for field in attrs.fields(Limits))),
    "tls": (TLSConfig, tuple(field.name for field in attrs.fields(TLSConfig))),
}


def _construct(make: Callable[..., _T], settings: Mapping[str, object]) -> _T:
    """Call a constructor that checks its arguments itself, since their types are not known here."""
    return make(**settings)


def _refuse_unknown(where: str, settings: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in settings:
        if name not in known:
            shown = f"{where}{str(name)[:50]}"
            msg = f"{shown!r} is no setting; known are " + ", ".join(
                f"{where}{one}" for one in sorted(known)
            )
            raise InvalidOptionError(msg)


def _require(name: str, value: object, types: tuple[type, ...], expected: str) -> None:
    """Refuse a value of another type; the message names the type, for the value may be secret."""
    if not isinstance(value, types):
        msg = f"{name}: got {type(value).__name__}, expected {expected}"
        raise InvalidOptionError(msg)


def _require_count(name: str, value: object, *, least: int, optional: bool = True) -> None:
    if value is None and optional:
        return
    expected = f"a whole number >= {least}{' or None' if optional else ''}"
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name}: got {type(value).__name__}, expected {expected}"
        raise InvalidOptionError(msg)
    if value < least:
        msg = f"{name}: got {value}, expected {expected}"
        raise InvalidOptionError(msg)
