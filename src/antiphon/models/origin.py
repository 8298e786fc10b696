"""Where a connection goes: scheme, host and port (RFC 6454, section 4)."""

from __future__ import annotations

from typing import NamedTuple

# RFC 9110, sections 4.2.1 and 4.2.2: the only schemes that can be requested, and their ports.
DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port of a URL: what decides whether credentials may follow.

    `scheme` is "http" or "https", `host` is lower case and without brackets, `port` is the port
    that is connected to. `str(origin)` leaves the default port of the scheme out.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        if DEFAULT_PORTS.get(self.scheme) == self.port:
            return f"{self.scheme}://{host}"
        return f"{self.scheme}://{host}:{self.port}"
