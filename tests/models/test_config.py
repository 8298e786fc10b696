"""Settings as data: known, typed, and refused by a name and never by a value."""

from __future__ import annotations

import pickle
import traceback

import pytest

from antiphon.errors import InvalidHeaderError, InvalidOptionError, InvalidURLError
from antiphon.models.config import ClientConfig, config_from_env
from antiphon.models.config_variables import _SETTINGS
from antiphon.models.headers import Headers
from antiphon.models.limits import Limits
from antiphon.models.secret import Secret
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig

EVERYTHING: dict[str, object] = {
    "base_url": "https://api.example.com/v1",
    "headers": {"Accept": ["text/html", "text/plain"], "X-Api-Key": "hunter2"},
    "params": {"page": 1, "tag": ["a", "b"]},
    "timeout": {"all": 7, "read": None, "total": 60},
    "limits": {"max_connections": 5},
    "tls": {"ca_file": "ca.pem", "cert_file": "c.pem", "key_password": "hunter2"},
    "retry": 5,
    "follow_redirects": False,
    "max_redirects": 3,
    "raise_for_status": False,
    "max_response_bytes": 1_000_000,
    "trust_env": False,
    "proxy": "http://me:hunter2@proxy.example:3128",
}
EXPECTED = ClientConfig(
    base_url="https://api.example.com/v1",
    headers=Headers([("Accept", "text/html"), ("Accept", "text/plain"), ("X-Api-Key", "hunter2")]),
    params="page=1&tag=a&tag=b",
    timeout=Timeout(7, read=None, total=60),
    limits=Limits(max_connections=5),
    tls=TLSConfig(ca_file="ca.pem", cert_file="c.pem", key_password="hunter2"),
    retry=5,
    follow_redirects=False,
    max_redirects=3,
    raise_for_status=False,
    max_response_bytes=1_000_000,
    trust_env=False,
    proxy="http://me:hunter2@proxy.example:3128",
)


def test_everything_from_a_mapping() -> None:
    """Every setting can be written as plain data, groups as mappings of their parts."""
    assert ClientConfig.from_mapping(EVERYTHING) == EXPECTED
    assert ClientConfig.from_mapping({}) == ClientConfig()


def test_groups_may_be_values() -> None:
    """A timeout may be a number or None, and any group an object of its class."""
    assert ClientConfig.from_mapping({"timeout": 3}).timeout == Timeout(3)
    assert ClientConfig.from_mapping({"timeout": None}).timeout == Timeout(None)
    limits = Limits(max_connections=1)
    assert ClientConfig.from_mapping({"limits": limits}).limits is limits


@pytest.mark.parametrize("settings", [None, 5, "base_url", [("base_url", "http://a.test")]])
def test_settings_are_a_mapping(settings: object) -> None:
    """What has no names and values is refused."""
    with pytest.raises(InvalidOptionError, match="settings: got .*, expected a mapping"):
        ClientConfig.from_mapping(settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "unknown", "known"),
    [
        ({"tiemout": 1}, "'tiemout'", "base_url, follow_redirects, headers, limits"),
        ({"timeout": {"conect": 1}}, "'timeout.conect'", "timeout.all, timeout.connect"),
        ({"limits": {"max": 1}}, "'limits.max'", "limits.idle_timeout, limits.max_connections"),
        ({"tls": {"cafile": "x"}}, "'tls.cafile'", "tls.alpn, tls.ca_data, tls.ca_dir"),
        ({7: 1}, "'7'", "base_url"),
    ],
)
def test_unknown_keys(settings: dict[str, object], unknown: str, known: str) -> None:
    """A misspelled key is refused, and the known ones are listed."""
    with pytest.raises(InvalidOptionError) as caught:
        ClientConfig.from_mapping(settings)
    assert str(caught.value).startswith(f"{unknown} is no setting; known are {known}")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"base_url": "api.example.com"}, InvalidURLError, "scheme"),
        ({"base_url": 3}, InvalidOptionError, "^base_url: got int, expected a URL"),
        ({"headers": {"X": "a\nb"}}, InvalidHeaderError, "header"),
        ({"timeout": "5"}, InvalidOptionError, "^timeout: "),
        ({"timeout": {"read": -1}}, InvalidOptionError, r"^timeout\.read: "),
        ({"limits": 3}, InvalidOptionError, "^limits: got int, expected Limits"),
        ({"limits": {"max_connections": 0}}, InvalidOptionError, r"^limits\.max_connections: "),
        ({"tls": True}, InvalidOptionError, "^tls: got bool, expected a TLSConfig"),
        ({"retry": 0}, InvalidOptionError, "^retry: got 0, expected a whole number >= 1 or None"),
        ({"retry": True}, InvalidOptionError, "^retry: got bool"),
        ({"max_redirects": None}, InvalidOptionError, "^max_redirects: got NoneType, .* >= 0$"),
        ({"max_redirects": -1}, InvalidOptionError, "^max_redirects: got -1"),
        ({"max_response_bytes": 1.5}, InvalidOptionError, "^max_response_bytes: got float"),
        ({"follow_redirects": 1}, InvalidOptionError, "^follow_redirects: got int"),
        ({"raise_for_status": "no"}, InvalidOptionError, "^raise_for_status: got str"),
        ({"trust_env": None}, InvalidOptionError, "^trust_env: got NoneType"),
    ],
)
def test_wrong_values(settings: dict[str, object], error: type[Exception], message: str) -> None:
    """A value of a wrong type or range is refused by the name of its setting."""
    with pytest.raises(error, match=message):
        ClientConfig.from_mapping(settings)


def test_value_semantics() -> None:
    """Settings compare and hash by value, pickle, and do not change."""
    config = ClientConfig.from_mapping({**EVERYTHING, "tls": {}})
    assert config == ClientConfig.from_mapping({**EVERYTHING, "tls": {}})
    assert config != ClientConfig()
    assert hash(config) == hash(ClientConfig.from_mapping({**EVERYTHING, "tls": {}}))
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(AttributeError):
        config.retry = 1  # type: ignore[misc]


def test_repr_shows_no_secrets() -> None:
    """`repr` hides userinfo, query values, secret header fields and the key's password."""
    config = ClientConfig(
        base_url="https://joe:hunter2@example.com/?k=hunter2",
        headers={"Authorization": "Bearer hunter2"},
        params={"key": "hunter2", "page": 1},
        tls=TLSConfig(cert_file="c.pem", key_password="hunter2"),
    )
    assert "hunter2" not in repr(config)
    assert "params='key=***&page=***'" in repr(config)
    assert "base_url='https://example.com/?k=***'" in repr(config)
    assert "base_url='', " in repr(ClientConfig())


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        (None, "None"),
        ("proxy.example", "'http://proxy.example:80'"),
        ("socks5://me:hunter2@[::1]", "'socks5://***@[::1]:1080'"),
        ("https://me@proxy.example:8443", "'https://***@proxy.example:8443'"),
    ],
)
def test_proxies_are_shown_without_credentials(proxy: str | None, shown: str) -> None:
    """The URL of a proxy is shown by its scheme, host and port."""
    assert f"proxy={shown})" in repr(ClientConfig(proxy=proxy))


@pytest.mark.parametrize("proxy", [5, "", "ftp://me:hunter2@a.test", "http://me:hunter2@a.test/x"])
def test_proxies_that_are_none(proxy: object) -> None:
    """What no proxy's URL can be is refused; its credentials are not shown."""
    with pytest.raises(InvalidOptionError, match="^proxy: ") as caught:
        ClientConfig(proxy=proxy)  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


ENVIRON = {
    "MYAPI_BASE_URL": "https://api.example.com/v1",
    "MYAPI_HEADERS": '{"Accept": ["text/html", "text/plain"]}',
    "MYAPI_HEADERS__X_API_KEY": "hunter2",
    "MYAPI_PARAMS": '{"page": 1, "tag": ["a", "b"]}',
    "MYAPI_TIMEOUT": "7",
    "MYAPI_TIMEOUT__READ": "none",
    "MYAPI_TIMEOUT__TOTAL": " 60.0 ",
    "MYAPI_LIMITS__MAX_CONNECTIONS": "5",
    "MYAPI_TLS__CA_FILE": "ca.pem",
    "MYAPI_TLS__CERT_FILE": "c.pem",
    "MYAPI_TLS__KEY_PASSWORD": "hunter2",
    "MYAPI_RETRY": "5",
    "MYAPI_FOLLOW_REDIRECTS": "no",
    "MYAPI_MAX_REDIRECTS": "3",
    "MYAPI_RAISE_FOR_STATUS": "False",
    "MYAPI_MAX_RESPONSE_BYTES": "1000000",
    "MYAPI_TRUST_ENV": "0",
    "MYAPI_PROXY": " http://me:hunter2@proxy.example:3128",
    "OTHER_RETRY": "many",
    "PATH": "/bin",
}


def test_everything_from_the_environment() -> None:
    """Variables give the same settings as a mapping; others are none of our business."""
    assert config_from_env("MYAPI_", ENVIRON) == EXPECTED
    assert config_from_env("NOTHING_", ENVIRON) == ClientConfig()


def test_every_setting_has_a_variable() -> None:
    """No field of the settings can only be set in Python."""
    fields = {path[0] for path, _ in _SETTINGS.values()}
    assert fields == set(EVERYTHING)
    for group, cls in (("limits", Limits), ("tls", TLSConfig), ("timeout", Timeout)):
        parts = {path[1] for path, _ in _SETTINGS.values() if path[0] == group}
        assert parts - {"all"} == set(cls.__slots__) - {"__weakref__"}


def test_the_environment_beats_the_file() -> None:
    """A .env file fills in what the environment leaves open."""
    config = config_from_env(
        "MYAPI_", {"MYAPI_RETRY": "2"}, "MYAPI_RETRY=4\nexport MYAPI_TIMEOUT='9'\nOTHER=x\n"
    )
    assert (config.retry, config.timeout) == (2, Timeout(9))


def test_members_beat_their_group() -> None:
    """A single header or parameter replaces the one of the JSON, in whatever case."""
    config = config_from_env(
        "A_",
        {
            "A_HEADERS": '{"X-Api-Key": "old", "Accept": "a"}',
            "A_HEADERS__X_API_KEY": "new",
            "A_PARAMS": '{"Page": 1}',
            "A_PARAMS__PAGE": "2",
            "A_PARAMS__API_VERSION": "v3",
        },
    )
    assert config.headers == Headers({"Accept": "a", "X-Api-Key": "new"})
    assert config.params == "api_version=v3&page=2"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("MYAPI_RETRY", "none", None),
        ("MYAPI_MAX_RESPONSE_BYTES", "NULL", None),
        ("MYAPI_FOLLOW_REDIRECTS", "Yes", True),
        ("MYAPI_FOLLOW_REDIRECTS", "off", False),
        ("MYAPI_TRUST_ENV", " true ", True),
        ("MYAPI_BASE_URL", "http://[::1]:8080", "http://[::1]:8080"),
        ("MYAPI_PROXY", "None", None),
        ("MYAPI_PROXY", "", None),
    ],
)
def test_typed_values(variable: str, value: str, expected: object) -> None:
    """The setting says how its variable is read."""
    config = config_from_env("MYAPI_", {variable: value})
    assert getattr(config, variable.removeprefix("MYAPI_").lower()) == expected


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("BASE_URL", "hunter2", "an absolute http or https URL"),
        ("BASE_URL", "", "an absolute http or https URL"),
        ("PROXY", "ftp://hunter2", "the URL of a proxy, or none"),
        ("BASE_URL", "ftp://hunter2/", "an absolute http or https URL"),
        ("HEADERS", "hunter2", "a JSON object such as"),
        ("HEADERS", '["hunter2"]', "a JSON object such as"),
        ("HEADERS", '{"X": {"y": "hunter2"}}', "a JSON object such as"),
        ("HEADERS", "[" * 100_000 + "hunter2", "a JSON object such as"),
        ("HEADERS__X", "hunter2\n", "the value of a header field"),
        ("PARAMS", '{"a": {"b": "hunter2"}}', "a JSON object such as"),
        ("TIMEOUT", "hunter2", "seconds as a number that is not negative, or none"),
        ("TIMEOUT", "-1", "seconds as a number that is not negative, or none"),
        ("TIMEOUT", "", "seconds as a number that is not negative, or none"),
        ("TIMEOUT__CONNECT", "nan", "seconds as a number that is not negative, or none"),
        ("LIMITS__IDLE_TIMEOUT", "hunter2", "seconds as a number"),
        ("LIMITS__MAX_CONNECTIONS", "0", "a whole number above 0, or none"),
        ("LIMITS__MAX_IDLE_CONNECTIONS", "1.5", "a whole number that is not negative, or none"),
        ("RETRY", "0", "a whole number above 0, or none"),
        ("MAX_REDIRECTS", "none", "a whole number that is not negative"),
        ("FOLLOW_REDIRECTS", "hunter2", "true or false"),
        ("TLS__VERIFY", "hunter2", "true or false"),
        ("TLS__CA_FILE", "", "a text that is not empty"),
        ("TLS__MINIMUM_VERSION", "hunter2", "TLSv1.2 or TLSv1.3"),
    ],
)
def test_bad_values_are_named_by_their_variable(variable: str, value: str, expected: str) -> None:
    """The error has the variable and what is expected, and nowhere the value."""
    with pytest.raises(InvalidOptionError) as caught:
        config_from_env("MYAPI_", {f"MYAPI_{variable}": value})
    assert str(caught.value).startswith(f"MYAPI_{variable}: expected {expected}")
    shown = "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in shown
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "variable", ["MYAPI_TIEMOUT", "MYAPI_timeout", "MYAPI_LIMITS", "MYAPI_HEADERS__", "MYAPI_"]
)
def test_unknown_variables(variable: str) -> None:
    """A misspelled variable is refused, and the known ones are listed."""
    with pytest.raises(InvalidOptionError) as caught:
        config_from_env("MYAPI_", {variable: "hunter2"})
    message = str(caught.value)
    assert message.startswith(f"{variable} is no setting; known are MYAPI_BASE_URL, ")
    assert "MYAPI_HEADERS__<NAME>" in message
    assert "hunter2" not in message


def test_settings_that_need_one_another() -> None:
    """A key without its certificate is refused though each value is right by itself."""
    with pytest.raises(InvalidOptionError, match=r"^the variables MYAPI_\.\.\.: tls: key_file"):
        config_from_env("MYAPI_", {"MYAPI_TLS__KEY_FILE": "k.pem"})


def test_an_empty_prefix() -> None:
    """Without a prefix every variable of the process would be a setting."""
    with pytest.raises(InvalidOptionError, match=r"^prefix: "):
        config_from_env("", {})


def test_a_password_stays_a_secret() -> None:
    """The password of the key is a Secret from the moment it is read."""
    config = config_from_env("MYAPI_", ENVIRON)
    assert config.tls.key_password == Secret("hunter2")
    assert "hunter2" not in repr(config)


def test_tls_from_the_environment() -> None:
    """A version is taken as it is named, and names may have blanks around their commas."""
    variables = {"A_TLS__MINIMUM_VERSION": "TLSv1.3", "A_TLS__SERVER_HOSTNAME": "h"}
    assert TLSConfig(minimum_version="TLSv1.3", server_hostname="h") == (
        config_from_env("A_", variables).tls
    )
    alpn = config_from_env("A_", {"A_TLS__ALPN": "http/1.1 , http/1.0,"}).tls
    assert TLSConfig(alpn=("http/1.1", "http/1.0")) == alpn
