"""Environment variables read as settings of a client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from antiphon.errors import InvalidOptionError
from antiphon.models.config import TIMEOUT_PARTS, ClientConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
_NOTHING = ("none", "null")


class _Kind(NamedTuple):
    """How the text of a variable becomes a value, and how to say what is expected."""

    expected: str
    read: Callable[[str], object]


def _text(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _flag(text: str) -> bool:
    return _FLAGS[text.strip().lower()]


def _count(text: str) -> int:
    return int(text)


def _count_or_none(text: str) -> int | None:
    return None if text.strip().lower() in _NOTHING else int(text)


def _url_or_none(text: str) -> str | None:
    return None if text.strip().lower() in {*_NOTHING, ""} else text.strip()


def _seconds(text: str) -> float | None:
    return None if text.strip().lower() in _NOTHING else float(text)


def _version(text: str) -> str:
    if text not in ("TLSv1.2", "TLSv1.3"):
        raise ValueError
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _json_object(text: str) -> dict[str, object]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError
    return value


_TEXT = _Kind("a text that is not empty", _text)
_URL = _Kind("an absolute http or https URL", _text)
_HEADER = _Kind("the value of a header field", str)
_PARAM = _Kind("the value of a query parameter", str)
_HEADERS = _Kind('a JSON object such as {"Accept": "text/plain"}', _json_object)
_PARAMS = _Kind('a JSON object such as {"page": 1, "tag": ["a", "b"]}', _json_object)
_FLAG = _Kind("true or false", _flag)
_COUNT = _Kind("a whole number that is not negative", _count)
_POSITIVE_OR_NONE = _Kind("a whole number above 0, or none", _count_or_none)
_COUNT_OR_NONE = _Kind("a whole number that is not negative, or none", _count_or_none)
_SECONDS = _Kind("seconds as a number that is not negative, or none", _seconds)
_PROXY = _Kind("the URL of a proxy, or none", _url_or_none)
_NAMES = _Kind("names with commas between them", _names)
_VERSION = _Kind("TLSv1.2 or TLSv1.3", _version)

# The name after the prefix -> the path of the setting, and its kind.
_SETTINGS: dict[str, tuple[tuple[str, ...], _Kind]] = {
    "BASE_URL": (("base_url",), _URL),
    "HEADERS": (("headers",), _HEADERS),
    "PARAMS": (("params",), _PARAMS),
    "TIMEOUT": (("timeout", "all"), _SECONDS),
    **{
        f"TIMEOUT__{part.upper()}": (("timeout", part), _SECONDS)
        for part in TIMEOUT_PARTS
        if part != "all"
    },
    "LIMITS__MAX_CONNECTIONS": (("limits", "max_connections"), _POSITIVE_OR_NONE),
    "LIMITS__MAX_CONNECTIONS_PER_ORIGIN": (
        ("limits", "max_connections_per_origin"),
        _POSITIVE_OR_NONE,
    ),
    "LIMITS__MAX_IDLE_CONNECTIONS": (("limits", "max_idle_connections"), _COUNT_OR_NONE),
    "LIMITS__IDLE_TIMEOUT": (("limits", "idle_timeout"), _SECONDS),
    "TLS__VERIFY": (("tls", "verify"), _FLAG),
    "TLS__CA_FILE": (("tls", "ca_file"), _TEXT),
    "TLS__CA_DATA": (("tls", "ca_data"), _TEXT),
    "TLS__CA_DIR": (("tls", "ca_dir"), _TEXT),
    "TLS__CERT_FILE": (("tls", "cert_file"), _TEXT),
    "TLS__KEY_FILE": (("tls", "key_file"), _TEXT),
    "TLS__CERT_DATA": (("tls", "cert_data"), _TEXT),
    "TLS__KEY_DATA": (("tls", "key_data"), _TEXT),
    "TLS__KEY_PASSWORD": (("tls", "key_password"), _TEXT),
    "TLS__MINIMUM_VERSION": (("tls", "minimum_version"), _VERSION),
    "TLS__ALPN": (("tls", "alpn"), _NAMES),
    "TLS__SERVER_HOSTNAME": (("tls", "server_hostname"), _TEXT),
    "TLS__PINS": (("tls", "pins"), _NAMES),
    "RETRY": (("retry",), _POSITIVE_OR_NONE),
    "FOLLOW_REDIRECTS": (("follow_redirects",), _FLAG),
    "MAX_REDIRECTS": (("max_redirects",), _COUNT),
    "RAISE_FOR_STATUS": (("raise_for_status",), _FLAG),
    "MAX_RESPONSE_BYTES": (("max_response_bytes",), _COUNT_OR_NONE),
    "TRUST_ENV": (("trust_env",), _FLAG),
    "PROXY": (("proxy",), _PROXY),
}


def read_variables(prefix: str, variables: Mapping[str, str]) -> ClientConfig:
    """Make settings from those `variables` whose names begin with `prefix`.

    `HEADERS__X_API_KEY` is the header `x-api-key` and `PARAMS__API_VERSION` the parameter
    `api_version`; they beat the same names in the JSON of `HEADERS` and `PARAMS`. Raises
    InvalidOptionError, which names the variable and what is expected, never the value.
    """
    if not isinstance(prefix, str):
        msg = f'prefix: got {type(prefix).__name__}, expected a name such as "MYAPI_"'
        raise InvalidOptionError(msg)
    if not prefix:
        msg = 'prefix: "" would take every variable for a setting; give a name such as "MYAPI_"'
        raise InvalidOptionError(msg)
    settings: dict[str, object] = {}
    # Sorted, so that the JSON of a whole group comes before its single members.
    for variable in sorted(variables):
        if variable.startswith(prefix):
            path, kind = _setting(variable, prefix)
            _put(settings, path, _value(variable, variables[variable], path, kind))
    try:
        return ClientConfig.from_mapping(settings)
    except InvalidOptionError as error:
        # Each value is right by itself; what is left are settings that need one another.
        msg = f"the variables {prefix}...: {error.message}"
        raise InvalidOptionError(msg) from None


def _setting(variable: str, prefix: str) -> tuple[tuple[str, ...], _Kind]:
    name = variable.removeprefix(prefix)
    known = _SETTINGS.get(name)
    if known is not None:
        return known
    group, _, member = name.partition("__")
    if member and group == "HEADERS":
        # Most shells cannot set a variable with a hyphen in its name, and no header needs "_".
        return ("headers", member.lower().replace("_", "-")), _HEADER
    if member and group == "PARAMS":
        return ("params", member.lower()), _PARAM
    names = sorted([*_SETTINGS, "HEADERS__<NAME>", "PARAMS__<NAME>"])
    msg = f"{variable} is no setting; known are " + ", ".join(prefix + one for one in names)
    raise InvalidOptionError(msg)


def _value(variable: str, text: str, path: tuple[str, ...], kind: _Kind) -> object:
    """Return the typed value of a variable, checked as if it were the only one."""
    try:
        value = kind.read(text)
        if path[0] != "tls":
            alone: dict[str, object] = {}
            _put(alone, path, value)
            ClientConfig.from_mapping(alone)
        return value
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    # Raised outside the handler: the error there quotes the value, and would be this one's context.
    msg = f"{variable}: expected {kind.expected}"
    raise InvalidOptionError(msg)


def _put(settings: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Put `value` at `path`, in place of a member of the same name in whatever case."""
    if len(path) == 1:
        settings[path[0]] = value
        return
    group = settings.setdefault(path[0], {})
    assert isinstance(group, dict)
    for name in [name for name in group if name.lower() == path[1]]:
        del group[name]
    group[path[1]] = value
