# GENERATED from _async/engine/resolving.py by tools/unasync.py. Do not edit.
"""From the name of a host to the addresses to try, in their order."""

from __future__ import annotations

from socket import AF_INET6
from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError, DestinationRefusedError, NameResolutionError
from antiphon.network.thread_lookup import ask
from antiphon.network.thread_parker import Parker
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, WaitEnded
from antiphon.network.resolver import numeric, start_lookup
from antiphon.policies.happy_eyeballs import interleave

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon._sync.engine.settings import ConnectSettings
    from antiphon.models.events import TransportObserver
    from antiphon.models.timings import Timeline
    from antiphon.network.resolver import Address
    from antiphon.policies.patience import Patience


class Resolution:
    """One host being resolved, by what the client's settings say."""

    __slots__ = ("_deadline", "_host", "_patience", "_port", "_settings")

    def __init__(
        self,
        host: str,
        port: int,
        settings: ConnectSettings,
        deadline: float | None,
        patience: Patience,
    ) -> None:
        self._host = host
        self._port = port
        self._settings = settings
        self._deadline = deadline
        self._patience = patience

    def addresses(
        self, timeline: Timeline, observer: TransportObserver | None, *, any_address: bool
    ) -> list[Address]:
        """The addresses to try, in their order, at least one.

        `any_address` leaves `allow_private` out of it. Raises `NameResolutionError`,
        `DestinationRefusedError`, `ConnectTimeout` and its kin.
        """
        host, port = self._host, self._port
        found = None
        if self._settings.overrides is not None:
            given = self._settings.overrides.addresses_of(host, port)
            found = None if given is None else self._parsed(given)
        if found is None:
            address = numeric(host, port)
            found = None if address is None else [address]
        looked_up = found is None
        if found is None:
            timeline.resolve_started = now()
            found = self._ask()
            timeline.resolved = now()
        addresses = self._sorted(found)
        if looked_up and observer is not None:
            observer.name_resolved(host, [address[0] for _, address in addresses])
        if not self._settings.allow_private and not any_address:
            return self._public(addresses)
        return addresses

    def _ask(self) -> list[Address]:
        resolver = self._settings.resolver
        try:
            if resolver is not None:
                host, port = self._host, self._port
                answer = ask(resolver, host, port, self._deadline, self._patience.cancel)
                return self._parsed(answer)
            return self._ask_system()
        except WaitEnded as ended:
            raise self._patience.exhausted(
                "connect", now(), "no", cancelled=ended.outcome is CANCELLED
            ) from None
        except AntiphonError:
            raise
        except Exception as error:
            raise self._failed(
                f"the name {self._host!r} could not be resolved: {error}; "
                "check the spelling of the host and this machine's DNS"
            ) from error

    def _ask_system(self) -> list[Address]:
        parker = Parker()
        lookup = start_lookup(self._host, self._port, parker.unpark)
        outcome = parker.park(self._deadline, self._patience.cancel)
        if outcome is CANCELLED or (lookup.error is None and lookup.addresses is None):
            raise WaitEnded(outcome)
        if lookup.error is not None:
            raise lookup.error
        return lookup.addresses or []

    def _parsed(self, texts: Iterable[str]) -> list[Address]:
        found = []
        for text in texts:
            address = numeric(text, self._port) if isinstance(text, str) else None
            if address is None:
                raise self._failed(
                    f"the resolver said that {self._host!r} is at {text!r}, which is no IP address"
                )
            found.append(address)
        return found

    def _sorted(self, found: list[Address]) -> list[Address]:
        if not found:
            raise self._failed(f"the name {self._host!r} has no IPv4 or IPv6 address")
        families = self._settings.families
        if families:
            fitting = [entry for entry in found if entry[0] in families]
            if not fitting:
                kind = "IPv6" if families[0] == AF_INET6 else "IPv4"
                raise self._failed(
                    f"{self._host!r} has no {kind} address, which the client's Connecting(...) "
                    "asks for"
                )
            found = sorted(fitting, key=lambda entry: families.index(entry[0]))
        return interleave(found)  # type: ignore[return-value]

    def _public(self, addresses: list[Address]) -> list[Address]:
        """Those that are on the public internet; raises `DestinationRefusedError` if none is."""
        from antiphon.policies.special_addresses import special_kind

        kinds = [special_kind(address[0]) for _, address in addresses]
        public = [entry for entry, kind in zip(addresses, kinds, strict=True) if kind is None]
        if not public:
            raise refused_destination(addresses[0][1][0], kinds[0] or "", self._patience)
        return public

    def _failed(self, message: str) -> NameResolutionError:
        return NameResolutionError(message, request=self._patience.request)


def refused_destination(address: str, kind: str, patience: Patience) -> DestinationRefusedError:
    """What is said where `allow_private=False` ends a call."""
    origin = patience.request.url.origin
    where = "is" if address == origin.host else f"leads to {address},"
    return DestinationRefusedError(
        f"{origin} {where} {kind}, and this client has Connecting(allow_private=False)",
        request=patience.request,
    )
