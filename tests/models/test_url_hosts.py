"""Hosts of URLs: names, international names, IPv4 in every spelling, IPv6 with zones."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("EXAMPLE.com", "example.com"),
        ("example.com.", "example.com."),
        ("ex%41mple.com", "example.com"),
        ("a_b.-c-.example", "a_b.-c-.example"),
        ("x" * 63 + ".example", "x" * 63 + ".example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("☃.example", "xn--n3h.example"),
        ("Ｇｏ.example", "go.example"),
        ("a。b", "a.b"),
        ("a\u00adb", "ab"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.é", "xn--bcher-kva.xn--9ca"),
        ("אב.example", "xn--4dbc.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0X7F.0.0.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.257", "127.0.1.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("4294967295", "255.255.255.255"),
        ("00000000000000000000000001.2.3.4", "1.2.3.4"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("1.2.3.4.example", "1.2.3.4.example"),
        ("0x7f.0.0.1g", "0x7f.0.0.1g"),
        ("[::1]", "::1"),
        ("[2001:DB8:0:0:1:0:0:1]", "2001:db8::1:0:0:1"),
        ("[1:0:2:3:4:5:6:7]", "1:0:2:3:4:5:6:7"),
        ("[::]", "::"),
        ("[1::]", "1::"),
        ("[::ffff:1.2.3.4]", "::ffff:102:304"),
        ("[fe80::1%25eth0]", "fe80::1%eth0"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
        ("[FE80::1%25Eth0.1]", "fe80::1%Eth0.1"),
        ("[fe80::1%252]", "fe80::1%2"),
        ("[fe80::1%2]", "fe80::1%2"),
    ],
)
def test_hosts_have_one_form(written, host):
    """However a host is written, `host` is what is looked up and connected to."""
    url = URL(f"http://{written}/")

    assert host == url.host
    assert url == URL(url.text)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("a b", "no host name can have"),
        ("a%20b", "no host name can have"),
        ("a%2Fb", "no host name can have"),
        ("a%00b", "no host name can have"),
        ("a%25b", "no host name can have"),
        ("a<b", "no host name can have"),
        ("a|b", "no host name can have"),
        ("%ff", "the host's escapes are not UTF-8"),
        ("a%", "no host name can have"),
        (".", "empty label"),
        ("a..b", "empty label"),
        (".a", "empty label"),
        ("a..", "empty label"),
        (".א", "empty label"),
        ("x" * 64, "too long"),
        ("ü" * 64, "too long"),
        ("x." * 126 + "xx", "too long"),
        ("\u00ad", "the host is empty"),
        ("\ufffd", "not a valid international name"),
        ("xn--a.é", "not a valid international name"),
        ("xn--zz--zz.é", "not a valid international name"),
        ("xn--abc-.é", "stands for no valid name"),
        ("xn--.é", "stands for no valid name"),
        ("xn--te\u0161la", "not a valid international name"),
        ("\u0301a", "not a valid international name"),
        ("a\u200db.é", "a joiner where none can stand"),
        ("א1a", "not a valid international name"),
        ("a／b", "not a valid"),
        ("256.256.256.256", "not an IPv4 address"),
        ("1.2.3.4.5", "not an IPv4 address"),
        ("1.2.3.256", "a number that is too large"),
        ("4294967296", "a number that is too large"),
        ("1..2", "not an IPv4 address"),
        ("08", "not an IPv4 address"),
        ("a.1", "not an IPv4 address"),
        ("a.0x", "not an IPv4 address"),
        ("9" * 5000, "not an IPv4 address"),
        ("[]", "valid name or IP address|not an IPv6 address"),
        ("[::1", "valid name or IP address|not closed"),
        ("[::1]x", "valid name or IP address|no port"),
        ("x[::1]", "valid name or IP address|the port is not a number"),
        ("::1", "the port is not a number|the host is empty"),
        ("[1.2.3.4]", "valid name or IP address|not an IPv6 address"),
        ("[v1.x]", "not an IPv6 address"),
        ("[::1.2.3.04]", "valid name or IP address|not an IPv6 address"),
        ("[:::]", "valid name or IP address|not an IPv6 address"),
        ("[::1%]", "valid name or IP address|the zone of the IPv6 host"),
        ("[::1%25]", "valid name or IP address|the zone of the IPv6 host"),
        ("[::%31]", "valid name or IP address|must follow %25"),
        ("[::1%25a%2Fb]", "valid name or IP address|the zone of the IPv6 host"),
    ],
)
def test_hosts_that_are_refused(written, reason):
    """A host that cannot be found, or that parsers read differently, is refused."""
    with pytest.raises(InvalidURLError, match=reason):
        URL(f"http://{written}/")


def test_a_zone_is_for_this_machine_only():
    """The zone stays in `host`, `text` and `origin`, and is not sent (RFC 6874, section 4)."""
    url = URL("http://[fe80::1%25eth0]:8080/")

    assert "http://[fe80::1%25eth0]:8080/" == url.text
    assert "[fe80::1]:8080" == url.host_header
    assert "fe80::1%eth0" == url.origin.host


def test_a_bracket_that_is_not_closed():
    """A host given by itself has to close its bracket."""
    with pytest.raises(InvalidURLError, match="the host's bracket is not closed"):
        URL("http://h/").with_(host="[::1")
