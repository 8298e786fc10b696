"""Whether a client has proxies at all: what decides it is imported only where it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.models.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from antiphon.models.connecting import Connecting
    from antiphon.models.unset import Unset
    from antiphon.policies.proxy import ProxyInput
    from antiphon.policies.proxy_choice import ProxiesInput, RouteChooser

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
"""The variables that name proxies, in lower case."""


def routes_of_client(
    proxy: ProxyInput | Unset,
    proxies: ProxiesInput | None,
    connecting: Connecting | None,
    environ: Mapping[str, str],
) -> RouteChooser | None:
    """Return what chooses the route to an origin; None where all are reached directly.

    Raises InvalidOptionError for settings that contradict each other, or that cannot be meant.
    """
    given = proxy is not UNSET
    if connecting is not None and connecting.uds is not None:
        if proxies or (given and proxy is not None):
            raise InvalidOptionError(
                "Connecting(uds=...): a unix socket is connected to directly; "
                "leave proxy= and proxies= out"
            )
        return None
    if not given and proxies is None:
        # A plain dict, as `os.environ` on Windows knows no upper and lower case.
        environ = dict(environ)
        if not any(name in environ or name.upper() in environ for name in PROXY_VARIABLES):
            return None
    from antiphon.policies.proxy_choice import choose_proxies

    return choose_proxies(
        None if proxy is UNSET else proxy,
        proxies,
        given=given,
        environ=environ,
    )
