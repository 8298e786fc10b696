"""How long each phase of a call may wait."""

from __future__ import annotations

import sys
from typing import Final

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.unset import UNSET, Unset

_PHASES = ("connect", "read", "write", "pool")
_DEFAULT_CONNECT = 5.0
_DEFAULT_READ = 30.0
_DEFAULT_WRITE = 30.0
_DEFAULT_POOL = 5.0
_DEFAULT_TOTAL = None
# What curl waits; RFC 9110 section 10.1.1 only says that it should not be forever.
_DEFAULT_EXPECT = 1.0
# An int can be larger than any float, and clocks count in floats.
_LARGEST = sys.float_info.max


@attrs.frozen(init=False)
class Timeout:
    """Limits on the phases of a call, in seconds; None is no limit.

    `Timeout(5)` sets connect, read, write and pool; `Timeout(connect=3, total=60)` sets what is
    named and leaves the rest at the defaults (connect 5, read 30, write 30, pool 5, total None,
    expect 1); a named phase beats the number. Raises InvalidOptionError for anything but a finite
    number >= 0.
    """

    connect: float | None
    """Resolution, TCP, tunnel and TLS together."""
    read: float | None
    """Each wait for bytes of the response."""
    write: float | None
    """Each wait for the peer to take bytes of the request."""
    pool: float | None
    """The wait for a free connection."""
    total: float | None
    """The whole call: retries, redirects and body included."""
    expect: float | None
    """The wait for `100 Continue`; after it the body is sent all the same."""

    def __init__(
        self,
        all: float | Unset | None = UNSET,  # noqa: A002 - reads as it is meant
        *,
        connect: float | Unset | None = UNSET,
        read: float | Unset | None = UNSET,
        write: float | Unset | None = UNSET,
        pool: float | Unset | None = UNSET,
        total: float | Unset | None = UNSET,
        expect: float | Unset | None = UNSET,
    ) -> None:
        if all is UNSET:
            defaults: tuple[float | None, ...] = (
                _DEFAULT_CONNECT,
                _DEFAULT_READ,
                _DEFAULT_WRITE,
                _DEFAULT_POOL,
            )
        else:
            defaults = (_seconds("timeout", all),) * 4
        # A frozen class is filled in past its own __setattr__.
        fill = object.__setattr__
        given = (connect, read, write, pool)
        for name, value, default in zip(_PHASES, given, defaults, strict=True):
            fill(self, name, default if value is UNSET else _seconds(f"timeout.{name}", value))
        fill(self, "total", _DEFAULT_TOTAL if total is UNSET else _seconds("timeout.total", total))
        fill(
            self,
            "expect",
            _DEFAULT_EXPECT if expect is UNSET else _seconds("timeout.expect", expect),
        )

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """Return `value` as a Timeout: itself, a number for the four phases, None for no limit."""
        if isinstance(value, Timeout):
            return value
        return cls(value)


def _seconds(name: str, value: object) -> float | None:
    """Return `value` as seconds, refusing what cannot be a limit."""
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # Written so that NaN, which compares false with everything, is refused as well.
        if 0 <= value <= _LARGEST:
            return float(value)
        shown = repr(value)[:40]
    else:
        shown = f"a value of type {type(value).__name__}"
    msg = (
        f"{name}: {shown} is no limit in seconds; give a finite number >= 0, None for no limit, "
        "or name the phases: Timeout(connect=3, read=10, total=60)"
    )
    raise InvalidOptionError(msg)


DEFAULT_TIMEOUT: Final = Timeout()
"""Connect 5 s, read and write 30 s a wait, pool 5 s, no total."""
