"""Asking a SOCKS proxy for a connection, without I/O: what to send, and how much to read.

The messages are socksio's (extra `socks`). RFC 1928 and 1929 for SOCKS5; SOCKS4 and 4a are as old
as their one description each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from antiphon.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Generator

Handshake: TypeAlias = "Generator[tuple[bytes, int], bytes, None]"
"""Yields (bytes to send, how many bytes to read then), and is sent exactly that many bytes."""

# RFC 1928, section 6.
_REPLIES = {
    0x01: "general SOCKS server failure",
    0x02: "connection not allowed by ruleset",
    0x03: "network unreachable",
    0x04: "host unreachable",
    0x05: "connection refused",
    0x06: "TTL expired",
    0x07: "command not supported",
    0x08: "address type not supported",
}
_REPLIES_4 = {
    0x5B: "request rejected or failed",
    0x5C: "request rejected: the proxy cannot reach identd on this machine",
    0x5D: "request rejected: identd here names another user",
}
# Version, code, a reserved byte, the kind of address, and its first byte, which may be a length.
_REPLY_START = 5
_ADDRESS_LENGTHS = {0x01: 4, 0x04: 16}
_NAME = 0x03
# RFC 1928, section 3: how to sign in.
_BY_PASSWORD = 0x02
_NO_METHOD = 0xFF


class SocksRefused(Exception):
    """The proxy said no, or something that is not SOCKS; the message is a clause for people."""


def socks4_handshake(host: str, port: int, user: bytes, *, by_name: bool) -> Handshake:
    """Ask for `host`, an IPv4 address, or with `by_name` (SOCKS4a) a name.

    Raises SocksRefused, and MissingExtraError without socksio.
    """
    try:
        from socksio.socks4 import SOCKS4ARequest, SOCKS4Command, SOCKS4Request
    except ImportError as error:
        raise missing_extra() from error
    if ":" in host:
        raise SocksRefused("SOCKS4 knows no IPv6 addresses; use socks5://")
    kind = SOCKS4ARequest if by_name else SOCKS4Request
    request = kind.from_address(SOCKS4Command.CONNECT, (host, port), user)
    reply = yield request.dumps(), 8
    # Servers that answer with their request's version, 4, are as common as those that say 0.
    if reply[0] not in {0, 4} or not 0x5A <= reply[1] <= 0x5D:
        raise SocksRefused(f"it does not speak SOCKS4, it answered {reply!r}")
    if reply[1] != 0x5A:
        raise SocksRefused(f"{_REPLIES_4[reply[1]]} (0x{reply[1]:02x})")


def socks5_handshake(host: str, port: int, credentials: tuple[bytes, bytes] | None) -> Handshake:
    """Ask for `host`, an address or a name, with user name and password if there are any.

    Raises SocksRefused, and MissingExtraError without socksio.
    """
    try:
        from socksio import socks5
    except ImportError as error:
        raise missing_extra() from error
    methods = [socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]
    if credentials is not None:
        methods.append(socks5.SOCKS5AuthMethod.USERNAME_PASSWORD)
    answer = yield socks5.SOCKS5AuthMethodsRequest(methods).dumps(), 2
    if answer[0] != 5:
        raise SocksRefused(f"it does not speak SOCKS5, it answered {answer!r}")
    if answer[1] == _BY_PASSWORD and credentials is not None:
        answer = yield socks5.SOCKS5UsernamePasswordRequest(*credentials).dumps(), 2
        if answer[1]:
            raise SocksRefused("it refused the user name and password")
    elif answer[1]:
        raise SocksRefused(_wanted(answer[1], credentials is not None))
    command = socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host, port))
    start = yield command.dumps(), _REPLY_START
    if start[0] != 5:
        raise SocksRefused(f"it does not speak SOCKS5, it answered {start!r}")
    if start[1]:
        words = _REPLIES.get(start[1], "unknown reason")
        raise SocksRefused(f"{words} (0x{start[1]:02x})")
    length = start[4] + 1 if start[3] == _NAME else _ADDRESS_LENGTHS.get(start[3])
    if length is None:
        raise SocksRefused(f"it answered with an unknown kind of address, {start[3]}")
    # The address from which the proxy connects, and its port: of no use here, but in the way.
    yield b"", length + 2 - 1


def _wanted(method: int, signed: bool) -> str:
    """What a proxy wants that takes none of the methods that it was offered."""
    if method not in {_BY_PASSWORD, _NO_METHOD}:
        return f"it chose a way to sign in that it was not offered (0x{method:02x})"
    if signed:
        return "it takes no user name and password, and nothing else that we have"
    return "it wants a user name and password, and none were given"


def missing_extra() -> MissingExtraError:
    """Return the error for who asks for SOCKS without the package that speaks it."""
    return MissingExtraError(
        "SOCKS proxies need the package socksio; install it with: pip install 'antiphon[socks]'"
    )
