"""`CallOptions`: how one call is made, the client's settings with the call's own over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.ambient_deadline import AMBIENT_DEADLINE
from antiphon.models.cancel import CancelToken
from antiphon.models.deadline import Deadline
from antiphon.models.events import TransportObserver, combine_observers
from antiphon.models.timeout import DEFAULT_TIMEOUT, Timeout
from antiphon.models.transport_options import TransportOptions
from antiphon.models.unset import UNSET
from antiphon.models.url import URL
from antiphon.policies.auth import auth_from_url, auth_of, gives_way, replaced_headers
from antiphon.policies.call_context import CallContext
from antiphon.policies.pipeline_order import kind_of, retry_among
from antiphon.policies.redirects import DEFAULT_MAX_REDIRECTS
from antiphon.policies.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.auth import AnyAuth


_ambient_deadline = AMBIENT_DEADLINE.get
CacheMode = Literal["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"]
"""How one call uses the cache; the words and their meaning are those of the Fetch standard."""
CACHE_MODES: tuple[CacheMode, ...] = get_args(CacheMode)


@attrs.frozen(kw_only=True)
class CallOptions:
    """What the steps of one call go by. Sizes in bytes, None is no limit."""

    timeout: Timeout = DEFAULT_TIMEOUT
    follow_redirects: bool = True
    max_redirects: int = DEFAULT_MAX_REDIRECTS
    raise_for_status: bool = True
    retry: Retry | None = Retry()
    max_response_bytes: int | None = None
    auth: AnyAuth | None = attrs.field(default=None, repr=False)
    auth_given: bool = False
    """Whether `auth` was given for this call, and so beats an Authorization header."""
    cancel: CancelToken | None = None
    observer: TransportObserver | None = None
    idempotency_key: str | bool | None = None
    """The key of this call; True makes one, None leaves it to the client's `IdempotencyKey`."""
    cache: CacheMode = "default"
    https_only: bool | None = None
    """Whether plain http is refused; None leaves it to the client's `HTTPSOnly`."""
    log: bool = True
    trace: bool = True
    kinds: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    """The kinds of policies that the client has: an option of one that it has not is refused."""
    _loading: TransportOptions = attrs.field(init=False, repr=False, eq=False)
    _streaming: TransportOptions = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        # Without a deadline they are the same for every call, so they are made once.
        for name, stream in (("_loading", False), ("_streaming", True)):
            options = TransportOptions(
                timeout=self.timeout, cancel=self.cancel, stream=stream, observer=self.observer
            )
            object.__setattr__(self, name, options)

    def transport_options(self, *, stream: bool, now: float) -> TransportOptions:
        """Return what the transport gets; a total timeout is a deadline counted from `now`.

        Where the caller's code has a deadline of its own, the earlier of the two counts.
        """
        deadline = _ambient_deadline()
        total = self.timeout.total
        if total is not None:
            deadline = Deadline.earliest(deadline, Deadline.after(total, now))
        if deadline is None:
            return self._streaming if stream else self._loading
        return TransportOptions(self.timeout, deadline, self.cancel, stream, self.observer)

    def begin(self, request: Request, trusted: bool, stream: bool, now: float) -> CallContext:
        """Return the context of a new call that sends `request` first.

        The auth of the client goes to origins that are `trusted`, and gives way to what the request
        says in its place, an Authorization header; one that was given for the call does neither.
        """
        auth = self.auth
        if auth is not None and not self.auth_given and (not trusted or gives_way(auth, request)):
            auth = None
        # Every call comes here, and most have no deadline: asked in place, it costs no call more.
        if self.timeout.total is None and _ambient_deadline() is None:
            options = self._streaming if stream else self._loading
        else:
            options = self.transport_options(stream=stream, now=now)
        return CallContext(self, options, now, request.url.origin, auth, trusted=trusted)

    @classmethod
    def of_client(
        cls, settings: Mapping[str, object], policies: Sequence[object] = ()
    ) -> CallOptions:
        """Return the defaults of a client; settings that are UNSET stay ours.

        A `Retry` among its policies is the setting `retry`. Raises InvalidOptionError for both.
        """
        given = {name: value for name, value in settings.items() if value is not UNSET}
        retry = retry_among(policies)
        if retry is not None:
            if "retry" in given:
                raise InvalidOptionError(
                    f"retry={given['retry']!r} and {retry!r} among the policies contradict each "
                    "other; give one of them"
                )
            given["retry"] = retry
        kinds = frozenset(map(kind_of, policies))
        return cls(kinds=kinds).overridden(given).as_defaults()

    def with_credentials(
        self, base_url: str | URL | None, headers: Headers, *, auth_given: bool
    ) -> tuple[CallOptions, Headers]:
        """Return the options and default headers of a client, with one answer to who is asking.

        `auth=` beats an Authorization among the headers, which beats userinfo in `base_url`.
        """
        if auth_given:
            return self, headers if self.auth is None else headers.without(
                *replaced_headers(self.auth)
            )
        if self.auth is None and base_url and "authorization" not in headers:
            auth = auth_from_url(URL(base_url))
            if auth is not None:
                return attrs.evolve(self, auth=auth), headers
        return self, headers

    def as_defaults(self) -> CallOptions:
        """Return these options as those of a client: its auth is not that of one call.

        Raises InvalidOptionError for a key: calls that share one would be taken for one call.
        """
        if isinstance(self.idempotency_key, str):
            raise InvalidOptionError(
                "idempotency_key=: a key is for one call; give True to have each call make its own"
            )
        return attrs.evolve(self, auth_given=False) if self.auth_given else self

    def overridden(self, keywords: Mapping[str, object]) -> CallOptions:
        """Return these options with those that `keywords` name replaced; it may name others too.

        Raises InvalidOptionError for a value of a wrong type or range.
        """
        changes: dict[str, Any] = {
            name: check(keywords[name]) for name, check in _CHECKS.items() if name in keywords
        }
        for name, (kind, policy) in _NEEDS.items():
            if changes.get(name, False) not in {False, "default"} and kind not in self.kinds:
                raise InvalidOptionError(
                    f"{name}={keywords[name]!r} has no effect: this client has no {policy}; "
                    f"make it with policies=[{policy}(...)]"
                )
        if not changes:
            return self
        if "observer" in changes:
            changes["observer"] = combine_observers(self.observer, changes["observer"])
        if "auth" in changes:
            changes["auth_given"] = True
        return attrs.evolve(self, **changes)


def _flag(name: str) -> Callable[[Any], bool]:
    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise InvalidOptionError(f"{name}={value!r}: give True or False")
        return value

    return check


def _count(name: str, least: int, *, optional: bool) -> Callable[[Any], int | None]:
    def check(value: object) -> int | None:
        if value is None and optional:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            none = " or None" if optional else ""
            raise InvalidOptionError(f"{name}={value!r}: give a whole number from {least}{none}")
        return value

    return check


def _instance(name: str, expected: type) -> Callable[[Any], object]:
    def check(value: object) -> object:
        if value is not None and not isinstance(value, expected):
            raise InvalidOptionError(
                f"{name}={value!r}: give an instance of {expected.__name__} (or a subclass) or None"
            )
        return value

    return check


def _one_of(name: str, words: Sequence[str]) -> Callable[[Any], object]:
    def check(value: object) -> object:
        if value not in words:
            raise InvalidOptionError(f"{name}={value!r}: give one of {', '.join(map(repr, words))}")
        return value

    return check


def _idempotency_key(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise InvalidOptionError(
            "idempotency_key=: give printable ASCII text, True to have one made, or None"
        )
    return value


# What only works with a policy of the client: its kind, and its name.
_NEEDS = {
    "cache": ("cache", "Cache"),
    "log": ("logging", "Logging"),
    "trace": ("tracing", "Tracing"),
}

_CHECKS: dict[str, Callable[[Any], object]] = {
    "auth": auth_of,
    "timeout": Timeout.of,
    "follow_redirects": _flag("follow_redirects"),
    "max_redirects": _count("max_redirects", 0, optional=False),
    "raise_for_status": _flag("raise_for_status"),
    "retry": Retry.of,
    "max_response_bytes": _count("max_response_bytes", 0, optional=True),
    "cancel": _instance("cancel", CancelToken),
    "observer": _instance("observer", TransportObserver),
    "idempotency_key": _idempotency_key,
    "cache": _one_of("cache", CACHE_MODES),
    "https_only": _flag("https_only"),
    "log": _flag("log"),
    "trace": _flag("trace"),
}
