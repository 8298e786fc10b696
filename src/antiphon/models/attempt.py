"""`Attempt`: the record of one try at a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.models.frozen_late import filled_in, freeze

if TYPE_CHECKING:
    from antiphon.models.url import URL


@filled_in(eq=False, repr=False)
class _Fields:
    """What an attempt is made of, while it is being made."""

    number: int
    method: str
    url: URL
    status: int | None = None
    error: BaseException | None = attrs.field(default=None, eq=id)
    started: float = 0.0
    elapsed: float = 0.0
    delay: float | None = None
    resent: bool = False
    copies: int = attrs.field(default=0, kw_only=True)
    winner: int = attrs.field(default=0, kw_only=True)


@attrs.frozen(slots=True, repr=False)
class Attempt(_Fields):
    """One try: what was asked, how it ended and how long it took.

    Exactly one of `status` and `error` is set. `started` counts from the start of the call,
    `elapsed` from there to the outcome (the body included where it was loaded), and `delay` is the
    wait before the next attempt; all three in seconds. A connection that was found dead and
    replaced inside an attempt shows as `resent`. `copies` counts the copies that a `Hedge` sent
    beside the first request; `winner` is 0 if the outcome is that of the first, else the number of
    the copy that it is of.
    """

    def redacted(self) -> Attempt:
        """Return a copy whose URL has no secret parameters, itself if it has none."""
        url = self.url.without_secrets()
        return self if url is self.url else attrs.evolve(self, url=url)

    def __repr__(self) -> str:
        """Show the outcome in one bounded line; the error by its class only."""
        outcome = self.status if self.error is None else type(self.error).__name__
        hedged = f", by copy {self.winner} of {self.copies}" if self.winner else ""
        return (
            f"<Attempt {self.number}: {self.method} {self.url.redacted} -> {outcome} "
            f"in {self.elapsed:.3f} s{hedged}>"
        )


def attempt_of(
    number: int,
    method: str,
    url: URL,
    status: int | None,
    error: BaseException | None,
    started: float,
    elapsed: float,
    delay: float | None,
    resent: bool,
    copies: int,
    winner: int,
) -> Attempt:
    """Return `Attempt(...)` in half the time: every call makes one, successful or not."""
    fields = _Fields(
        number,
        method,
        url,
        status,
        error,
        started,
        elapsed,
        delay,
        resent,
        copies=copies,
        winner=winner,
    )
    return freeze(fields, Attempt)
