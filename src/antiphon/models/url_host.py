"""Hosts of URLs: names, international names, IPv4 in every spelling, IPv6 with zones.

A host is brought into the one form in which it is compared, looked up and sent, so that what
`url.host` shows is what is connected to: `0x7f.1` is `127.0.0.1` here, as it is for the resolver.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

# reg-name of RFC 3986, section 3.2.2, after lower-casing and decoding.
_NAME = re.compile(r"[a-z0-9\-._~!$&'()*+,;=]+")
_ENDS_IN_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_LONG_LABEL = re.compile(r"[^.]{64}")  # RFC 1035, section 2.3.4: a label has at most 63 octets
_MAX_NAME = 253  # the longest name whose wire form fits the 255 octets of RFC 1035, section 2.3.4
_ZONE = re.compile(r"[A-Za-z0-9\-._~]+")  # RFC 6874, section 2
_HEX_PAIR = re.compile("[0-9A-Fa-f]{2}")


class InvalidHost(ValueError):
    """Why a host is refused; the message is a clause that starts with a noun."""


def normalise_host(text: str) -> str:
    """Return the host of a URL without brackets: a lower-case A-label name or an IP address.

    `text` is what stands in the URL, an IPv6 address in brackets. Raises `InvalidHost`.
    """
    if text[:1] == "[":
        if text[-1] != "]":
            raise InvalidHost("the host's bracket is not closed")
        return _ipv6(text[1:-1])
    if "%" in text:
        try:
            text = unquote_to_bytes(text).decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidHost("the host's escapes are not UTF-8") from None
    host = text.lower() if text.isascii() else _idna(text)
    if not host:
        raise InvalidHost("the host is empty")
    if _NAME.fullmatch(host) is None:
        raise InvalidHost("the host holds a character that no host name can have")
    name = host[:-1] if host[-1] == "." else host
    if _ENDS_IN_NUMBER.match(name, name.rfind(".") + 1) is not None:
        return _ipv4(name)
    if not name or name[0] == "." or name[-1] == "." or ".." in name:
        raise InvalidHost("the host has an empty label")
    if len(name) > 63 and (len(name) > _MAX_NAME or _LONG_LABEL.search(name)):
        raise InvalidHost(
            "the host is too long: 63 characters a label and 253 in all are the limit"
        )
    return host


def _ipv4(text: str) -> str:
    """Read an IPv4 address as `inet_aton` and WHATWG do: 1 to 4 parts, decimal, octal or hex."""
    parts = text.split(".")
    numbers = [_ipv4_number(part) for part in parts]
    if len(parts) > 4 or any(number > 255 for number in numbers[:-1]):
        raise InvalidHost("the host ends in a number but is not an IPv4 address")
    value = numbers[-1]
    if value >= 256 ** (5 - len(parts)):
        raise InvalidHost("the host is an IPv4 address with a number that is too large")
    for index, number in enumerate(numbers[:-1]):
        value += number << 8 * (3 - index)
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"


def _ipv4_number(part: str) -> int:
    base = 10
    digits = part
    if part[:2] == "0x":
        digits, base = part[2:] or "0", 16
    elif len(part) > 1 and part[0] == "0":
        digits, base = part[1:], 8
    # Eleven octal digits hold 32 bits; a bound keeps int() from working on a megabyte of them.
    significant = digits.lstrip("0") or "0"
    try:
        if digits.isalnum() and len(significant) <= 11:
            return int(significant, base)
    except ValueError:
        pass
    raise InvalidHost("the host ends in a number but is not an IPv4 address")


def _ipv6(text: str) -> str:
    """Return an IPv6 address as RFC 5952 writes it, with its zone after `%` (RFC 6874)."""
    from ipaddress import AddressValueError, IPv6Address

    address, percent, zone = text.partition("%")
    if percent:
        if zone[:2] == "25" and len(zone) > 2:
            zone = zone[2:]
        elif _HEX_PAIR.match(zone):
            # `%31` could be an escape or the zone 31: RFC 6874 has one spelling for the second.
            raise InvalidHost("the zone of the IPv6 host must follow %25")
        if _ZONE.fullmatch(zone) is None:
            raise InvalidHost("the zone of the IPv6 host is not a name of letters, digits and -._~")
    try:
        value = int(IPv6Address(address))
    except AddressValueError:
        raise InvalidHost("the host in brackets is not an IPv6 address") from None
    # Not str(): its form of IPv4-mapped addresses depends on the Python version.
    groups = [f"{value >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    return _compress(groups) + percent + zone


def _compress(groups: list[str]) -> str:
    """Write the longest run of zero groups as `::` (RFC 5952, section 4.2)."""
    best_start, best_length, start = 0, 1, -1
    for index, group in enumerate([*groups, "end"]):
        if group == "0":
            if start < 0:
                start = index
        elif start >= 0:
            if index - start > best_length:
                best_start, best_length = start, index - start
            start = -1
    if best_length == 1:
        return ":".join(groups)
    return ":".join(groups[:best_start]) + "::" + ":".join(groups[best_start + best_length :])


def _idna(text: str) -> str:
    """Map a name to A-labels by UTS 46, non-transitional (WHATWG URL, section 3.3)."""
    from unicodedata import bidirectional

    import idna

    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        labels = [_u_label(label) for label in mapped.split(".")]
        if any(bidirectional(character) in _RTL for label in labels for character in label):
            for label in filter(None, labels):
                idna.check_bidi(label, check_ltr=True)
    except (idna.IDNAError, UnicodeError):
        raise InvalidHost("the host is not a valid international name (UTS 46)") from None
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in labels
    )


_RTL = ("R", "AL", "AN")  # RFC 5893, section 1.4: what makes a name a Bidi domain name


def _u_label(label: str) -> str:
    """Check a mapped label (UTS 46, section 4.1) and decode it if it is an A-label."""
    import idna

    if label[:4] == "xn--":
        decoded = label[4:].encode("ascii").decode("punycode")
        if decoded.isascii() or idna.uts46_remap(decoded, False, False) != decoded:
            raise InvalidHost("the host has an xn-- label that stands for no valid name")
        label = decoded
    if not label.isascii():
        idna.check_initial_combiner(label)
        for position, character in enumerate(label):
            if character in "\u200c\u200d" and not idna.valid_contextj(label, position):
                raise InvalidHost("the host has a joiner where none can stand")
    return label
