"""Which proxy a request goes through, if any: by the caller's settings, or the environment's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from antiphon.errors import InvalidOptionError
from antiphon.policies.origin_patterns import OriginPatterns
from antiphon.policies.proxy import ProxiedOrigin, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from antiphon.models.origin import Origin
    from antiphon.policies.proxy import ProxyInput, Route

ProxiesInput: TypeAlias = "Mapping[str, Proxy | str | None]"
"""What `proxies=` takes: a proxy, or None for direct connections, by pattern of URL."""

# What was decided for an origin is kept for so many of them; deciding again is cheap enough.
_REMEMBERED = 1024

Chooser: TypeAlias = "Callable[[Origin], Proxy | None]"


class ProxyPatterns:
    """`proxies={pattern: proxy}`: the most specific pattern that an origin matches decides."""

    __slots__ = ("_patterns",)

    def __init__(self, proxies: ProxiesInput) -> None:
        self._patterns: OriginPatterns[Proxy | None] = OriginPatterns(
            "proxies",
            proxies,
            Proxy.of,
            "{'https://': 'http://proxy.example:3128'}",
            "; one proxy for all is proxy=",
        )

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """The proxy for `origin`, None if it is reached directly."""
        return self._patterns.find(origin, None)


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
