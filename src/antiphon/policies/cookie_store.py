"""The cookies of a jar in order: who replaces whom, who is sent, who has to go. No lock here."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import attrs

from antiphon.policies.cookie import Cookie, domain_matches, is_ip_address, path_matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_COOKIES_PER_DOMAIN = 180
"""RFC 6265bis section 6.1 asks for 50 at least; this is what Chrome keeps."""
MAX_COOKIES = 3000
"""RFC 6265bis section 6.1."""

_Key: TypeAlias = "tuple[str, str, bool]"
_NEVER = float("inf")


class Entry:
    """A cookie with its place in the order of creation and the moment of its last use."""

    __slots__ = ("cookie", "sequence", "used")

    def __init__(self, cookie: Cookie, tick: int) -> None:
        self.cookie = cookie
        self.sequence = tick
        self.used = tick


_NONE: dict[_Key, Entry] = {}


class CookieStore:
    """Cookies by domain, then by name, path and host-only flag (RFC 6265bis section 5.7)."""

    __slots__ = ("_ticks", "count", "domains", "first_expiry")

    def __init__(self, cookies: Iterable[Cookie] = ()) -> None:
        # No domain is left without a cookie: an empty store is an empty dict.
        self.domains: dict[str, dict[_Key, Entry]] = {}
        self.count = 0
        # No cookie ends before this moment; it may be too early, never too late.
        self.first_expiry = _NEVER
        # Orders creations and uses. The wall clock would not do: it may be set back.
        self._ticks = count(1)
        for cookie in cookies:
            self.insert(cookie, now_wall=None)

    def entries(self) -> list[Entry]:
        """Return everything, oldest first."""
        entries = [entry for kept in self.domains.values() for entry in kept.values()]
        entries.sort(key=_creation_order)
        return entries

    def insert(self, cookie: Cookie, now_wall: float | None) -> None:
        """Keep `cookie`, or only forget the one it replaces if its time is already over.

        `now_wall` is None where there is no clock, and then nothing is over.
        """
        key = (cookie.name, cookie.path, cookie.host_only)
        old = self.domains.get(cookie.domain, _NONE).get(key)
        if now_wall is not None and cookie.expired(now_wall):
            # This is how a server deletes a cookie.
            if old is not None:
                self._remove(old)
            return
        entry = Entry(cookie, next(self._ticks))
        if old is None:
            self.count += 1
        else:
            # Section 5.7 step 23: a cookie inherits the creation time of the one it replaces.
            entry.sequence = old.sequence
            if cookie.created != old.cookie.created:
                entry.cookie = attrs.evolve(cookie, created=old.cookie.created)
        kept = self.domains.setdefault(cookie.domain, {})
        kept[key] = entry
        if cookie.expires is not None and cookie.expires < self.first_expiry:
            self.first_expiry = cookie.expires
        # Section 5.7, the order of eviction. What has expired is gone before anything is inserted.
        if len(kept) > MAX_COOKIES_PER_DOMAIN:
            self._remove(min(kept.values(), key=_eviction_order_in_a_domain))
        if self.count > MAX_COOKIES:
            self._remove(min(self.entries(), key=_eviction_order))

    def purge(self, now_wall: float) -> None:
        """Forget every cookie whose time is over."""
        if now_wall >= self.first_expiry:
            self.remove_where(lambda cookie: cookie.expired(now_wall))
            ends = [entry.cookie.expires for entry in self.entries()]
            self.first_expiry = min([end for end in ends if end is not None], default=_NEVER)

    def remove_where(self, chosen: Callable[[Cookie], bool]) -> int:
        """Forget the cookies that `chosen` chooses; return how many they were."""
        found = [entry for entry in self.entries() if chosen(entry.cookie)]
        for entry in found:
            self._remove(entry)
        return len(found)

    def select(self, host: str, path: str, *, secure: bool, any_host: bool) -> list[Cookie]:
        """Return the cookies for a request in the order of sending (section 5.8.3), as used now."""
        found = [
            entry
            for domain in _domains_of(host, any_host=any_host)
            for entry in self.domains.get(domain, _NONE).values()
            if (secure or not entry.cookie.secure)
            and (domain == host or not domain or not entry.cookie.host_only)
            and path_matches(path, entry.cookie.path)
        ]
        if found:
            found.sort(key=_sending_order)
            tick = next(self._ticks)
            for entry in found:
                entry.used = tick
        return [entry.cookie for entry in found]

    def hides_a_secure_one(self, cookie: Cookie) -> bool:
        """Tell whether `cookie` would be sent in the place of a secure one (section 5.7 step 16).

        Then an insecure origin may not set it.
        """
        return any(
            kept.secure
            and kept.name == cookie.name
            and (
                domain_matches(kept.domain, cookie.domain)
                or domain_matches(cookie.domain, kept.domain)
            )
            and path_matches(cookie.path, kept.path)
            for kept in (entry.cookie for entry in self.entries())
        )

    def recount(self) -> None:  # pragma: no cover - a forked child
        """Make `count` right after a fork that may have caught another thread between two steps."""
        self.domains = {domain: kept for domain, kept in self.domains.items() if kept}
        self.count = sum(map(len, self.domains.values()))

    def _remove(self, entry: Entry) -> None:
        cookie = entry.cookie
        kept = self.domains[cookie.domain]
        del kept[cookie.name, cookie.path, cookie.host_only]
        self.count -= 1
        if not kept:
            del self.domains[cookie.domain]


def _domains_of(host: str, *, any_host: bool) -> Iterator[str]:
    if any_host:
        yield ""
    yield host
    if not is_ip_address(host):
        while "." in host:
            host = host.partition(".")[2]
            # Of "host." with its final dot, "" is no domain above it.
            if host:
                yield host


def _sending_order(entry: Entry) -> tuple[int, int]:
    return -len(entry.cookie.path), entry.sequence


def _creation_order(entry: Entry) -> int:
    return entry.sequence


def _eviction_order_in_a_domain(entry: Entry) -> tuple[bool, int]:
    return entry.cookie.secure, entry.used


def _eviction_order(entry: Entry) -> int:
    return entry.used
