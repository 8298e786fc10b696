"""Requests for a proxy that forwards them (RFC 9112, section 3.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request


def forwarded(request: Request, proxy_lines: Headers, extra: bytes) -> tuple[str, bytes]:
    """Return the target in absolute form, and the lines of the head with the proxy's own added.

    What the request itself says in a field takes the place of what is said to every proxy.
    """
    url = request.url
    for name in request.headers:
        if name in proxy_lines:
            proxy_lines = proxy_lines.without(name)
    return f"{url.scheme}://{url.host_header}{url.target}", extra + proxy_lines.wire
