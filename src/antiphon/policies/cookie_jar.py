"""`CookieJar`: the cookies of one client, shared by its threads and voices."""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, TypeAlias, TypeVar, overload

from antiphon.errors import InvalidOptionError
from antiphon.policies.cookie import Cookie, received_cookie
from antiphon.policies.cookie_parsing import parse_set_cookie
from antiphon.policies.cookie_store import CookieStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, KeysView

    from antiphon.models.url import URL
    from antiphon.policies.cookie_parsing import SameSite

_T = TypeVar("_T")

CookiesInput: TypeAlias = "CookieJar | Mapping[str, str] | Iterable[Cookie]"
"""What cookies can be given as: a jar, names and values, or cookies."""


class CookieJar:
    """Cookies with the rules of RFC 6265bis: who may set one, where it is sent, when it ends.

    Iterating gives the name of every cookie, oldest first, and `jar[name]` a value;
    `jar.cookies` has the cookies themselves. A cookie set by hand without a domain goes to every
    host that a caller names, but not where a redirect leads.

    Threads, and a `Client` and an `AsyncClient`, may share a jar. The clock is the caller's:
    `now_wall` is in seconds since the epoch. At most 180 cookies a domain and 3,000 in all are
    kept; those unused for longest go first, of one domain insecure ones before secure ones.
    """

    __slots__ = ("__weakref__", "_busy", "_late", "_lock", "_store")

    def __init__(self, cookies: CookiesInput | None = None) -> None:
        # Finalisers and signal handlers make calls too, in the midst of ours and in our thread.
        # What they change waits in `_late` until whom they interrupted is done with the store.
        self._lock = RLock()
        self._busy = False
        self._late: deque[Callable[[], object]] = deque()
        self._store = CookieStore()
        _jars.add(self)
        if cookies is not None:
            self.update(cookies)

    @classmethod
    def of(cls, cookies: CookiesInput | None) -> CookieJar:
        """Return `cookies` itself if it is a jar, so that it is shared; else a new jar of them.

        Raises `InvalidOptionError` if it is neither a mapping nor an iterable of cookies.
        """
        return cookies if isinstance(cookies, CookieJar) else cls(cookies)

    # --- what the pipeline asks ------------------------------------------------------------------

    def store(self, url: URL, set_cookie_lines: Iterable[str], now_wall: float) -> None:
        """Keep what the answer from `url` sets; what it may not set is ignored without a word.

        `set_cookie_lines` are the values of its `Set-Cookie` lines. RFC 6265bis section 5.7.
        """
        for line in set_cookie_lines:
            parsed = parse_set_cookie(line)
            cookie = None if parsed is None else received_cookie(parsed, url, now_wall)
            if cookie is not None:
                self._change(partial(self._receive, cookie, url.scheme == "https", now_wall))

    def header_for(self, url: URL, now_wall: float, *, cross_origin: bool = False) -> str | None:
        """Return the `Cookie` value for a request to `url`, None if no cookie goes there.

        Longer paths first, then older cookies (RFC 6265bis section 5.8.3). `cross_origin` is True
        for another origin than that of base_url, and for one that a redirect and not the caller
        named: cookies without a domain stay behind.
        """
        if not self._store.domains:
            return None
        select = partial(
            self._store.select,
            url.host,
            url.path or "/",
            secure=url.scheme == "https",
            any_host=not cross_origin,
        )
        if now_wall >= self._store.first_expiry:
            self._change(partial(self._store.purge, now_wall))
        found = self._read(select)
        return "; ".join([cookie.pair for cookie in found]) or None

    # --- what users ask --------------------------------------------------------------------------

    @property
    def cookies(self) -> tuple[Cookie, ...]:
        """Every cookie, oldest first; ones whose time is over stay until the jar is next used."""
        return tuple([entry.cookie for entry in self._read(self._store.entries)])

    def set(
        self,
        name: str,
        value: str,
        *,
        domain: str = "",
        path: str = "/",
        host_only: bool = True,
        secure: bool = False,
        http_only: bool = False,
        same_site: SameSite | None = None,
        expires: float | None = None,
    ) -> None:
        """Keep a cookie of the caller's own; it replaces one of the same name, domain and path.

        Without `domain` it goes to every host that the caller names; `host_only=False` sends it to
        the subdomains of `domain` too. `expires` is in seconds since the epoch, None is no end.
        Raises `InvalidOptionError` for what cannot be in a `Cookie` header.
        """
        cookie = Cookie(
            name=name,
            value=value,
            domain=domain,
            path=path,
            host_only=host_only,
            secure=secure,
            http_only=http_only,
            same_site=same_site,
            expires=expires,
        )
        self.update([cookie])

    def update(self, cookies: CookiesInput, *, domain: str = "") -> None:
        """Keep all of `cookies`: a jar, names and values, or an iterable of `Cookie`.

        Names and values are for `domain` alone, or for every host that the caller names.
        Raises `InvalidOptionError`, and then none of them is kept.
        """
        added = _given(cookies, domain)
        self._change(partial(self._insert_all, added))

    @overload
    def get(self, name: str, default: None = None, *, domain: str | None = ...) -> str | None: ...
    @overload
    def get(self, name: str, default: _T, *, domain: str | None = ...) -> str | _T: ...
    def get(
        self, name: str, default: _T | None = None, *, domain: str | None = None
    ) -> str | _T | None:
        """Return the value of the cookie `name`, `default` if there is none.

        Raises `InvalidOptionError` if several have the name and not the same value; `domain` may
        tell them apart, else look at `cookies`.
        """
        found = [cookie for cookie in self.cookies if _is_named(cookie, name, domain, None)]
        if not found:
            return default
        value = found[0].value
        if any(cookie.value != value for cookie in found):
            places = ", ".join([f"{cookie.domain or 'any host'}{cookie.path}" for cookie in found])
            message = (
                f"{len(found)} cookies have the name {name!r} ({places}): "
                "say which with domain=, or look at jar.cookies"
            )
            raise InvalidOptionError(message)
        return value

    def delete(self, name: str, *, domain: str | None = None, path: str | None = None) -> int:
        """Forget the cookies of that name (and of that domain and path, if given); say how many."""
        found = [kept for kept in self.cookies if _is_named(kept, name, domain, path)]
        self._change(
            partial(self._store.remove_where, lambda kept: _is_named(kept, name, domain, path))
        )
        return len(found)

    def clear(self, *, domain: str | None = None) -> None:
        """Forget all cookies, or those of exactly `domain`."""
        self._change(
            partial(self._store.remove_where, lambda kept: domain is None or kept.domain == domain)
        )

    def keys(self) -> KeysView[str]:
        """Return every name once; with `jar[name]` this makes `dict(jar)` work."""
        return dict.fromkeys(self).keys()

    def to_json(self) -> str:
        """Return every cookie as JSON text, those without an end too; `from_json` reads it.

        The values are in it: whoever reads the text can act as you.
        """
        from antiphon.policies.cookie_json import cookies_to_json

        return cookies_to_json(self.cookies)

    @classmethod
    def from_json(cls, text: str) -> CookieJar:
        """Return the jar that `to_json` wrote. Raises `InvalidOptionError` for any other text."""
        from antiphon.policies.cookie_json import cookies_from_json

        return _jar_of(tuple(cookies_from_json(text)))

    def copy(self) -> CookieJar:
        """Return a jar of its own with the same cookies."""
        return _jar_of(self.cookies)

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        """Tell whether a cookie of that name is kept; for a `Cookie`, whether this very one is."""
        if isinstance(name, Cookie):
            return name in self.cookies
        return any(cookie.name == name for cookie in self.cookies)

    def __iter__(self) -> Iterator[str]:
        return iter([cookie.name for cookie in self.cookies])

    def __len__(self) -> int:
        return self._store.count

    def __bool__(self) -> bool:
        """Stay true when empty: `jar or CookieJar()` would lose the jar that was to be shared."""
        return True

    def __repr__(self) -> str:
        """Show how many cookies there are and for whom, never a value."""
        domains = sorted({cookie.domain or "any host" for cookie in self.cookies})
        shown = ", ".join(domains[:3]) + (", ..." if len(domains) > 3 else "")
        return f"<CookieJar: {len(self)} cookies{' for ' if shown else ''}{shown}>"

    def __copy__(self) -> CookieJar:
        return self.copy()

    def __deepcopy__(self, memo: object) -> CookieJar:
        return self.copy()

    def __reduce__(self) -> tuple[object, tuple[tuple[Cookie, ...]]]:
        """Pickle the cookies, values included; the lock is made anew."""
        return _jar_of, (self.cookies,)

    # --- one at a time ---------------------------------------------------------------------------

    def _insert_all(self, cookies: list[Cookie]) -> None:
        for cookie in cookies:
            self._store.insert(cookie, now_wall=None)

    def _receive(self, cookie: Cookie, secure_origin: bool, now_wall: float) -> None:
        self._store.purge(now_wall)
        if secure_origin or not self._store.hides_a_secure_one(cookie):
            self._store.insert(cookie, now_wall)

    def _change(self, change: Callable[[], object]) -> None:
        """Make a change now, or as soon as the one is done that this thread is in the midst of."""
        with self._lock:
            self._late.append(change)
            if not self._busy:
                self._busy = True
                try:
                    while self._late:
                        self._late.popleft()()
                finally:
                    self._busy = False

    def _read(self, read: Callable[[], _T]) -> _T:
        """Read while nothing changes, not even by a finaliser in this thread."""
        with self._lock:
            if self._busy:
                return read()
            self._busy = True
            try:
                found = read()
            finally:
                self._busy = False
        if self._late:
            self._change(_nothing)
        return found

    def _after_fork(self) -> None:  # pragma: no cover - a forked child
        # Another thread of the parent may have held the lock; here nobody would ever release it.
        self._lock = RLock()
        self._busy = False
        self._late = deque()
        self._store.recount()


def _nothing() -> None:
    """Change nothing: what others left is done."""


def _jar_of(cookies: tuple[Cookie, ...]) -> CookieJar:
    jar = CookieJar()
    jar._store = CookieStore(cookies)
    return jar


def _given(cookies: object, domain: str) -> list[Cookie]:
    if isinstance(cookies, CookieJar):
        return list(cookies.cookies)
    from antiphon.policies.cookie_checks import checked_cookie

    if isinstance(cookies, Mapping):
        cookies = [Cookie(name=name, value=value, domain=domain) for name, value in cookies.items()]
    elif isinstance(cookies, str) or not isinstance(cookies, Iterable):
        cookies = [cookies]
    checked = []
    for cookie in cookies:
        if not isinstance(cookie, Cookie):
            message = (
                f"cookies=: {type(cookie).__name__} is no cookie; "
                "give a CookieJar, a mapping of names to values, or Cookie values"
            )
            raise InvalidOptionError(message)
        checked.append(checked_cookie(cookie))
    return checked


def _is_named(cookie: Cookie, name: str, domain: str | None, path: str | None) -> bool:
    return (
        cookie.name == name
        and (domain is None or cookie.domain == domain)
        and (path is None or cookie.path == path)
    )


_jars: weakref.WeakSet[CookieJar] = weakref.WeakSet()


def _remake_locks() -> None:  # pragma: no cover - a forked child
    for jar in list(_jars):
        jar._after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_remake_locks)
