"""`Proxy`: what its URL may be, what it tells to whom, and what it never shows."""

from __future__ import annotations

import copy
import pickle
import ssl
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError, InvalidRequestError
from antiphon.models.origin import Origin
from antiphon.models.secret import Secret
from antiphon.models.tls_config import TLSConfig
from antiphon.policies.auth import BasicAuth
from antiphon.policies.proxy import ProxiedOrigin, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy.test", "http://proxy.test:80"),
        ("https://proxy.test/", "https://proxy.test:443"),
        ("https://proxy.test:80", "https://proxy.test:80"),
        ("socks4://proxy.test", "socks4://proxy.test:1080"),
        ("socks4a://proxy.test", "socks4a://proxy.test:1080"),
        ("socks5://proxy.test:80", "socks5://proxy.test:80"),
        ("socks5h://proxy.test:443", "socks5h://proxy.test:443"),
        ("proxy.test:3128", "http://proxy.test:3128"),
        ("proxy.test", "http://proxy.test:80"),
        ("HTTP://PROXY.test:3128", "http://proxy.test:3128"),
        (" http://proxy.test:3128 ", "http://proxy.test:3128"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("http://user:secret@proxy.test:3128", "http://proxy.test:3128"),
        ("user:secret@proxy.test:3128", "http://proxy.test:3128"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    """Scheme, host and port are known and shown; user name and password are not."""
    proxy = Proxy(url)

    assert shown == str(proxy)
    assert shown in repr(proxy)
    assert "secret" not in repr(proxy)
    assert ("@" in url) == ("auth=***" in repr(proxy))
    assert Origin(proxy.scheme, proxy.host, proxy.port) == proxy.origin


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Proxy("ftp://proxy.test"), "'ftp' is none of http://, https://, socks4://"),
        (lambda: Proxy("user:secret@a://proxy.test"), "the scheme of the proxy is unknown"),
        (lambda: Proxy("http://user:secret@"), "the host is empty"),
        (lambda: Proxy(""), "the host is empty"),
        (lambda: Proxy("http://proxy.test:99999"), "the port is not a number"),
        (lambda: Proxy("http://user:secret@proxy.test/path"), "nothing after its host and port"),
        (lambda: Proxy("http://proxy.test?a"), "nothing after its host and port"),
        (lambda: Proxy("http://proxy.test#a"), "nothing after its host and port"),
        (lambda: Proxy(3128), "expected a URL such as .* got int"),  # type: ignore[arg-type]
        (lambda: Proxy("http://p", auth="secret"), "expected .* got str"),  # type: ignore[arg-type]
        (lambda: Proxy("http://p", auth=("secret",)), "expected .* got tuple"),  # type: ignore[arg-type]
        (lambda: Proxy("http://a:secret@p", auth=("a", "b")), "one of the two"),
        (lambda: Proxy("https://p", tls=True), "give TLSConfig"),  # type: ignore[arg-type]
        (lambda: Proxy("http://p", tls=TLSConfig()), "TLS is spoken with https:// proxies only"),
        (lambda: Proxy("socks4://a:secret@p"), "user names only"),
        (lambda: Proxy("socks5://a@p"), "1 to 255 bytes"),
        (lambda: Proxy("socks5://p", auth=("", "secret")), "1 to 255 bytes"),
        (lambda: Proxy("socks5://p", auth=("é" * 128, "secret")), "1 to 255 bytes"),
        (lambda: Proxy.of("x://p", "HTTP_PROXY"), "^HTTP_PROXY: the scheme of the proxy 'x'"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    """What cannot be meant is refused when it is given, and nothing secret is in the error."""
    with pytest.raises(InvalidOptionError, match=words) as caught:
        make()
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_own_lines() -> None:
    """The header fields for the proxy: its own, and its credentials where it has none itself."""
    credentials = "Basic YTpi"
    assert () == Proxy("http://p").own_lines.pairs
    plain = Proxy("http://a:b@p", headers={"X-Team": "red"})
    assert (("X-Team", "red"), ("Proxy-Authorization", credentials)) == plain.own_lines.pairs
    own = Proxy("http://a:b@p", headers={"proxy-authorization": "Bearer c"})
    assert (("proxy-authorization", "Bearer c"),) == own.own_lines.pairs


def test_raw_credentials() -> None:
    """SOCKS gets user name and password as UTF-8; secrets may be given as such."""
    assert None is Proxy("socks5://p").raw_credentials
    proxy = Proxy("socks5://p", auth=("ü", Secret("pass:word")))
    assert ("ü".encode(), b"pass:word") == proxy.raw_credentials
    assert (b"a%b", b"@") == Proxy("socks5://a%25b:%40@p").raw_credentials


@pytest.mark.parametrize(
    ("auth", "words", "masked"),
    [
        (None, "no secret", "no secret"),
        (("user", ""), "user", "user"),
        (("user", "secret"), "user:secret said Basic dXNlcjpzZWNyZXQ=", "user:*** said ***"),
        (("user", "secret"), "dXNlcjpzZWNyZXQ=", "***"),
    ],
)
def test_masked(auth: tuple[str, str] | None, words: str, masked: str) -> None:
    """A proxy that repeats our credentials does not get them into an error."""
    assert masked == Proxy("http://p", auth=auth).masked(words)


def test_equality() -> None:
    """Proxies are equal if all their settings are, and go into sets."""
    one = Proxy("http://a:b@p:80", headers={"X": "1"})
    assert one == Proxy("http://p", auth=BasicAuth("a", "b"), headers={"x": "1"})
    others = [
        Proxy("http://p"),
        Proxy("http://a:c@p", headers={"X": "1"}),
        Proxy("https://a:b@p:80", headers={"X": "1"}),
        Proxy("https://p", tls=TLSConfig(verify=False)),
        Proxy("https://p", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)),
    ]
    assert one not in others
    assert 6 == len({one, *others, copy.deepcopy(one)})


def test_pickles_hold_no_secrets() -> None:
    """A pickled Proxy leaves its password behind, as every Secret is."""
    data = pickle.dumps(Proxy("http://user:very-secret@p:3128"))
    assert b"very-secret" not in data
    assert "http://p:3128" == str(pickle.loads(data))


def test_proxied_origins() -> None:
    """An origin through a proxy never equals the origin, nor the same one through another."""
    origin = Origin("https", "api.test", 443)
    routes = [ProxiedOrigin(*origin, Proxy(url)) for url in ("http://p", "http://q", "http://a@p")]

    assert 4 == len({origin, *routes})
    assert routes[0] == ProxiedOrigin(*origin, Proxy("http://p:80"))
    assert "https://api.test (through http://p:80)" == str(routes[0])


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """Any text is a proxy or refused by our own error, without what stands before an @."""
    marked = f"secret-user:secret-word@{text}"
    try:
        shown = f"{Proxy(marked)!r}"
    except InvalidRequestError as error:
        shown = f"{error!r}"
    assert "secret-word" not in shown
