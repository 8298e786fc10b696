# GENERATED from _async/engine/settings.py by tools/unasync.py. Do not edit.
"""What a client says about connecting, as its engine needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from antiphon.models.connecting import Connecting, SocketOption
    from antiphon.network.thread_lookup import Resolver
    from antiphon.policies.address_overrides import AddressesInput, AddressOverrides

ResolveInput: TypeAlias = "Resolver | AddressesInput | None"
"""What `resolve=` takes: addresses by host, or a resolver."""


class ConnectSettings:
    """`connecting=` and `resolve=` of one client, taken apart: what they say by default is here."""

    __slots__ = (
        "allow_private",
        "families",
        "local_address",
        "overrides",
        "resolver",
        "socket_options",
        "uds",
    )

    def __init__(self, connecting: Connecting | None, resolve: ResolveInput) -> None:
        self.uds: str | None = None
        self.local_address: str | None = None
        self.socket_options: tuple[SocketOption, ...] = ()
        self.families: tuple[int, ...] = ()
        self.allow_private = True
        if connecting is not None:
            self.uds = connecting.uds
            self.local_address = connecting.local_address
            self.socket_options = connecting.socket_options
            self.families = connecting.families
            self.allow_private = connecting.allow_private
        self.overrides: AddressOverrides | None = None
        self.resolver: Resolver | None = None
        if isinstance(resolve, Mapping):
            from antiphon.policies.address_overrides import AddressOverrides

            self.overrides = AddressOverrides(resolve)
        else:
            self.resolver = resolve
