"""`DeadlineHeader`: tells the server how much time is left for its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, get_args

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.header_checks import checked_name

if TYPE_CHECKING:
    from antiphon.models.request import Request

Unit: TypeAlias = Literal["ms", "s", "grpc"]
"""How a time is written: milliseconds, seconds with three decimals, or as gRPC does."""

DEADLINE_HEADER = "X-Envoy-Expected-Rq-Timeout-Ms"
"""There is no standard. This is what Envoy, and meshes made of it, tell the servers behind them."""

# "TimeoutValue -> {positive integer as ASCII string of at most 8 digits}" (gRPC over HTTP/2).
_LONGEST_GRPC = 99_999_999
# Who waits for longer than three years is told of these; no server counts in larger numbers.
_LONGEST_SECONDS = float(_LONGEST_GRPC)


def _known_unit(_policy: object, _field: object, value: Unit) -> None:
    if value not in get_args(Unit):
        raise InvalidOptionError(f'DeadlineHeader(unit={value!r}): must be "ms", "s" or "grpc"')


@attrs.frozen
class DeadlineHeader:
    """Sends what is left of the call's deadline along with each attempt.

    `header`: its name. `unit`: "ms" for whole milliseconds, "s" for seconds ("1.250"), "grpc" for
    the form of `grpc-timeout` ("1250m"). A call without a deadline sends none, and a header that
    the caller gives wins. Raises InvalidOptionError and InvalidHeaderError for settings that cannot
    work.
    """

    policy_kind: ClassVar[str] = "deadline_header"

    header: str = attrs.field(default=DEADLINE_HEADER, converter=checked_name)
    unit: Unit = attrs.field(default="ms", kw_only=True, validator=_known_unit)

    def timed(self, request: Request, remaining: float | None) -> Request:
        """Return `request` with `remaining` seconds in its header; itself if that is None."""
        if remaining is None or self.header in request.headers:
            return request
        return request.with_header(self.header, written(remaining, self.unit))


def written(seconds: float, unit: Unit) -> str:
    """Return a time as text, rounded down: who is told of less time is never late because of it."""
    milliseconds = int(min(seconds, _LONGEST_SECONDS) * 1000)
    if unit == "ms":
        return str(milliseconds)
    if unit == "s":
        return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
    if milliseconds <= _LONGEST_GRPC:
        return f"{milliseconds}m"
    return f"{milliseconds // 1000}S"
