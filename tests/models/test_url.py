"""`URL`: what its attributes say, how it is shown, compared, copied and kept."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from antiphon.errors import InvalidURLError
from antiphon.models import url as url_module
from antiphon.models.origin import Origin
from antiphon.models.url import URL

FULL = "HTTPS://ada:love%20lace@BÜCHER.example:8443/a/./b c?q=é&q=2#top"


def test_every_attribute_of_a_full_url():
    """One URL with every part gives each of them, normalised."""
    url = URL(FULL)
    given = {name: getattr(url, name) for name in dir(url) if not name.startswith("_")}

    assert {name: value for name, value in given.items() if not callable(value)} == {
        "text": "https://ada:love%20lace@xn--bcher-kva.example:8443/a/b%20c?q=%C3%A9&q=2#top",
        "redacted": "https://xn--bcher-kva.example:8443/a/b%20c?q=***&q=***",
        "scheme": "https",
        "username": "ada",
        "password": "love lace",
        "host": "xn--bcher-kva.example",
        "port": 8443,
        "explicit_port": 8443,
        "path": "/a/b%20c",
        "query": "q=%C3%A9&q=2",
        "fragment": "top",
        "target": "/a/b%20c?q=%C3%A9&q=2",
        "host_header": "xn--bcher-kva.example:8443",
        "origin": Origin("https", "xn--bcher-kva.example", 8443),
    }


@pytest.mark.parametrize(
    ("text", "port", "explicit", "host_header", "origin"),
    [
        ("http://h", 80, None, "h", "http://h"),
        ("http://h:80", 80, None, "h", "http://h"),
        ("http://h:", 80, None, "h", "http://h"),
        ("http://h:0080", 80, None, "h", "http://h"),
        ("http://h:443", 443, 443, "h:443", "http://h:443"),
        ("https://h:443", 443, None, "h", "https://h"),
        ("https://h:1", 1, 1, "h:1", "https://h:1"),
        ("https://h:65535", 65535, 65535, "h:65535", "https://h:65535"),
        ("https://[::1]:8443", 8443, 8443, "[::1]:8443", "https://[::1]:8443"),
        ("https://[fe80::1%25eth0]", 443, None, "[fe80::1]", "https://[fe80::1%eth0]"),
    ],
)
def test_ports_and_what_is_made_of_them(text, port, explicit, host_header, origin):
    """The default port is left out wherever a port is written, and `port` always has a number."""
    url = URL(text)

    assert (port, explicit, host_header, origin) == (
        url.port,
        url.explicit_port,
        url.host_header,
        str(url.origin),
    )


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://h", "http://h/"),
        ("HtTp://H/", "http://h/"),
        ("  http://h/  ", "http://h/"),
        ("http://h/a b", "http://h/a%20b"),
        ("http://h/a%20b", "http://h/a%20b"),
        ("http://h/%c3%A9%aF", "http://h/%C3%A9%AF"),
        ("http://h/é/😀", "http://h/%C3%A9/%F0%9F%98%80"),
        ("http://h/100%", "http://h/100%25"),
        ("http://h/%zz%4", "http://h/%25zz%254"),
        ("http://h/~%7e%41", "http://h/~%7E%41"),
        ("http://h/a;b=c,d!$&'()*+@:", "http://h/a;b=c,d!$&'()*+@:"),
        ('http://h/"<>^`{|}[]', "http://h/%22%3C%3E%5E%60%7B%7C%7D%5B%5D"),
        ("http://h/?a=/?:@&b", "http://h/?a=/?:@&b"),
        ("http://h/?a[]=b\\c", "http://h/?a%5B%5D=b%5Cc"),
        ("http://h/?", "http://h/?"),
        ("http://h?x", "http://h/?x"),
        ("http://h#", "http://h/"),
        ("http://h?#", "http://h/?"),
        ("http://h#a#b?c", "http://h/#a%23b?c"),
        ("http://h/#?", "http://h/#?"),
        ("http://h//", "http://h//"),
        ("http://u@h", "http://u@h/"),
        ("http://u:@h", "http://u@h/"),
        ("http://:@h", "http://h/"),
        ("http://:p@h", "http://:p@h/"),
        ("http://a@b:c@d@h", "http://a%40b:c%40d@h/"),
        ("http://u:a:b@h", "http://u:a%3Ab@h/"),
        ("http://h/.", "http://h/"),
        ("http://h/..", "http://h/"),
        ("http://h/a/..", "http://h/"),
        ("http://h/a/../../b", "http://h/b"),
        ("http://h/a/b/./../c/", "http://h/a/c/"),
        ("http://h/a/%2e%2E/b", "http://h/b"),
        ("http://h/a/.%2e", "http://h/"),
        ("http://h/a/%2e", "http://h/a/"),
        ("http://h/.a/..b/%2ec/...", "http://h/.a/..b/%2Ec/..."),
        ("http://h/a//../b", "http://h/a/b"),
        ("http://h/?a=/../b", "http://h/?a=/../b"),
    ],
)
def test_text_is_normalised_once(text, normal):
    """A text has one normal form, and that form is its own."""
    url = URL(text)

    assert normal == url.text
    assert url == URL(normal)


def test_user_name_and_password_are_decoded():
    """The attributes hold what is sent in an Authorization header, not its escapes."""
    url = URL("http://a%40b:p%C3%A4ss:w%2F@h/")

    assert ("a@b", "päss:w/") == (url.username, url.password)


def test_text_shows_the_password_and_nothing_else_does():
    """Only `text` and `password` have the password; `str` keeps the name, `repr` neither."""
    url = URL("http://ada:ada@ada/ada?k=hidden&flag&=#hidden")

    assert "http://ada:ada@ada/ada?k=hidden&flag&=#hidden" == url.text
    assert "http://ada:***@ada/ada?k=hidden&flag&=#hidden" == str(url) == f"{url}"
    assert "URL('http://ada/ada?k=***&***&=')" == repr(url)


def test_equal_urls_have_equal_normal_texts():
    """Equality and hash follow the normalised text, and nothing but a URL is equal to one."""
    one, other = URL("http://H:80/%c3%a9"), URL("http://h/é")

    assert one == other
    assert hash(one) == hash(other)
    assert one != URL("http://h/e")
    assert one != one.text


def test_a_url_never_changes():
    """No attribute can be set, deleted or added."""
    url = URL("http://h/")

    for name in ("host", "text", "anything"):
        with pytest.raises(AttributeError, match=r"immutable; use url\.with_"):
            setattr(url, name, "x")
    with pytest.raises(AttributeError, match="immutable"):
        del url.host


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_and_copies_are_equal(protocol):
    """A pickled or copied URL is the same, the password too."""
    url = URL(FULL)

    assert url.text == pickle.loads(pickle.dumps(url, protocol)).text
    assert url.text == copy.copy(url).text == copy.deepcopy(url).text


def test_what_was_parsed_lately_is_not_parsed_again():
    """The same text gives the same object, and a URL gives itself."""
    url = URL("http://cached/")

    assert url is URL("http://cached/") is URL.parse("http://cached/") is URL(url) is URL.parse(url)


def test_the_cache_is_bounded():
    """Neither many texts nor long ones stay in memory."""
    for number in range(3 * url_module._CACHE_SIZE):
        URL(f"http://h/{number}")
    long = "http://h/" + "x" * url_module._CACHED_LENGTH

    assert len(url_module._cache) <= url_module._CACHE_SIZE
    assert URL(long) == URL(long)
    assert long not in url_module._cache


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "https://u:p@h:8443/a?q#f"),
        ({"scheme": "HTTP"}, "http://u:p@h:8443/a?q#f"),
        ({"host": "É.example"}, "https://u:p@xn--9ca.example:8443/a?q#f"),
        ({"host": "::1"}, "https://u:p@[::1]:8443/a?q#f"),
        ({"host": "[fe80::1%25eth0]"}, "https://u:p@[fe80::1%25eth0]:8443/a?q#f"),
        ({"port": 1}, "https://u:p@h:1/a?q#f"),
        ({"port": 443}, "https://u:p@h/a?q#f"),
        ({"port": "default"}, "https://u:p@h/a?q#f"),
        ({"path": "b c/../d?#%41"}, "https://u:p@h:8443/d%3F%23%41?q#f"),
        ({"path": ""}, "https://u:p@h:8443/?q#f"),
        ({"query": "a=b#c"}, "https://u:p@h:8443/a?a=b%23c#f"),
        ({"query": ""}, "https://u:p@h:8443/a#f"),
        ({"fragment": "g h"}, "https://u:p@h:8443/a?q#g%20h"),
        ({"fragment": ""}, "https://u:p@h:8443/a?q"),
        ({"username": "a:b@%41"}, "https://a%3Ab%40%2541:p@h:8443/a?q#f"),
        ({"password": ""}, "https://u@h:8443/a?q#f"),
        ({"username": "", "password": ""}, "https://h:8443/a?q#f"),
    ],
)
def test_with_replaces_parts(parts, expected):
    """`with_` replaces the named parts, "" removes one, and the others stay."""
    assert expected == URL("https://u:p@h:8443/a?q#f").with_(**parts).text


def test_with_keeps_an_empty_query():
    """`/?` is another resource than `/`, also after another part was replaced."""
    assert "http://h/b?" == URL("http://h/a?").with_(path="/b").text


@pytest.mark.parametrize("text", ["http://h", "http://h:80", "http://h:443"])
def test_a_default_port_follows_the_scheme(text):
    """A port that the scheme implies is no part of the URL, however it was written."""
    assert "https://h/" == URL(text).with_(scheme="https").text


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"scheme": "ftp"}, "the scheme 'ftp' is not http or https"),
        ({"host": "a/b"}, "no host name can have"),
        ({"host": "a@b"}, "no host name can have"),
        ({"host": ""}, "the host is empty"),
        ({"host": "h:80"}, "not an IPv6 address"),
        ({"port": 0}, "a number from 1 to 65535"),
        ({"port": 65536}, "a number from 1 to 65535"),
        ({"port": True}, "a number from 1 to 65535"),
        ({"port": "80"}, "a number from 1 to 65535"),
        ({"path": "a\nb"}, r"the character '\\n' at index 1"),
        ({"path": "a\\b"}, "backslash"),
        ({"query": 5}, "query= is of type int, not str"),
        ({"password": "geheim\ud800"}, "at index 6"),
    ],
)
def test_with_refuses_what_a_url_refuses(parts, reason):
    """A part that cannot stand in a URL is refused by name, and a password is not shown."""
    with pytest.raises(InvalidURLError, match=reason) as caught:
        URL("https://u:p@h:8443/a?q#f").with_(**parts)

    assert "geheim" not in str(caught.value)


def test_without_userinfo_keeps_the_rest():
    """`without_userinfo` removes user name and password alone, and is free where there are none."""
    bare = URL("https://u:p@h:8443/a?#f").without_userinfo()

    assert "https://h:8443/a?#f" == bare.text
    assert bare is bare.without_userinfo()


def test_parsing_loads_only_what_it_needs():
    """Neither attrs nor urllib3 are needed for a URL, and idna for non-ASCII hosts only."""
    program = (
        "import sys; from antiphon.models.url import URL; URL('http://h/é'); "
        "print(sorted({'attrs', 'attr', 'urllib3', 'idna', 'ssl'} & set(sys.modules)));"
        "URL('http://é/'); print('idna' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )

    assert ["[]", "True"] == done.stdout.split()
