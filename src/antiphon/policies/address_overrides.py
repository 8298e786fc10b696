"""`resolve={"host": "ip"}`: names that are not looked up, for their addresses are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.models.url_parsing import parse_reference

if TYPE_CHECKING:
    from antiphon.models.url_parsing import Parts

AddressesInput: TypeAlias = "Mapping[str, str | Sequence[str]]"
"""What `resolve=` takes as a mapping: one IP address or several, by "host" or "host:port"."""


class AddressOverrides:
    """IP addresses by "host" or "host:port", of which the second goes first.

    Other names are looked up as ever. Raises InvalidOptionError that names the wrong entry.
    """

    __slots__ = ("_addresses",)

    def __init__(self, addresses: AddressesInput) -> None:
        self._addresses: dict[tuple[str, int | None], tuple[str, ...]] = {}
        for name, value in addresses.items():
            parts = _parts(name)
            if not isinstance(value, str | Sequence):
                raise InvalidOptionError(
                    f"resolve={{{name!r}: {value!r}}}: give an IP address, or a list of them"
                )
            given = (value,) if isinstance(value, str) else tuple(value)
            if not given:
                raise InvalidOptionError(f"resolve={{{name!r}: []}}: give one address or more")
            self._addresses[parts.host, parts.port] = tuple(_address(name, one) for one in given)

    def addresses_of(self, host: str, port: int) -> tuple[str, ...] | None:
        """The addresses given for `host` at `port`; None if it is to be looked up."""
        addresses = self._addresses
        return addresses.get((host, port)) or addresses.get((host, None))


def _parts(name: object) -> Parts:
    text = name if isinstance(name, str) else ""
    if text.count(":") > 1 and "[" not in text:
        text = f"[{text}]"  # an IPv6 address, which may be sent elsewhere too
    try:
        parts = parse_reference(f"http://{text}")
    except InvalidURLError:
        parts = None
    if parts is None or parts.userinfo or parts.path != "/" or parts.query or parts.fragment:
        raise InvalidOptionError(
            f"resolve={{{name!r}: ...}}: the keys are hosts, 'api.example.com' or "
            "'api.example.com:8443'"
        )
    return parts


def _address(name: str, address: object) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(str(address)))  # of an int it would make an address too
    except ValueError:
        raise InvalidOptionError(
            f"resolve={{{name!r}: {address!r}}}: the values are IP addresses"
        ) from None
