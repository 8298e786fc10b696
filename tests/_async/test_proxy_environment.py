# Source of _sync/test_proxy_environment.py; after editing run: tox -e codegen
"""Proxies that the environment names, as clients see them: each answers with its own name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import InvalidOptionError, ProxyError
from tests.loopback import LoopbackServer, answering

URL = "http://origin.test/path"


def saying(word: bytes) -> LoopbackServer:
    """A server, or a proxy, that answers everything with a word."""
    return LoopbackServer(
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(word), word))
    )


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def one() -> Iterator[LoopbackServer]:
    """A proxy."""
    with saying(b"one") as proxy:
        yield proxy


@pytest.fixture
def other() -> Iterator[LoopbackServer]:
    """Another proxy, or an origin."""
    with saying(b"other") as proxy:
        yield proxy


async def fetched(client: AsyncClient, url: str = URL) -> str:
    """Who answers."""
    async with client:
        return (await client.get(url)).text


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
async def test_variables_choose_the_proxy(
    variable: str, one: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client goes through the proxy that the variable names."""
    monkeypatch.setenv(variable, one.url)

    assert "one" == await fetched(AsyncClient())


async def test_lower_case_goes_first(
    one: LoopbackServer, other: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two variables the one in lower case counts, and one for the scheme beats ALL_PROXY."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", other.url)
    assert "other" == await fetched(AsyncClient())

    monkeypatch.setenv("http_proxy", one.url)
    assert "one" == await fetched(AsyncClient())


async def test_https_goes_by_its_own_variable(
    one: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY is for https URLs, HTTP_PROXY for http URLs alone."""
    with LoopbackServer(answering(b"HTTP/1.1 403 Not you\r\nContent-Length: 0\r\n\r\n")) as strict:
        monkeypatch.setenv("HTTPS_PROXY", strict.url)
        monkeypatch.setenv("HTTP_PROXY", one.url)
        async with AsyncClient(retry=None) as client:
            assert "one" == (await client.get(URL)).text
            with pytest.raises(ProxyError, match="403 Not you"):
                await client.get("https://origin.test/")


async def test_cgi_programs_do_not_listen(
    other: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With REQUEST_METHOD set, HTTP_PROXY may be what a request said in its header `Proxy`."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUEST_METHOD", "GET")

    assert "other" == await fetched(AsyncClient(), other.url)


@pytest.mark.parametrize("listed", ["127.0.0.1", "127.0.0.0/8", "*", "example.test, 127.0.0.1:{}"])
async def test_no_proxy_is_reached_directly(
    listed: str, one: LoopbackServer, other: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What NO_PROXY lists is reached without the proxy."""
    monkeypatch.setenv("HTTP_PROXY", one.url)
    assert "one" == await fetched(AsyncClient(), other.url)

    monkeypatch.setenv("NO_PROXY", listed.format(other.port))
    assert "other" == await fetched(AsyncClient(), other.url)


async def test_arguments_beat_the_environment(
    one: LoopbackServer, other: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`proxy=` and `proxies=` replace all that the environment says, NO_PROXY too."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    assert "one" == await fetched(AsyncClient(proxy=one.url))
    assert "one" == await fetched(AsyncClient(proxies={"http://": one.url}))

    monkeypatch.delenv("NO_PROXY")
    assert "other" == await fetched(AsyncClient(proxy=None), other.url)
    assert "other" == await fetched(AsyncClient(proxies={}), other.url)
    assert "other" == await fetched(AsyncClient(trust_env=False), other.url)


async def test_variables_that_name_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, and not its value."""
    monkeypatch.setenv("HTTP_PROXY", "gopher://mallory:open-sesame@127.0.0.1")
    with pytest.raises(InvalidOptionError, match="HTTP_PROXY") as caught:
        AsyncClient()

    assert "open-sesame" not in str(caught.value)
