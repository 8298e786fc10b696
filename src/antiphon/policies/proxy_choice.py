"""Which proxy a request goes through, if any: by the caller's settings, or the environment's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.models.url_parsing import parse_reference
from antiphon.policies.proxy import ProxiedOrigin, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.origin import Origin
    from antiphon.policies.proxy import ProxyInput, Route

ProxiesInput: TypeAlias = "Mapping[str, Proxy | str | None]"
"""What `proxies=` takes: a proxy, or None for direct connections, by pattern of URL."""

# What was decided for an origin is kept for so many of them; deciding again is cheap enough.
_REMEMBERED = 1024

Chooser: TypeAlias = "Callable[[Origin], Proxy | None]"


class ProxyPatterns:
    """`proxies={pattern: proxy}`: the most specific pattern that an origin matches decides.

    Patterns are `all://`, `http://` or `https://`, with nothing behind it, a host, `*.` and a
    domain (everything below it), and a port after those. A host beats a domain, a longer domain a
    shorter one; then a port beats none, and a scheme beats `all`. Raises InvalidOptionError.
    """

    __slots__ = ("_rules",)

    def __init__(self, proxies: ProxiesInput) -> None:
        if not isinstance(proxies, Mapping):
            raise InvalidOptionError(
                "proxies=: expected a mapping such as {'https://': 'http://proxy.example:3128'}, "
                f"got {type(proxies).__name__}; one proxy for all is proxy="
            )
        rules = {}
        for pattern, value in proxies.items():
            rule = _Rule(pattern)
            if rule.key in rules:
                raise InvalidOptionError(f"proxies=: {pattern!r} says the same as another pattern")
            rules[rule.key] = (rule, Proxy.of(value, f"proxies={{{pattern!r}: ...}}"))
        self._rules = sorted(rules.values(), key=lambda entry: entry[0].rank, reverse=True)

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """The proxy for `origin`, None if it is reached directly."""
        for rule, proxy in self._rules:
            if rule.matches(origin):
                return proxy
        return None


class _Rule:
    """One pattern of `proxies=`, taken apart."""

    __slots__ = ("domain", "host", "port", "scheme")

    def __init__(self, pattern: object) -> None:
        shown = repr(pattern)[:80] if isinstance(pattern, str) else type(pattern).__name__
        text = pattern.lower() if isinstance(pattern, str) else ""
        scheme, separator, rest = text.partition("://")
        if not separator or scheme not in {"all", "http", "https"} or "@" in rest:
            raise InvalidOptionError(
                f"proxies=: {'***' if '@' in rest else shown} is no pattern; patterns are "
                "'all://', 'http://', 'https://' or one of them with a host, such as "
                "'https://api.example.com', 'http://api.example.com:8080' or 'all://*.example.com'"
            )
        self.scheme = "" if scheme == "all" else scheme
        self.domain = rest.startswith("*.")
        self.host = ""
        self.port: int | None = None
        if not rest:
            return
        try:
            parts = parse_reference(f"http://{rest.removeprefix('*.')}")
        except InvalidURLError as error:
            reason = error.message.rpartition(": ")[2]
            raise InvalidOptionError(
                f"proxies=: the pattern {shown} is invalid: {reason}"
            ) from None
        if parts.path != "/" or parts.query is not None or parts.fragment:
            raise InvalidOptionError(
                f"proxies=: the pattern {shown} goes on after its host; proxies are chosen by "
                "scheme, host and port"
            )
        self.host = parts.host
        self.port = parts.port

    @property
    def key(self) -> tuple[str, bool, str, int | None]:
        """What makes two patterns the same."""
        return self.scheme, self.domain, self.host, self.port

    @property
    def rank(self) -> tuple[bool, int, bool, bool]:
        """The more specific, the greater."""
        exact = bool(self.host) and not self.domain
        return exact, len(self.host), self.port is not None, bool(self.scheme)

    def matches(self, origin: Origin) -> bool:
        if self.scheme and self.scheme != origin.scheme:
            return False
        if self.port is not None and self.port != origin.port:
            return False
        if self.domain:
            return origin.host.endswith(f".{self.host}")
        return not self.host or self.host == origin.host


class RouteChooser:
    """Remembers the route to each origin, so that a call looks it up in one step."""

    __slots__ = ("_choose", "_routes")

    def __init__(self, choose: Chooser) -> None:
        self._choose = choose
        self._routes: dict[Origin, Route] = {}

    def route_to(self, origin: Origin) -> Route:
        """The origin itself if it is reached directly, else it and its proxy."""
        route = self._routes.get(origin)
        if route is None:
            proxy = self._choose(origin)
            route = origin if proxy is None else ProxiedOrigin(*origin, proxy)
            if len(self._routes) >= _REMEMBERED:
                # All at once: one atomic step, which no other thread sees half done.
                self._routes.clear()
            self._routes[origin] = route
        return route


def choose_proxies(
    proxy: ProxyInput, proxies: ProxiesInput | None, *, given: bool, environ: Mapping[str, str]
) -> RouteChooser | None:
    """Return how to choose, None where everything is reached directly.

    `given` says that `proxy` was, be it as None. What the caller gave beats `environ`, which is
    empty where it is not to be trusted. Raises InvalidOptionError.
    """
    if given and proxies is not None:
        raise InvalidOptionError(
            "proxy= and proxies= were both given; proxies={'all://': ...} is the same as proxy="
        )
    if given:
        one = Proxy.of(proxy)
        return None if one is None else RouteChooser(lambda _: one)
    if proxies is not None:
        return RouteChooser(ProxyPatterns(proxies).proxy_for) if proxies else None
    from antiphon.policies.proxy_environment import proxies_of_environment

    choose = proxies_of_environment(environ)
    return None if choose is None else RouteChooser(choose)
