"""How many connections a client may hold, and for how long."""

from __future__ import annotations

import attrs

from antiphon.errors import InvalidOptionError


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds of the connection pool; None is no bound. Raises InvalidOptionError for bad values."""

    max_connections: int | None = 100
    """Open connections in all, busy and idle."""
    max_connections_per_origin: int | None = None
    """Open connections to one scheme, host and port."""
    max_idle_connections: int | None = 20
    """Connections kept for later use; 0 closes each after its response."""
    idle_timeout: float | None = 30.0
    """Seconds for which an idle connection is kept."""

    def __attrs_post_init__(self) -> None:
        _check_count("max_connections", self.max_connections, least=1)
        _check_count("max_connections_per_origin", self.max_connections_per_origin, least=1)
        _check_count("max_idle_connections", self.max_idle_connections, least=0)
        idle = self.idle_timeout
        if idle is None:
            return
        if isinstance(idle, bool) or not isinstance(idle, (int, float)):
            msg = f"limits.idle_timeout: expected seconds or None, got {type(idle).__name__}"
            raise InvalidOptionError(msg)
        if not 0 <= idle < float("inf"):
            msg = f"limits.idle_timeout: expected finite seconds >= 0 or None, got {idle!r}"
            raise InvalidOptionError(msg)


def _check_count(name: str, value: object, least: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"limits.{name}: expected a whole number or None, got {type(value).__name__}"
        raise InvalidOptionError(msg)
    if value < least:
        msg = f"limits.{name}: expected a number >= {least} or None for no bound, got {value}"
        raise InvalidOptionError(msg)
