"""Which proxy an origin gets: by `proxy=`, by the patterns of `proxies=`, by the environment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.connecting import Connecting
from antiphon.models.origin import Origin
from antiphon.models.unset import UNSET
from antiphon.models.url import URL
from antiphon.policies.proxy import ProxiedOrigin, Proxy, ProxyInput
from antiphon.policies.proxy_choice import ProxyPatterns, RouteChooser
from antiphon.policies.proxy_variables import routes_of_client

PATTERNS = {
    "all://": "http://any",
    "http://": "http://plain",
    "https://": "http://secure",
    "all://api.test": "http://host",
    "https://api.test": "http://host-secure",
    "http://api.test:8080": "http://host-port",
    "all://api.test:8443": "http://host-port-any",
    "https://direct.test": None,
    "all://*.wide.test": "http://below",
    "all://*.deep.wide.test": "http://below-deep",
    "http://*.wide.test:81": "http://below-port",
    "all://exact.wide.test": "http://exact",
    "all://[::1]": "http://six",
}


@pytest.mark.parametrize(
    ("url", "chosen"),
    [
        ("http://other.test", "plain"),
        ("https://other.test", "secure"),
        ("http://api.test", "host"),
        ("https://api.test", "host-secure"),
        ("https://API.test:444", "host-secure"),
        ("http://api.test:8080", "host-port"),
        ("https://api.test:8080", "host-secure"),
        ("https://api.test:8443", "host-port-any"),
        ("http://sub.api.test", "plain"),
        ("https://direct.test", None),
        ("http://direct.test", "plain"),
        ("http://wide.test", "plain"),
        ("http://a.wide.test", "below"),
        ("http://a.wide.test:81", "below-port"),
        ("https://a.wide.test:81", "below"),
        ("http://b.deep.wide.test", "below-deep"),
        ("http://exact.wide.test", "exact"),
        ("http://notwide.test", "plain"),
        ("http://[::1]", "six"),
    ],
)
def test_most_specific_pattern(url: str, chosen: str | None) -> None:
    """A host beats a domain, a longer one a shorter; then a port counts, then the scheme."""
    proxy = ProxyPatterns(PATTERNS).proxy_for(URL(url).origin)

    assert chosen == (None if proxy is None else proxy.host)


def test_no_pattern_matches() -> None:
    """An origin that no pattern is for is reached directly."""
    assert None is ProxyPatterns({"https://": "http://p"}).proxy_for(URL("http://a").origin)


@pytest.mark.parametrize(
    ("proxies", "words"),
    [
        ("http://p", r"expected a mapping .* got str; one proxy for all is proxy="),
        ({"http": "http://p"}, "'http' is no pattern"),
        ({"ftp://": "http://p"}, "'ftp://' is no pattern"),
        ({3: "http://p"}, "int is no pattern"),
        ({"http://user:secret@a": "http://p"}, r"\*\*\* is no pattern"),
        ({"http://a/path": "http://p"}, "goes on after its host"),
        ({"http://a?b": "http://p"}, "goes on after its host"),
        ({"http://a#b": "http://p"}, "goes on after its host"),
        ({"http://a b": "http://p"}, "the pattern 'http://a b' is invalid"),
        ({"http://*.": "http://p"}, "is invalid"),
        ({"http://a": "http://p", "HTTP://A": None}, "says the same as another"),
        ({"http://a": "x://user:secret@p"}, r"^proxies=\{'http://a': \.\.\.\}: the scheme"),
        ({"http://a": 3}, r"expected a URL"),
    ],
)
def test_refused_patterns(proxies: object, words: str) -> None:
    """What is no pattern, or no proxy, is refused; nothing secret is in the error."""
    with pytest.raises(InvalidOptionError, match=words) as caught:
        ProxyPatterns(proxies)  # type: ignore[arg-type]
    assert "secret" not in caught.value.message


ORIGINS = st.builds(
    Origin,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a.test", "b.a.test", "c.b.a.test", "other.test"]),
    st.sampled_from([80, 443, 8080]),
)
NAMES = st.builds(
    lambda scheme, host, port: f"{scheme}://{host}{port if host else ''}",
    st.sampled_from(["all", "http", "https"]),
    st.sampled_from(["", "a.test", "b.a.test", "*.a.test", "*.b.a.test"]),
    st.sampled_from(["", ":80", ":8080"]),
)


@given(ORIGINS, st.sets(NAMES, max_size=8))
def test_order_does_not_matter(origin: Origin, names: set[str]) -> None:
    """Of the patterns that match an origin one is chosen, in whichever order they are given."""
    one = {name: Proxy(f"http://p{index}") for index, name in enumerate(sorted(names))}
    other = dict(reversed(one.items()))

    chosen = ProxyPatterns(one).proxy_for(origin)

    assert chosen == ProxyPatterns(other).proxy_for(origin)
    matching = [name for name in names if ProxyPatterns({name: "http://p"}).proxy_for(origin)]
    assert bool(matching) == (chosen is not None)


# The whole choice. -------------------------------------------------------------------------------


def chosen(
    url: str,
    environ: dict[str, str],
    proxy: object = UNSET,
    proxies: dict[str, ProxyInput] | None = None,
) -> str | None:
    """The proxy of a URL, None for a direct connection."""
    routes = routes_of_client(proxy, proxies, None, environ)  # type: ignore[arg-type]
    if routes is None:
        return None
    route = routes.route_to(URL(url).origin)
    return str(route.proxy) if isinstance(route, ProxiedOrigin) else None


ENVIRONMENTS = [
    ({}, None, None),
    ({"PATH": "/bin", "NO_PROXY": "*"}, None, None),
    ({"HTTP_PROXY": "p:1"}, "http://p:1", None),
    ({"HTTPS_PROXY": "https://p:1"}, None, "https://p:1"),
    ({"http_proxy": "http://p:1"}, "http://p:1", None),
    ({"ALL_PROXY": "socks5h://p"}, "socks5h://p:1080", "socks5h://p:1080"),
    ({"ALL_PROXY": "q:1", "HTTPS_PROXY": "p:1"}, "http://q:1", "http://p:1"),
    ({"HTTP_PROXY": "upper:1", "http_proxy": "lower:1"}, "http://lower:1", None),
    ({"ALL_PROXY": "upper:1", "all_proxy": "low:1"}, "http://low:1", "http://low:1"),
    ({"HTTP_PROXY": "upper:1", "http_proxy": ""}, None, None),
    ({"ALL_PROXY": "p:1", "http_proxy": " "}, None, "http://p:1"),
    ({"HTTP_PROXY": "p:1", "REQUEST_METHOD": "GET"}, None, None),
    ({"http_proxy": "p:1", "REQUEST_METHOD": "GET"}, "http://p:1", None),
    ({"HTTPS_PROXY": "p:1", "REQUEST_METHOD": "GET"}, None, "http://p:1"),
    ({"ALL_PROXY": "p:1", "NO_PROXY": "api.test"}, None, None),
    ({"ALL_PROXY": "p:1", "NO_PROXY": "api.test", "no_proxy": ""}, "http://p:1", "http://p:1"),
    ({"ALL_PROXY": "p:1", "NO_PROXY": "api.test:443"}, "http://p:1", None),
]


@pytest.mark.parametrize(("environ", "plain", "secure"), ENVIRONMENTS)
def test_environment(environ: dict[str, str], plain: str | None, secure: str | None) -> None:
    """Lower case goes first, also where it is empty; REQUEST_METHOD silences HTTP_PROXY."""
    assert plain == chosen("http://api.test", environ)
    assert secure == chosen("https://api.test", environ)


@pytest.mark.parametrize(
    ("proxy", "proxies", "expected"),
    [
        ("http://given", None, "http://given:80"),
        (Proxy("http://given"), None, "http://given:80"),
        (None, None, None),
        (UNSET, {}, None),
        (UNSET, {"all://": "http://given"}, "http://given:80"),
        (UNSET, {"all://": None}, None),
        (UNSET, {"https://": "http://given"}, None),
    ],
)
def test_arguments_beat_the_environment(
    proxy: object, proxies: dict[str, ProxyInput] | None, expected: str | None
) -> None:
    """Whatever is given, None too, the environment has no say then; NO_PROXY belongs to it."""
    environ = {"ALL_PROXY": "http://environment", "NO_PROXY": "api.test"}

    assert expected == chosen("http://api.test", environ, proxy, proxies)


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"HTTP_PROXY": "x://user:secret@p"}, "HTTP_PROXY"),
        ({"https_proxy": "http://user:secret@"}, "https_proxy"),
        ({"ALL_PROXY": "http://user:secret@p/path"}, "ALL_PROXY"),
    ],
)
def test_environment_that_is_wrong(environ: dict[str, str], variable: str) -> None:
    """A variable that names no proxy is an error with the name of the variable, not its value."""
    with pytest.raises(InvalidOptionError, match=f"^{variable}: ") as caught:
        chosen("http://a", environ)
    assert "secret" not in caught.value.message


def test_contradictions() -> None:
    """proxy= and proxies= exclude each other, and unix sockets exclude both."""
    with pytest.raises(InvalidOptionError, match="both given"):
        routes_of_client("http://p", {"all://": "http://p"}, None, {})
    socket = Connecting(uds="/run/socket")
    for proxy, proxies in (("http://p", None), (UNSET, {"all://": "http://p"})):
        with pytest.raises(InvalidOptionError, match="leave proxy= and proxies= out"):
            routes_of_client(proxy, proxies, socket, {})  # type: ignore[arg-type]
    environ = {"ALL_PROXY": "http://p"}
    assert None is routes_of_client(UNSET, None, socket, environ)
    assert None is routes_of_client(None, None, socket, environ)
    assert None is not routes_of_client(UNSET, None, Connecting(), environ)


def test_routes_are_remembered() -> None:
    """An origin is decided once, as long as there are not too many of them."""
    asked: list[Origin] = []
    proxy = Proxy("http://p")

    def choose(origin: Origin) -> Proxy | None:
        asked.append(origin)
        return proxy if origin.port % 2 else None

    chooser = RouteChooser(choose)
    origins = [Origin("http", "a.test", port) for port in range(1, 1026)]
    for _ in range(2):
        for origin in origins[:1024]:
            route = chooser.route_to(origin)
            assert isinstance(route, ProxiedOrigin) == bool(origin.port % 2)
            assert route[:3] == origin
    assert 1024 == len(asked)
    chooser.route_to(origins[1024])
    chooser.route_to(origins[0])
    assert 1026 == len(asked)
