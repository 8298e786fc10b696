"""Proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.policies.no_proxy import NoProxy
from antiphon.policies.proxy import Proxy
from antiphon.policies.proxy_variables import PROXY_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from antiphon.models.origin import Origin


def proxies_of_environment(environ: Mapping[str, str]) -> Callable[[Origin], Proxy | None] | None:
    """Return a function that says which proxy an origin is for, None if there are no proxies.

    A variable in lower case beats its twin in upper case, also by being empty, which is no proxy.
    `HTTP_PROXY` in upper case does not count where REQUEST_METHOD is set: in a CGI program it is
    what a request's header `Proxy:` said (CVE-2016-5385, "httpoxy"). Raises InvalidOptionError
    that names the variable, never its value.
    """
    found: dict[str, Proxy | None] = {}
    for variable in PROXY_VARIABLES:
        name = _name(variable, environ)
        if name is not None:
            found[variable] = (
                Proxy.of(environ[name].strip(), name) if environ[name].strip() else None
            )
    everything = found.get("all_proxy")
    by_scheme = {
        "http": found.get("http_proxy", everything),
        "https": found.get("https_proxy", everything),
    }
    if not any(by_scheme.values()):
        return None
    name = _name("no_proxy", environ)
    direct = NoProxy("" if name is None else environ[name])

    def choose(origin: Origin) -> Proxy | None:
        proxy = by_scheme.get(origin.scheme)
        return None if proxy is None or direct.covers(origin) else proxy

    return choose


def _name(variable: str, environ: Mapping[str, str]) -> str | None:
    """The spelling in which `environ` has `variable`, lower case first."""
    if variable in environ:
        return variable
    upper = variable.upper()
    if upper not in environ or (upper == "HTTP_PROXY" and "REQUEST_METHOD" in environ):
        return None
    return upper
